using System.Globalization;
using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Testing;
using MoSar.Training.Data;

namespace MoSar.Training.Tests;

public sealed class StagePicturesTests : IDisposable
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
    private static readonly Vector3[] Marks = [.. Model.Template.Landmarks.Select(l => l.On(Model.Template, Model.Mean))];

    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-stage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void RendersAreLearnedFromWithTheirPoints()
    {
        Write("s00001", "wild_000", 68);
        Write("s00000", "wild_001", 68);
        Write("s00000", "stage_00", 68);
        var pictures = StagePictures.Load(_folder);
        Assert.Equal(2, pictures.Count);
        Assert.Equal((40, 68, 68), (pictures[0].Tile.Width, pictures[0].Points.Length, pictures[0].Seen.Length));
        Assert.False(pictures[0].Seen[3]);

        // Hidden points count half, and the sample's points lie within its crop.
        var samples = new LandmarkSamples(new TrainingMaterial([], [], [], pictures), realShare: 0.5);
        var drawn = Enumerable.Range(0, 10).Select(samples.Draw).ToArray();
        Assert.All(drawn, d => Assert.All(d.Weights, w => Assert.True(w is 0 or 0.5f or 1)));
        Assert.Contains(drawn, d => d.Weights.Contains(0.5f) && d.Weights.Count(w => w == 1) > 40);
    }

    [Fact]
    public void SaysWhatIsWrong()
    {
        Assert.Equal("stage-missing", Assert.Throws<MoSarException>(() => StagePictures.Load(_folder)).Code);
        Write("s00000", "wild_000", 67);
        var error = Assert.Throws<MoSarException>(() => StagePictures.Load(_folder));
        Assert.Contains("wild_000.json", error.Message, StringComparison.Ordinal);
    }

    private void Write(string subject, string view, int points)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "subjects", subject, "views")).FullName;
        ImageFile.WritePng(Path.Combine(folder, view + ".png"), new Image(40, 40, 3));
        var all = Enumerable.Range(0, points).ToArray();
        string Json(Func<int, string> of) => string.Join(", ", all.Select(of));
        File.WriteAllText(
            Path.Combine(folder, view + ".json"),
            $$"""{"landmarks68": [{{Json(i => string.Create(CultureInfo.InvariantCulture, $"[{20 + (0.12f * Marks[i].X)}, {20 - (0.12f * Marks[i].Y)}]"))}}], "landmarkVisible": [{{Json(i => i % 10 == 3 ? "false" : "true")}}]}""");
    }
}
