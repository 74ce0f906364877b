using System.Numerics;
using MoSar.Graphics.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class LossTests
{
    private static readonly Mesh s_head = Bodies.Head(13, 21);
    private static readonly MeshTopology s_topology = new(s_head.Template);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Photo_is_that_of_eager_operators_with_its_gradients(bool encoded)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var weights = rand(3, 53) * (rand(3, 53) > 0.4).to(float32);
        GradientCheck.Same(
            [(rand(3, 53, 3) * rand(3, 53, 3)).detach().requires_grad_(true), (rand(3, 53, 3) * rand(3, 53, 3) * 0.98).detach().requires_grad_(true), weights],
            i => PhotoLoss.Of(i[0], i[1], i[2], encoded),
            i =>
            {
                Tensor Encode(Tensor x) => encoded ? where(x <= 0.0031308, x * 12.92, (x.clamp_min(1e-5).pow(1 / 2.4) * 1.055) - 0.055) : x;
                return (((Encode(i[0]) - Encode(i[1])).abs().mean([2]) * i[2]).sum(1) / i[2].sum(1)).mean();
            });
    }

    [Fact]
    public void Photo_does_not_ask_a_clipped_pixel_how_bright_it_was()
    {
        using var scope = NewDisposeScope();
        var colours = (ones(1, 1, 3) * 1.7).detach().requires_grad_(true);
        var loss = PhotoLoss.Of(colours, ones(1, 1, 3), ones(1, 1));
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Assert.Equal(0, colours.grad!.abs().max().item<float>());
        Assert.True(PhotoLoss.Of(colours, ones(1, 1, 3) * 0.9, ones(1, 1)).item<float>() > 0.1f);
    }

    [Fact]
    public void Photo_of_a_row_that_shows_nothing_is_nothing()
    {
        using var scope = NewDisposeScope();
        var colours = rand(2, 4, 3).requires_grad_(true);
        var loss = PhotoLoss.Of(colours, zeros(2, 4, 3), tensor(new float[] { 0, 0, 0, 0, 1, 1, 1, 1 }, [2, 4]), encoded: false);
        loss.backward();
        Assert.Equal(colours.detach().select(0, 1).mean().item<float>() / 2, loss.item<float>(), 1e-6f);
        Assert.Equal(0, colours.grad!.select(0, 0).abs().max().item<float>());
    }

    [Theory]
    [InlineData(LaplacianKind.Uniform, false)]
    [InlineData(LaplacianKind.Uniform, true)]
    [InlineData(LaplacianKind.Cotangent, true)]
    public void Laplacian_has_the_gradient_of_differences_and_is_nothing_at_its_reference(LaplacianKind kind, bool relative)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var loss = new LaplacianLoss(s_topology, kind, s_head.Positions, relative);
        var still = Stack(s_head.Positions);
        var moved = (still + (randn(2, s_head.Positions.Length, 3) * 5)).detach().requires_grad_(true);
        GradientCheck.Differences([moved], i => loss.Of(i[0]).reshape(1), 0.05f, 2e-3);
        var rest = loss.Of(still).item<float>();
        Assert.True(relative ? rest < 1e-4f : rest > 0.1f, $"{rest} mm");
    }

    [Fact]
    public void Laplacian_of_a_uniform_ring_is_the_distance_from_its_middle()
    {
        using var scope = NewDisposeScope();
        var topology = new MeshTopology(4, [0, 1, 2, 0, 2, 3, 0, 3, 1, 1, 3, 2]);
        Vector3[] corners = [new(1, 1, 1), new(1, -1, -1), new(-1, 1, -1), new(-1, -1, 1)];

        // A regular tetrahedron about 0: the mean of three corners is −⅓ of the fourth.
        Assert.Equal(MathF.Sqrt(3) * 4 / 3, new LaplacianLoss(topology).Of(Stack(corners)).item<float>(), 1e-5f);
        Assert.Equal(MathF.Sqrt(3) * 4 / 3, new LaplacianLoss(topology, LaplacianKind.Cotangent, corners).Of(Stack(corners)).item<float>(), 1e-5f);
    }

    [Fact]
    public void Landmarks_on_their_places_cost_nothing_and_a_step_costs_its_length()
    {
        using var scope = NewDisposeScope();
        var template = Template();
        var (loss, pixels) = (new LandmarkLoss(template), Pixels(1));
        var landmarks = loss.Project(pixels);
        Assert.Equal(0, loss.Of(pixels, landmarks, ones(1, 68)).item<float>(), 1e-2f);

        // Inner points feel every step; the jaw only steps across itself.
        var aside = landmarks + tensor(new float[] { 3, 4 });
        var weights = cat([zeros(1, 17), ones(1, 51)], 1);
        Assert.Equal(5, loss.Of(pixels, aside, weights).item<float>(), 1e-2f);
        Assert.True(loss.Of(pixels, aside, ones(1, 68) - weights).item<float>() < 5);
    }

    [Fact]
    public void Landmarks_of_a_known_head_are_those_of_its_projection()
    {
        using var scope = NewDisposeScope();
        var loss = new LandmarkLoss(Template());
        var (sin, cos) = Math.SinCos(0.5);
        var camera = new PinholeCamera(400, 400, 64, 70, [cos, 0, sin, 0, 1, 0, -sin, 0, cos], new Vector3(4, 5, -900));
        var want = loss.Project(PerspectiveProjection.Project(Stack(s_head.Positions), CameraTensors.From([camera]))).data<float>().ToArray();
        var got = loss.Project(s_head.Positions, camera);
        for (var i = 0; i < 68; i++)
        {
            // Perspective within a triangle is what the projection of a batch leaves out.
            Assert.Equal(want[2 * i], got[i].X, 0.2f);
            Assert.Equal(want[(2 * i) + 1], got[i].Y, 0.2f);
        }
    }

    [Fact]
    public void Landmarks_have_the_gradient_of_differences()
    {
        using var scope = NewDisposeScope();
        var loss = new LandmarkLoss(Template());
        var pixels = Pixels(2).detach().requires_grad_(true);
        manual_seed(6);
        var landmarks = loss.Project(pixels) + (randn(2, 68, 2) * 4);
        var weights = rand(2, 68);

        // Steps so small that no point slides on to another candidate or segment.
        GradientCheck.Differences([pixels], i => loss.Of(i[0], landmarks, weights).reshape(1), 2e-2f, 5e-3);
    }

    [Fact]
    public void Priors_are_what_their_descriptions_say()
    {
        using var scope = NewDisposeScope();
        var grey = randn(2, 9, 1).expand(2, 9, 3);
        Assert.Equal(0, LightLoss.Of(grey).item<float>(), 1e-7f);
        Assert.Equal(2f / 3, LightLoss.Of(tensor(new float[] { 1, 2, 3 }, [1, 1, 3])).item<float>(), 1e-6f);
        Assert.Equal(0.5f, ExpressionLoss.Of(tensor(new float[] { 0.5f, -0.25f, 0.75f, 0.5f }, [2, 2])).item<float>(), 1e-6f);
        Assert.Equal(2.5f, AlbedoLoss.Of(tensor(new float[] { 1, -2 }, [1, 2])).item<float>(), 1e-6f);
    }

    [Fact]
    public void Meshes_are_compared_in_millimetres_and_cosines()
    {
        using var scope = NewDisposeScope();
        var still = Stack(s_head.Positions);
        Assert.Equal(5, VertexLoss.Of(still + tensor(new float[] { 3, 0, 4 }), still).item<float>(), 1e-3f);
        var weights = zeros(s_head.Positions.Length);
        weights.narrow(0, 3, 1).fill_(2);
        var one = still.clone();
        one.select(1, 3).select(1, 1).add_(7);
        Assert.Equal(7, VertexLoss.Of(one, still, weights).item<float>(), 1e-3f);
        var up = tensor(new float[] { 0, 1, 0 }, [1, 1, 3]);
        Assert.Equal(1, NormalLoss.Of(up, tensor(new float[] { 1, 0, 0 }, [1, 1, 3])).item<float>(), 1e-6f);
        Assert.Equal(0, NormalLoss.Of(up, up).item<float>(), 1e-6f);
    }

    [Fact]
    public void AfterTheBestSimilarityOnlyTheShapeCounts()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var truth = randn(2, 50, 3) * tensor(new float[] { 40, 60, 30 });
        var turn = linalg.matrix_exp(tensor(new float[] { 0, -.7f, .2f, .7f, 0, -.4f, -.2f, .4f, 0 }, [3, 3]));
        var placed = (truth.matmul(turn) * 1.3) + tensor(new float[] { 5, -90, 12 });
        Assert.True(VertexLoss.Aligned(placed, truth).item<float>() < 2e-3f);

        // A mirror image is another head.
        Assert.True(VertexLoss.Aligned(placed * tensor(new float[] { -1, 1, 1 }), truth).item<float>() > 5);

        // Weights say what is aligned and what counts.
        var weights = cat([ones(25), zeros(25)], 0);
        var half = cat([placed.narrow(1, 0, 25), placed.narrow(1, 25, 25) + 30], 1);
        Assert.True(VertexLoss.Aligned(half, truth, weights).item<float>() < 2e-3f);
        Assert.True(VertexLoss.Aligned(half, truth).item<float>() > 5);

        // Down the gradient it gets better.
        var bent = placed + (randn_like(placed) * 4);
        var live = bent.clone().requires_grad_(true);
        VertexLoss.Aligned(live, truth).backward();
        Assert.True(live.grad!.isfinite().all().item<bool>());
        var moved = bent - (live.grad * 400);
        Assert.True(VertexLoss.Aligned(moved, truth).item<float>() < 0.9f * VertexLoss.Aligned(bent, truth).item<float>());
    }

    private static Tensor Stack(Vector3[] v) => tensor(v.SelectMany(p => new[] { p.X, p.Y, p.Z }).ToArray(), [1, v.Length, 3]);

    private static Tensor Pixels(int rows)
    {
        var pixels = s_head.Positions.SelectMany(p => new[] { 100 + (p.X * 0.7f) + (p.Z * 0.2f), 100 - (p.Y * 0.7f) }).ToArray();
        return tensor(pixels, [1, s_head.Positions.Length, 2]) + (arange(rows, dtype: float32).reshape(rows, 1, 1) * 3);
    }

    /// <summary>Jaw points along the lower front with three candidates each; the rest spread over the face.</summary>
    private static FaceTemplate Template()
    {
        var triangles = s_head.Template.Triangles.Length / 3;
        int Nearest(Vector3 p) => Enumerable.Range(0, triangles).MinBy(t => Vector3.DistanceSquared(s_head.Positions[s_head.Template.Triangles[3 * t]], p));
        SurfacePoint At(Vector3 p) => new(Nearest(p), new Vector3(0.5f, 0.3f, 0.2f));
        Vector3 Jaw(int i, float depth)
        {
            var (sin, cos) = MathF.SinCos(MathF.PI * i / 16);
            return new Vector3(-70 * cos, -60 * sin, depth);
        }

        return s_head.Template with
        {
            Landmarks = [.. Enumerable.Range(0, 17).Select(i => At(Jaw(i, 40))), .. Enumerable.Range(0, 51).Select(i => At(new Vector3(((i % 8) * 10) - 35, ((i / 8) * 12) - 30, 100)))],
            JawCandidates = [.. Enumerable.Range(0, 17).Select(i => new[] { At(Jaw(i, 60)), At(Jaw(i, 30)), At(Jaw(i, 0)) })],
        };
    }
}
