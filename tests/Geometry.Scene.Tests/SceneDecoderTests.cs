using System.Numerics;
using MoSar.Faces;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

[ChecksTensorLeaks]
public sealed class SceneDecoderTests : IDisposable
{
    private const int Side = 128;

    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    private readonly ShapeDecoder linear = SceneNetwork.LinearOf(Model);

    public void Dispose() => linear.Dispose();

    [Fact]
    public void ZerosAreTheMeanHeadInTheMiddleOfTheCrop()
    {
        using var scope = NewDisposeScope();
        using var decoder = new SceneDecoder(Model, linear);
        var scene = decoder.Decode(zeros(1, decoder.Length), tensor([70f, 50f], [1, 2]), Side);
        var vertices = scene.Vertices.data<float>().ToArray();
        Assert.All(Enumerable.Range(0, Model.Mean.Length), v => Assert.True(Vector3.Distance(Model.Mean[v], new Vector3(vertices.AsSpan(3 * v))) < 1e-3f));
        Assert.Equal(0f, scene.Chi.Expression.abs().max().item<float>());
        Assert.Equal(1.6f, scene.Chi.Light.max().item<float>() / ShLight.Uniform.Coefficients[0].X, 4);

        // Brows to chin take about half of a face crop, and the face looks at the camera wherever its axis is.
        var points = Model.Template.LandmarksOn(Model.Mean).Select(scene.Chi.Camera.Pinhole(0).Project).ToArray();
        var middle = points.Aggregate((a, b) => a + b) / points.Length;
        Assert.True(Math.Abs(middle.X - 64) < 1 && middle.Y is > 64 and < 76, $"{middle}: a crop's middle is the nose bridge, the points' lies lower");
        Assert.InRange((points[8].Y - points[21].Y) / Side, 0.42, 0.58);
        Assert.True(points[8].Y > points[27].Y && points[45].X > points[36].X);
    }

    [Fact]
    public void ItsProjectionIsThatOfItsCamera()
    {
        using var scope = NewDisposeScope();
        using var decoder = new SceneDecoder(Model, linear);
        random.manual_seed(3);
        var scene = decoder.Decode(0.5 * randn(2, decoder.Length), tensor([70f, 50f, 64, 64], [2, 2]), Side);
        var pixels = scene.Projected.data<float>().ToArray();
        var vertices = scene.Vertices.data<float>().ToArray();
        for (var row = 0; row < 2; row++)
        {
            var camera = scene.Chi.Camera.Pinhole(row);
            for (var v = 0; v < Model.Mean.Length; v += 97)
            {
                var at = (row * Model.Mean.Length) + v;
                var expected = camera.Project(new Vector3(vertices.AsSpan(3 * at)));
                Assert.True(Vector2.Distance(expected, new Vector2(pixels[2 * at], pixels[(2 * at) + 1])) < 0.01f);
            }
        }
    }

    /// <summary>Place and size are said in the picture: the focal length may be anything without moving the head there.</summary>
    [Fact]
    public void FocalLengthAloneMovesNothingMuch()
    {
        using var scope = NewDisposeScope();
        using var decoder = new SceneDecoder(Model, linear);
        var values = new float[2 * decoder.Length];
        values[decoder.Length + (decoder.Length - 10) + 9] = 2;
        var numbers = tensor(values, [2, decoder.Length]);
        var scene = decoder.Decode(numbers, tensor([70f, 50f, 70, 50], [2, 2]), Side);
        Assert.Equal(1.5 * Math.Tanh(0.6 / 1.5), (scene.Chi.Camera.LogFocal[1] - scene.Chi.Camera.LogFocal[0]).item<float>(), 4);
        var points = Enumerable.Range(0, 2).Select(r => Model.Template.LandmarksOn(Model.Mean).Select(scene.Chi.Camera.Pinhole(r).Project).ToArray()).ToArray();
        var moved = points[0].Zip(points[1], Vector2.Distance).ToArray();
        Assert.True(moved.Average() < 1.5f, $"{moved.Average()} pixels");
    }

    [Fact]
    public void ExpressionsLeaveTheirRangeReluctantlyAndAGradientLeadsBack()
    {
        using var scope = NewDisposeScope();
        using var decoder = new SceneDecoder(Model, linear);
        var values = new float[decoder.Length];
        new[] { 3f, -1, 0.5f }.CopyTo(values, decoder.Sizes.Identity);
        var numbers = tensor(values, [1, decoder.Length]).requires_grad_();
        var scene = decoder.Decode(numbers, tensor([64f, 64], [1, 2]), Side);
        Assert.Equal([1.2f, -0.1f, 0.5f], scene.Chi.Expression.narrow(1, 0, 3).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
        scene.Chi.Expression.sum().backward();
        Assert.Equal([0.1f, 0.1f, 1f], numbers.grad!.narrow(1, decoder.Sizes.Identity, 3).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5f);
    }
}
