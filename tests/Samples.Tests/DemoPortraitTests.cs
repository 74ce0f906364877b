using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Samples.Portrait;
using MoSar.Testing;

namespace MoSar.Samples.Tests;

public sealed class DemoPortraitTests
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Fact]
    public void TheSamePersonComesOutEveryTime()
    {
        var (first, second) = (DemoPortrait.Render(Model, 0.08f), DemoPortrait.Render(Model, 0.08f));
        Assert.Equal(first.Pixels, second.Pixels);
    }

    [Fact]
    public void TheFaceIsWhereTheTruthSays()
    {
        var picture = ImageFile.Read(Repository.Folder("samples", "portraits", "demo.png"));
        var truth = DemoPortrait.Truth(Model);
        Assert.Equal((1024, 1280), (picture.Width, picture.Height));

        // Lips are redder than the cheeks, irises darker, and all landmarks lie in the picture.
        Assert.All(truth.Landmarks, p => Assert.True(p.X is > 100 and < 924 && p.Y is > 100 and < 1180));
        var cheek = Mean(picture, (0.5f * (truth.Landmarks[31] + truth.Landmarks[3])), 12);
        var lip = Mean(picture, 0.5f * (truth.Landmarks[57] + truth.Landmarks[66]), 6);
        var eye = Mean(picture, 0.25f * (truth.Landmarks[37] + truth.Landmarks[38] + truth.Landmarks[40] + truth.Landmarks[41]), 6);
        Assert.True(lip.X / lip.Y > 1.15f * cheek.X / cheek.Y, $"lip {lip}, cheek {cheek}");
        Assert.True(eye.Y < 0.5f * cheek.Y, $"eye {eye}, cheek {cheek}");
    }

    [Fact]
    public void LandmarksAreTheMeshsThroughTheCamera()
    {
        var truth = DemoPortrait.Truth(Model, 0.5f);
        var nose = truth.Mesh.Template.Landmarks[30];
        var t = truth.Mesh.Template.Triangles.AsSpan(nose.Triangle * 3, 3);
        var p = truth.Mesh.Positions;
        var expected = truth.Camera.Project((nose.Barycentric.X * p[t[0]]) + (nose.Barycentric.Y * p[t[1]]) + (nose.Barycentric.Z * p[t[2]]));
        Assert.Equal(expected, truth.Landmarks[30]);
        Assert.InRange(expected.X, 150, 362);
    }

    private static Vector3 Mean(Image image, Vector2 centre, int radius)
    {
        var sum = Vector3.Zero;
        for (var y = -radius; y <= radius; y++)
        {
            for (var x = -radius; x <= radius; x++)
            {
                sum += image.Rgb((int)centre.X + x, (int)centre.Y + y);
            }
        }

        return sum / ((2 * radius) + 1) / ((2 * radius) + 1);
    }
}
