using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Albedo;

namespace MoSar.Tests.Linear3dmm;

public sealed class AlbedoLearnerTests
{
    [Fact]
    public void LearnsTheToneOfRenderedPeopleAndKeepsEyes()
    {
        var model = SyntheticFace.Model;
        var people = Enumerable.Range(0, 8).Select(i => new SyntheticFace(50 + i, 0, 1100, 620, beta => beta[0] = (i - 3.5f) / 2.5f)).ToArray();

        var learned = AlbedoLearner.Learn(model, [.. people.Select(p => new AlbedoPortrait("render", p.Photograph, p.Landmarks().Points, [.. p.Landmarks().Points.Take(17)]))], 5);

        Assert.Equal(5, learned.Modes.Length);
        Assert.InRange(learned.Explained, 0.8, 1.0001);
        var face = model.Template.Regions["face"];
        var skin = Enumerable.Range(0, face.Length).Where(v => face[v] > 0.9f).ToArray();
        Assert.InRange(skin.Average(v => Luminance(learned.Mean[v])), 0.2, 0.5);

        // The people differ most in tone, so the first mode has one sign all over the face.
        var first = skin.Select(v => Luminance(learned.Modes[0][v])).ToArray();
        Assert.InRange(Math.Max(first.Count(v => v > 0), first.Count(v => v < 0)) / (double)first.Length, 0.9, 1);
        var eye = Enumerable.Range(0, face.Length).First(v => model.Template.Regions["eyeballs"][v] > 0.9f);
        Assert.Equal(new Vector3(model.AlbedoMean.AsSpan(3 * eye, 3)), learned.Mean[eye]);
        Assert.All(learned.Modes, m => Assert.Equal(Vector3.Zero, m[eye]));
    }

    [Fact]
    public void ReplacesTheAlbedoOfAFileAndNothingElse()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.Copy(SyntheticFace.ModelPath, path, overwrite: true);
            var v = SyntheticFace.Model.Template.VertexCount;
            var mode = Enumerable.Range(0, v).Select(i => new Vector3(0.001f * (i % 7), 0.1f, -0.05f)).ToArray();

            AlbedoFile.Replace(path, new AlbedoModel([.. Enumerable.Repeat(new Vector3(0.5f, 0.4f, 0.3f), v)], [mode], 0.9, 0.8, 12));

            var written = FaceModel.Load(path);
            Assert.Equal(1, written.AlbedoCount);
            Assert.Equal(0.4f, written.AlbedoMean[1]);
            Assert.Equal(0.1f, written.AlbedoBasis[1], 4);
            Assert.Equal(SyntheticFace.Model.Mean, written.Mean);
            Assert.Equal(SyntheticFace.Model.Identity, written.Identity);
            Assert.Equal("0.8000", written.Metadata["albedo_brightness"]);
            Assert.Throws<MoSarException>(() => AlbedoFile.Replace(path, new AlbedoModel(new Vector3[3], [], 0, 0, 1)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double Luminance(Vector3 c) => (0.2126 * c.X) + (0.7152 * c.Y) + (0.0722 * c.Z);
}
