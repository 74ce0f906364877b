using System.Numerics;
using MoSar.Faces;
using MoSar.Learning;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

[ChecksTensorLeaks]
public sealed class SceneEstimatorTests : IDisposable
{
    private static readonly string ModelFile = Repository.Folder("samples", "models", "face.safetensors");

    private readonly string folder = Directory.CreateTempSubdirectory("mosar-scene-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void ACropsCameraIsCarriedToThePhotograph()
    {
        var photograph = Grey(400, 300);
        var crop = new FaceCrop(new Vector2(150, 170), 200, 0.3f);
        var principal = crop.FromPixel(new Vector2(200, 150)) * CropInput.Side;
        var (sin, cos) = Math.SinCos(0.4);
        var camera = new PinholeCamera(500, 500, principal.X, principal.Y, [cos, 0, sin, 0, 1, 0, -sin, 0, cos], new Vector3(10, 20, -900));
        var carried = SceneEstimator.InPhotograph(camera, crop, photograph, CropInput.Side);
        foreach (var p in new[] { new Vector3(0, 0, 0), new Vector3(60, -40, 30), new Vector3(-50, 70, 90) })
        {
            var expected = crop.ToPixel(camera.Project(p) / CropInput.Side);
            Assert.True(Vector2.Distance(expected, carried.Project(p)) < 0.01f, $"{expected} {carried.Project(p)}");
        }
    }

    /// <summary>An encoder that knows nothing, points of a smiling stranger who looks aside: the refinement alone must bring the head there.</summary>
    [Fact]
    public void RefinementFollowsTheLandmarks()
    {
        var model = FaceModel.Load(ModelFile);
        var (sin, cos) = Math.SinCos(0.25);
        var truth = new PinholeCamera(1200, 1200, 200, 200, [cos, 0, sin, 0, 1, 0, -sin, 0, cos], new Vector3(0, 0, -800));
        var positions = model.Positions([1.5f, -1, 0.5f, 1], Expression(model, ("mouthSmileLeft", 0.5f), ("mouthSmileRight", 0.5f), ("jawOpen", 0.2f)));
        Vector2[] points = [.. model.Template.LandmarksOn(positions).Select(truth.Project)];
        var input = new GeometryInput(Grey(400, 400), FaceCrops.FromLandmarks(points), new Landmarks(points, [.. points.Select(_ => 1f)]));

        float Error(int refinement)
        {
            using var stage = new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = Untrained(), Refinement = refinement, PhotoWeight = 0, PriorWeight = 0.001, IdentityWeight = 0, ExpressionWeight = 0, Tolerance = 0 });
            var found = stage.Run(input, StageContext.None);
            Assert.All(found.Expression, d => Assert.InRange(d, 0, 1));
            Assert.Equal(68, found.ProjectedLandmarks.Count);
            return found.ProjectedLandmarks.Skip(17).Zip(points.Skip(17), Vector2.Distance).Average();
        }

        var (before, after) = (Error(0), Error(150));
        var span = Vector2.Distance(points[36], points[45]);
        Assert.True(before > 0.03f * span && after < 0.01f * span, $"{before / span:P2} before, {after / span:P2} after");
    }

    /// <summary>φ is a crop's; who somebody is no crop's.</summary>
    [Fact]
    public void AveragingOverCropsLeavesTheCamera()
    {
        var model = FaceModel.Load(ModelFile);
        var front = new PinholeCamera(1200, 1200, 200, 200, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -800));
        Vector2[] points = [.. model.Template.LandmarksOn(model.Mean).Select(front.Project)];
        var photograph = Grey(400, 400);
        for (var i = 0; i < photograph.Pixels.Pixels.Length; i++)
        {
            photograph.Pixels.Pixels[i] = 0.5f + (0.4f * MathF.Sin(i * 0.01f));
        }

        Reconstruction Found(bool average)
        {
            using var stage = new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = Untrained(), Refinement = 0, Average = average });
            return stage.Run(new GeometryInput(photograph, FaceCrops.FromLandmarks(points), new Landmarks(points, [.. points.Select(_ => 1f)])), StageContext.None);
        }

        var (one, mean) = (Found(false), Found(true));
        Assert.Equal(one.Camera.Fx, mean.Camera.Fx);
        Assert.Equal(one.Camera.Translation, mean.Camera.Translation);
        Assert.NotEqual(one.Identity, mean.Identity);
    }

    [Fact]
    public void WeightsOfAnotherNetworkAreRefused()
    {
        var path = Path.Combine(folder, "other.safetensors");
        new SafetensorsWriter().Add("x", new[] { 1f }, 1).Save(path);
        Assert.Equal("weights-mismatch", Assert.Throws<MoSarException>(() => new SceneEstimator(new SceneOptions { Model = ModelFile, Weights = path })).Code);
    }

    private static float[] Expression(FaceModel model, params (string Name, float Weight)[] weights)
    {
        var result = new float[model.ExpressionCount];
        foreach (var (name, weight) in weights)
        {
            result[model.ExpressionIndex(name)] = weight;
        }

        return result;
    }

    private static Photograph Grey(int width, int height)
    {
        var image = new Image(width, height, 3);
        Array.Fill(image.Pixels, 0.3f);
        return new Photograph("grey", "grey.png", image, null, string.Empty);
    }

    private string Untrained()
    {
        var path = Path.Combine(folder, "untrained.safetensors");
        if (!File.Exists(path))
        {
            using var scope = NewDisposeScope();
            using var learner = new SceneLearner(new SceneLearnerOptions { Model = ModelFile });
            learner.Save(path, new Dictionary<string, string>());
        }

        return path;
    }
}
