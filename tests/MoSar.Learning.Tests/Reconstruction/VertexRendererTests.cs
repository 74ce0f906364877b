using System.Numerics;
using MoSar.Graphics;
using MoSar.Graphics.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class VertexRendererTests
{
    private static readonly Mesh s_head = Bodies.Head(13, 21);
    private static readonly MeshTopology s_topology = new(s_head.Template);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Normals_are_those_of_eager_operators_with_their_gradients(int rows) =>
        GradientCheck.Same([Heads(rows)], i => VertexNormals.Of(i[0], s_topology), i => EagerRenderer.Normals(i[0], s_topology));

    [Fact]
    public void Normals_gradient_is_that_of_differences() => GradientCheck.Differences([Heads(2)], i => VertexNormals.Of(i[0], s_topology), 0.02f, 2e-3);

    [Fact]
    public void Normals_are_the_graphics_librarys()
    {
        using var scope = NewDisposeScope();
        var got = VertexNormals.Of(Stack(s_head.Positions), s_topology);
        GradientCheck.Near("normals", got, Stack(MeshNormals.AreaWeighted(s_head.Positions, s_head.Template.Triangles)), 2e-6);
    }

    [Fact]
    public void A_vertex_without_area_has_a_normal_and_no_gradient()
    {
        using var scope = NewDisposeScope();
        var topology = new MeshTopology(3, [0, 1, 2]);
        var flat = tensor(new float[] { 0, 0, 0, 1, 0, 0, 2, 0, 0 }, [1, 3, 3]).requires_grad_(true);
        var normals = VertexNormals.Of(flat, topology);
        normals.sum().backward();
        Assert.Equal([0f, 1, 0], normals.detach().select(1, 0).data<float>().ToArray());
        Assert.Equal(0, flat.grad!.abs().max().item<float>());
    }

    [Fact]
    public void Shading_is_that_of_eager_operators_with_its_gradients()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        GradientCheck.Same([Unit(randn(3, 61, 3)).requires_grad_(true), randn(3, 9, 3).requires_grad_(true), rand(3, 61, 3).requires_grad_(true)], i => VertexShading.Shade(i[0], i[1], i[2]), i => EagerRenderer.Shade(i[0], i[1], i[2]));
        GradientCheck.Differences([Unit(randn(2, 17, 3)).requires_grad_(true), randn(2, 9, 3).requires_grad_(true), rand(2, 17, 3).requires_grad_(true)], i => VertexShading.Shade(i[0], i[1], i[2]), 0.02f, 2e-3);
    }

    [Fact]
    public void Shading_is_the_reflected_light_by_quadrature()
    {
        // Radiance of bands 0 to 2; a white Lambertian surface reflects its cosine-weighted integral (1/pi is in the light's unit).
        using var scope = NewDisposeScope();
        manual_seed(2);
        var light = randn(1, 9, 3);
        var normal = Vector3.Normalize(new Vector3(0.3f, -0.5f, 0.8f));
        var coefficients = light.data<float>().ToArray();
        var want = new double[3];

        // The clamped cosine is no polynomial, but against bands 0 to 2 only its own bands 0 to 2 count: a fine rule integrates them.
        Span<double> y = stackalloc double[9];
        foreach (var (x, yy, z, w) in SphereQuadrature.Exact(400))
        {
            SphericalHarmonics.Evaluate(2, x, yy, z, y);
            var cosine = Math.Max(0, (x * normal.X) + (yy * normal.Y) + (z * normal.Z));
            for (var k = 0; k < 27; k++)
            {
                want[k % 3] += w * cosine * y[k / 3] * coefficients[k];
            }
        }

        var got = VertexShading.Shade(Stack([normal]), light, ones(1, 1, 3)).data<float>().ToArray();
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal(want[c], got[c], 1e-3);
        }
    }

    [Fact]
    public void White_in_uniform_light_is_white()
    {
        using var scope = NewDisposeScope();
        var light = Stack(ShLight.Uniform.Coefficients);
        Assert.True((VertexShading.Shade(Unit(randn(1, 20, 3)), light, ones(1, 20, 3)) - 1).abs().max().item<float>() < 1e-6f);
    }

    [Fact]
    public void Projection_is_that_of_eager_operators_with_its_gradients()
    {
        using var scope = NewDisposeScope();
        var camera = Camera(2);
        Tensor[] inputs = [Heads(2), camera.Rotation, camera.Translation, camera.LogFocal, camera.Principal];
        CameraTensors Of(Tensor[] i) => new(i[1], i[2], i[3], i[4]);
        GradientCheck.Same(inputs, i => PerspectiveProjection.Project(i[0], Of(i)), i => EagerRenderer.Project(i[0], Of(i)));
    }

    [Fact]
    public void Projection_is_the_pinhole_cameras()
    {
        using var scope = NewDisposeScope();
        var camera = Camera(2);
        var pixels = PerspectiveProjection.Project(Heads(2), camera).detach();
        for (var row = 0; row < 2; row++)
        {
            var (pinhole, own) = (camera.Pinhole(row), Heads(2).detach().select(0, row).contiguous().data<float>().ToArray());
            var got = pixels.select(0, row).contiguous().data<float>().ToArray();
            for (var v = 0; v < s_topology.VertexCount; v++)
            {
                var want = pinhole.Project(new Vector3(own[3 * v], own[(3 * v) + 1], own[(3 * v) + 2]));
                Assert.Equal(want.X, got[2 * v], 1e-2f);
                Assert.Equal(want.Y, got[(2 * v) + 1], 1e-2f);
            }
        }

        var again = CameraTensors.From([camera.Pinhole(0), camera.Pinhole(1)]);
        GradientCheck.Near("translation", again.Translation, camera.Translation, 1e-6);
        GradientCheck.Near("log focal", again.LogFocal, camera.LogFocal, 1e-6);
    }

    [Fact]
    public void What_lies_behind_the_camera_stays_finite()
    {
        using var scope = NewDisposeScope();
        var camera = Camera(1);
        var points = tensor(new float[] { 0, 0, 5000, 10, 10, 900 }, [1, 2, 3]).requires_grad_(true);
        var pixels = PerspectiveProjection.Project(points, camera);
        pixels.sum().backward();
        Assert.True(pixels.isfinite().all().item<bool>() && points.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Six_numbers_make_a_proper_rotation()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var r = CameraTensors.RotationOf(randn(5, 6)).to(float64);
        GradientCheck.Near("R·Rᵀ", r.matmul(r.transpose(1, 2)), eye(3, dtype: float64).expand(5, 3, 3), 1e-6);
        Assert.True((r.det() - 1).abs().max().item<double>() < 1e-6);
        GradientCheck.Near("identity", CameraTensors.RotationOf(tensor(new float[] { 1, 0, 0, 0, 1, 0 }, [1, 6])), eye(3).unsqueeze(0), 1e-7);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sampling_is_that_of_eager_operators_with_its_gradients(bool channelsLast)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var image = rand(2, 3, 9, 13);
        var (planar, positions) = (image, ((rand(2, 50, 2) * tensor(new float[] { 12, 8 })) + 0.5).requires_grad_(true));
        image = channelsLast ? image.to_channels_last() : image;
        GradientCheck.Same([image, positions], i => ImageSampling.Sample(i[0], i[1]), i => EagerRenderer.Sample(planar.to(float64), i[1]));
    }

    [Fact]
    public void Samples_at_centres_are_the_pixels_and_outside_there_is_nothing()
    {
        using var scope = NewDisposeScope();
        var image = rand(1, 3, 4, 5);
        var positions = tensor(new[] { 0.5f, 0.5f, 4.5f, 3.5f, 2.5f, 1.5f, 0.4f, 2, 3, 3.6f, float.NaN, 1 }, [1, 6, 2]).requires_grad_(true);
        var samples = ImageSampling.Sample(image, positions);
        samples.sum().backward();
        var (got, pixels) = (samples.detach().data<float>().ToArray(), image.data<float>().ToArray());
        for (var c = 0; c < 3; c++)
        {
            Assert.Equal([pixels[c * 20], pixels[(c * 20) + 19], pixels[(c * 20) + 7], 0, 0, 0], Enumerable.Range(0, 6).Select(i => got[(3 * i) + c]));
        }

        Assert.Equal([1f, 1, 1, 0, 0, 0], ImageSampling.Inside(positions, 5, 4).data<float>().ToArray());
        Assert.Equal(0, positions.grad!.narrow(1, 3, 3).abs().max().item<float>());
    }

    [Fact]
    public void All_gradients_have_the_same_bits_every_time()
    {
        using var scope = NewDisposeScope();
        float[] Once()
        {
            var (vertices, camera) = (Heads(5), Camera(5));
            manual_seed(9);
            var (image, light, albedo) = (rand(5, 3, 32, 32), randn(5, 9, 3).requires_grad_(true), rand(5, s_topology.VertexCount, 3).requires_grad_(true));
            var normals = VertexNormals.Of(vertices, s_topology);
            var pixels = PerspectiveProjection.Project(vertices, camera);
            var weights = VertexVisibility.Of(vertices, normals, camera, s_topology, 32, 32);
            var loss = PhotoLoss.Of(VertexShading.Shade(normals, light, albedo), ImageSampling.Sample(image, pixels), weights) + new LaplacianLoss(s_topology).Of(vertices);
            loss.backward();
            return [.. new[] { vertices, camera.Rotation, camera.Translation, camera.LogFocal, light, albedo }.SelectMany(t => t.grad!.contiguous().data<float>().ToArray()), loss.item<float>()];
        }

        var first = Once();
        Assert.DoesNotContain(first, v => !float.IsFinite(v));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(first, Once());
        }
    }

    [Fact]
    public void A_wrong_shape_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => VertexShading.Shade(rand(2, 5, 3), rand(2, 4, 3), rand(2, 5, 3)));
        Assert.Equal("light must be [2, 9, 3], not [2, 4, 3].", error.Message);
    }

    /// <summary>Heads with every vertex a little moved, about 900 mm from the camera below.</summary>
    private static Tensor Heads(int rows)
    {
        manual_seed(11);
        return (Stack(s_head.Positions) + (randn(rows, s_head.Positions.Length, 3) * 2)).detach().requires_grad_(true);
    }

    private static CameraTensors Camera(int rows)
    {
        manual_seed(12);
        var six = tensor(new float[] { 1, 0, 0, 0, 1, 0 }, [1, 6]) + (randn(rows, 6) * 0.2);
        var t = tensor(new float[] { 5, -10, -900 }, [1, 3]) + (randn(rows, 3) * 20);
        return new CameraTensors(
            CameraTensors.RotationOf(six).detach().requires_grad_(true), t.detach().requires_grad_(true), (log(tensor(new[] { 100f })) + (randn(rows) * 0.1)).detach().requires_grad_(true), ones(rows, 2) * 16);
    }

    private static Tensor Stack(Vector3[] v) => tensor(v.SelectMany(p => new[] { p.X, p.Y, p.Z }).ToArray(), [1, v.Length, 3]);

    private static Tensor Unit(Tensor t) => t / (t * t).sum(2, keepdim: true).sqrt();
}
