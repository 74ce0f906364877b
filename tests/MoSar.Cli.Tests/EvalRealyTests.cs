using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar eval realy</c>: its three kinds of truth, and what it says of folders that cannot be used.</summary>
public sealed class EvalRealyTests : IDisposable
{
    private readonly CommandFolder folder = new();
    private readonly FaceModel model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void HeadsOfALightStage()
    {
        Write("stage/subjects/s00000/mesh.obj", 1);
        Write("stage/subjects/s00001/mesh.obj", -1);
        Write("stage/subjects/.s00002.part/mesh.obj", 0);
        Write("meshes/s00000_frontal.obj", 1);
        Write("meshes/s00001/mesh.obj", -1);
        var (code, output, error) = folder.Run("eval", "realy", "meshes", "--truth", "stage", "--mean-face", "--each");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.Matches(
            """
            (?s)^prediction, 2 shapes\n.* region +mean mm .* all +0\.000 .*scale error: 0\.000 % on average.* s00000_frontal .*mean face, 2 shapes\n.* all +[0-4]\.\d\d[1-9]
            """,
            output);

        (code, output, _) = folder.Run("eval", "realy", "stage/subjects/s00000/mesh.obj", "--truth", "stage/subjects/s00001/mesh.obj", "--json");
        Assert.Equal(0, code);
        Assert.InRange((double)JsonNode.Parse(output)![0]!["summary"]!["all"]!["mean"]!, 0.5, 6);
    }

    [Fact]
    public void TheBenchmarksOwnLayout()
    {
        Benchmark();
        var (code, output, error) = folder.Run("eval", "realy", "predictions", "--truth", "realy", "--template", "template.obj", "--keypoints", "template.txt", "--json");
        Assert.Equal((0, string.Empty), (code, error));
        var shapes = JsonNode.Parse(output)![0]!["shapes"]!.AsArray();
        Assert.Equal(["1_0", "2"], shapes.Select(s => (string)s!["shape"]!));
        Assert.All(shapes, s => Assert.InRange((double)s!["protocol"]!["all"]!, 0, 0.01));
        Assert.Null(shapes[0]!["scale"]);
        (_, output, _) = folder.Run("eval", "realy", "predictions", "--truth", "realy", "--template", "template.obj", "--keypoints", "template.txt", "--json", "--millimetres");
        Assert.Equal(90, (double)JsonNode.Parse(output)![0]!["scale_error_percent"]!["mean"]!, 0.01);
    }

    [Fact]
    public void WhatCannotBeUsedIsSaid()
    {
        Benchmark();
        var sheet = new StringWriter { NewLine = "\n" };
        Says("a folder that is no truth", "predictions", "predictions");
        Says("no predictions", "nowhere", "realy");
        File.Move(folder.At("realy/REALY_scan_region/2/mouth.obj"), folder.At("mouth.obj"));
        Says("a missing region", "predictions", "realy");
        File.Move(folder.At("mouth.obj"), folder.At("realy/REALY_scan_region/2/mouth.obj"));
        File.WriteAllText(folder.At("predictions/3.obj"), "v 0 0 0\n");
        Says("a subject without a scale", "predictions", "realy");
        File.Move(folder.At("predictions/3.obj"), folder.At("predictions/1_9.obj"));
        Says("another number of vertices", "predictions", "realy");
        File.Move(folder.At("predictions/1_9.obj"), folder.At("predictions/someone.obj"));
        Says("a name without a number", "predictions", "realy");
        File.Delete(folder.At("predictions/someone.obj"));
        File.WriteAllText(folder.At("template.txt"), "[[0, 0.5]]");
        Says("too few keypoints", "predictions", "realy");
        File.WriteAllText(folder.At("realy/REALY_HIFI3D_keypoints/1.obj"), "v 0 0 0\n");
        Template();
        Says("keypoints of a scan that are not 85", "predictions", "realy");
        File.WriteAllText(folder.At("realy/metrical_scale.txt"), "1\nx\n");
        Says("a scale that is no number", "predictions", "realy");
        File.Delete(folder.At("realy/metrical_scale.txt"));
        Says("no scales", "predictions", "realy");
        Directory.Delete(folder.At("realy/REALY_HIFI3D_keypoints"), recursive: true);
        Says("half of the benchmark", "predictions", "realy");
        Assert.Contains("belong together", folder.Run("eval", "realy", "predictions", "--truth", "realy", "--template", "template.obj").Error);

        var verified = Path.Combine(CommandFolder.SourceFolder(), "Messages", "eval-realy.txt");
        if (Environment.GetEnvironmentVariable("MOSAR_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(verified)!);
            File.WriteAllText(verified, sheet.ToString());
        }

        Assert.Equal(File.ReadAllText(verified), sheet.ToString());

        void Says(string what, string predictions, string truth)
        {
            var (code, output, error) = folder.Run("eval", "realy", predictions, "--truth", truth, "--template", "template.obj", "--keypoints", "template.txt");
            Assert.Equal((2, string.Empty), (code, output));
            sheet.Write($"# {what}\n{error}\n");
        }
    }

    /// <summary>Two subjects: bumps of 4 units' height, measured against themselves, ten times as large.</summary>
    private void Benchmark()
    {
        Directory.CreateDirectory(folder.At("predictions"));
        Directory.CreateDirectory(folder.At("realy/REALY_HIFI3D_keypoints"));
        File.WriteAllText(folder.At("realy/metrical_scale.txt"), "1\n1\n");
        Template();
        foreach (var (id, prediction) in new[] { (1, "1_0"), (2, "2") })
        {
            // The template's vertices 0 … 84 are its keypoints.
            File.WriteAllLines(folder.At($"realy/REALY_HIFI3D_keypoints/{id}.obj"), Bump(id, 1).Take(85));
            Directory.CreateDirectory(folder.At($"realy/REALY_scan_region/{id}"));
            foreach (var region in new[] { "nose", "mouth", "forehead", "cheek" })
            {
                File.WriteAllLines(folder.At($"realy/REALY_scan_region/{id}/{region}.obj"), [.. Bump(id, 1), .. Faces()]);
            }

            File.WriteAllLines(folder.At($"predictions/{prediction}.obj"), [.. Bump(id, 10), .. Faces()]);
        }
    }

    private void Template()
    {
        File.WriteAllLines(folder.At("template.obj"), [.. Bump(1, 1), .. Faces()]);

        // Vertex k is the first corner of triangle 2 (k + k / 11), but for the last of each row.
        File.WriteAllText(folder.At("template.txt"), "[" + string.Join(", ", Enumerable.Range(0, 85).Select(k => k % 12 < 11 ? $"[{2 * ((k / 12 * 11) + (k % 12))}, 1, 0]" : $"[{2 * ((k / 12 * 11) + 10)}, 0, 1]")) + "]");
    }

    private static IEnumerable<string> Bump(int seed, float size) => Enumerable.Range(0, 144).Select(k =>
    {
        float x = (k % 12) - 5.5f, y = (k / 12) - 5.5f;
        var z = (4 * MathF.Exp(-((x * x) + (y * y)) / 9)) + (0.3f * MathF.Sin((seed * x) + (2 * y))) - (x * x / 20);
        return string.Create(CultureInfo.InvariantCulture, $"v {size * x} {size * y} {size * z}");
    });

    private static IEnumerable<string> Faces() => Enumerable.Range(0, 121).Select(q => (q / 11 * 12) + (q % 11) + 1).SelectMany(a => (string[])[$"f {a} {a + 1} {a + 13}", $"f {a} {a + 13} {a + 12}"]);

    private void Write(string path, float first)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.At(path))!);
        ObjWriter.Write(folder.At(path), new Mesh(model.Template, model.Positions([first, -first, 0.5f], [])));
    }
}
