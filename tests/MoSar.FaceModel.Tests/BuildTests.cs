using System.Numerics;
using MoSar.Testing;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>The whole way from ICT-FaceKit to a model file; without the data it checks nothing and says so.</summary>
public sealed class BuildTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-build").FullName;

    [Fact]
    public void RebuildingGivesTheShippedHead()
    {
        if (SharedData.Find("ict-facekit") is not { } source)
        {
            return;
        }

        var draft = FaceModelBuilder.Build(source, new FaceModelOptions(IdentityCount: 3));
        var (mean, largest) = draft.ResamplingError();
        output.WriteLine($"{draft}; source skin to template: mean {mean:F3} mm, largest {largest:F2} mm");

        // The largest are in the ear canal and behind the ear; the face is within 0.1 mm (samples/models/face.md).
        Assert.True(mean < .2 && largest < 5);
        var path = Path.Combine(_folder, "face.safetensors");
        draft.Save(path);
        var rebuilt = FaceModel.Load(path);
        var shipped = ShippedModel.Model;
        Assert.Equal(shipped.Template.Faces, rebuilt.Template.Faces);
        for (var v = 0; v < shipped.Template.VertexCount; v++)
        {
            Assert.True(Vector3.Distance(shipped.Mean[v], rebuilt.Mean[v]) < .01f, $"vertex {v}");
        }

        Assert.Equal(shipped.RequireLevels().Levels.Levels.Select(l => l.Vertices.Length), rebuilt.RequireLevels().Levels.Levels.Select(l => l.Vertices.Length));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
