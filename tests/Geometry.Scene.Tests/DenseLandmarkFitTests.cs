using System.Numerics;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

[ChecksTensorLeaks]
public sealed class DenseLandmarkFitTests
{
    private const int Side = CropInput.Side;

    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
    private static readonly int[] Points = DensePoints.Of(Model.Template, Model.Mean);

    /// <summary>Strangers who turn their heads and open their mouths, near and far, off the picture's middle: exact points must give back what made them.</summary>
    [Fact]
    public void ExactPointsGiveBackHeadExpressionAndCamera()
    {
        using var scope = NewDisposeScope();
        using var shape = SceneNetwork.LinearOf(Model);
        using var decoder = new SceneDecoder(Model, shape);
        using var fit = Fit(decoder);
        var principal = tensor(new[] { 64f, 64, 150, 20, -90, 70 }, [3, 2]);
        var truth = decoder.Decode(Strangers(decoder), principal, Side);
        var found = fit.Run(Seen(truth, logError: -9), principal / Side, shape);
        var made = decoder.Decode(decoder.Numbers(found), principal, Side);

        var pixels = (made.Projected - truth.Projected).index_select(1, tensor([.. Points.Select(p => (long)p)], [Points.Length]));
        Assert.True(pixels.abs().max().item<float>() < 0.5f, $"{pixels.abs().max().item<float>()} pixels");
        for (var row = 0; row < 3; row++)
        {
            var (mean, after) = (Aligned(Model.Mean, truth, row), Aligned(Row(made.Vertices, row), truth, row));
            Assert.True(after < 0.15f * mean, $"row {row}: {after:F2} mm after, {mean:F2} mm of the mean head");
            Assert.True((made.Chi.Expression[row] - truth.Chi.Expression[row]).abs().mean().item<float>() < 0.02f);
            Assert.True((made.Chi.Camera.Rotation[row] - truth.Chi.Camera.Rotation[row]).abs().max().item<float>() < 0.05f);
        }

        Assert.Equal(0, found.narrow(1, decoder.Sizes.Identity + decoder.Sizes.Expression, decoder.Sizes.Albedo + SceneCode.LightLength).abs().max().item<float>());
    }

    [Fact]
    public void WhoDoubtsEverythingSeesTheMeanHeadWherePointsAre()
    {
        using var scope = NewDisposeScope();
        using var shape = SceneNetwork.LinearOf(Model);
        using var decoder = new SceneDecoder(Model, shape);
        using var fit = Fit(decoder);
        var principal = tensor(new[] { 64f, 64, 64, 64, 64, 64 }, [3, 2]);
        var truth = decoder.Decode(Strangers(decoder), principal, Side);
        var found = fit.Run(Seen(truth, logError: 2), principal / Side, shape);
        Assert.True(found.narrow(1, 0, decoder.Sizes.Identity + decoder.Sizes.Expression).abs().max().item<float>() < 0.02f);
        var made = decoder.Decode(decoder.Numbers(found), principal, Side);
        Assert.True((made.Projected - truth.Projected).abs().mean().item<float>() < 2);
    }

    /// <summary>A decoder whose coefficients have habits of their own: who doubts everything gets the usual ones.</summary>
    [Fact]
    public void TheHabitsOfTheDecoderAreTheMiddle()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        using var shape = new PartDecoder(Model.RequireLevels().Levels, new PartGnnOptions { Latents = [1, 1, 1, 1, 1, 1, 1, 2] });
        shape.Expect((randn(64, 9).matmul(randn(9, 9)) * 0.3) + 2);
        using var decoder = new SceneDecoder(Model, shape);
        using var fit = Fit(decoder);
        var principal = tensor(new[] { 64f, 64 }, [1, 2]);
        var usual = shape.Habits!.Value.Mean;
        using var frozen = no_grad();
        var zero = decoder.Decode(zeros(1, decoder.Length), principal, Side);
        var found = fit.Run(Seen(zero, logError: 4), principal / Side, shape);
        Assert.True((found.narrow(1, 0, 9) - usual).abs().max().item<float>() < 0.05f);
    }

    /// <summary>Against finite differences of the whole fit, along random directions of all points.</summary>
    [Fact]
    public void GradientsReachThePoints()
    {
        using var scope = NewDisposeScope();
        using var shape = SceneNetwork.LinearOf(Model);
        using var decoder = new SceneDecoder(Model, shape);
        using var fit = Fit(decoder);
        var principal = tensor(new[] { 64f, 64, 150, 20, -90, 70 }, [3, 2]) / Side;
        var truth = decoder.Decode(Strangers(decoder), principal * Side, Side);
        var found = Seen(truth, logError: -6);
        random.manual_seed(5);
        var direction = randn_like(found.Points) * 0.002;
        Tensor At(double t)
        {
            using var frozen = no_grad();
            return fit.Run(found with { Points = found.Points + (t * direction) }, principal, shape).to(ScalarType.Float64);
        }

        var want = (At(0.1) - At(-0.1)) / 0.2;
        var live = found.Points.clone().requires_grad_(true);
        var code = fit.Run(found with { Points = live }, principal, shape);
        Assert.Equal(At(0), code.detach().to(ScalarType.Float64));

        // What a unit of each number is worth differs: each part of the code by itself. The residual's own curvature, which Gauss and Newton leave out, is a few percent, of the size more.
        var sizes = decoder.Sizes;
        (string, int, int)[] parts =
        [
            ("shape", 0, sizes.Identity), ("expression", sizes.Identity, sizes.Expression), ("rotation", decoder.Length - 10, 6), ("place", decoder.Length - 4, 2), ("size", decoder.Length - 2, 1), ("focal length", decoder.Length - 1, 1),
        ];
        foreach (var (part, from, count) in parts)
        {
            var probe = randn(3, count);
            var slope = autograd.grad([(code.narrow(1, from, count) * probe).sum()], [live], retain_graph: true)[0];
            var (is_, should) = ((slope * direction).sum().item<float>(), (want.narrow(1, from, count) * probe.to(ScalarType.Float64)).sum().item<double>());
            var scale = want.narrow(1, from, count).norm().item<double>();
            Assert.True(Math.Abs(is_ - should) < 0.3 * scale, $"{part}: {is_} instead of {should}, of {scale}");
        }
    }

    private static DenseLandmarkFit Fit(SceneDecoder decoder) => new(decoder.Sizes, SceneStart.Of(Model.Template, Model.Mean), Points, Model.Mean, Model.ExpressionBasis);

    private static Tensor Strangers(SceneDecoder decoder)
    {
        random.manual_seed(11);
        var code = zeros(3, decoder.Length);
        code.narrow(1, 0, decoder.Sizes.Identity).copy_(randn(3, decoder.Sizes.Identity));
        var expression = code.narrow(1, decoder.Sizes.Identity, decoder.Sizes.Expression);
        expression.select(1, Model.ExpressionIndex("jawOpen")).copy_(tensor(new[] { 0.3f, 0, 0.6f }));
        expression.select(1, Model.ExpressionIndex("mouthSmileLeft")).copy_(tensor(new[] { 0, 0.7f, 0 }));

        // Turned, moved, larger, and the camera near.
        var camera = code.narrow(1, decoder.Length - SceneCode.CameraLength, SceneCode.CameraLength);
        camera.select(1, 2).copy_(tensor(new[] { 0.1f, 1.5f, -2 }));
        camera.select(1, 5).copy_(tensor(new[] { 0.5f, 0.2f, -0.4f }));
        camera.select(1, 8).copy_(tensor(new[] { 0, 0.5f, -0.5f }));
        camera.select(1, 9).copy_(tensor(new[] { -0.5f, 0.4f, 1 }));
        return code;
    }

    private static DenseLandmarks Seen(Scene scene, float logError)
    {
        var rows = (int)scene.Vertices.shape[0];
        float[] values = [.. Enumerable.Range(0, rows).SelectMany(r => DensePoints.Project(Points, Row(scene.Vertices, r), scene.Chi.Camera.Pinhole(r), Side))];
        return new DenseLandmarks(tensor(values, [rows, Points.Length, 3]), full([rows, Points.Length, 2], logError, float32), zeros(rows, Points.Length), zeros(rows, 1, 1, 1));
    }

    private static Vector3[] Row(Tensor vertices, int row)
    {
        var values = vertices[row].contiguous().data<float>().ToArray();
        return [.. Enumerable.Range(0, values.Length / 3).Select(v => new Vector3(values.AsSpan(3 * v)))];
    }

    private static float Aligned(Vector3[] head, Scene truth, int row)
    {
        var other = Row(truth.Vertices, row);
        var face = Model.Template.Regions["face"].Select(w => w >= 0.5f ? 1f : 0).ToArray();
        var transform = Faces.Retargeting.Similarity.Fit(head, other, face)!.Value.Transform;
        return head.Select((p, v) => face[v] * Vector3.Distance(Vector3.Transform(p, transform), other[v])).Sum() / face.Sum();
    }
}
