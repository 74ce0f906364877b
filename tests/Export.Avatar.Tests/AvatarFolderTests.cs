using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using MoSar.Graphics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Export.Tests;

/// <summary>One small avatar, written once for all of its tests.</summary>
public sealed class WrittenAvatar : IDisposable
{
    public WrittenAvatar()
    {
        Folder = Directory.CreateTempSubdirectory("mosar-export-").FullName;
        Input = DemoHead.Input(Folder);
        Files = Exporter().Run(Input, StageContext.None);
    }

    public string Folder { get; }

    public ExportInput Input { get; }

    public IReadOnlyList<string> Files { get; }

    public static AvatarExporter Exporter() => new(new AvatarExportOptions { PreviewWidth = 900, GltfTextureSize = 256 });

    public string File(string name) => Path.Combine(Folder, name);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

public sealed class AvatarFolderTests(WrittenAvatar avatar) : IClassFixture<WrittenAvatar>
{
    [Fact]
    public void WritesWhatTheSpecificationLists()
    {
        string[] expected =
        [
            "avatar.glb", "maps/ambient_occlusion.png", "maps/diffuse.png", "maps/displacement.exr", "maps/normal.png", "maps/roughness.png", "maps/specular.png",
            "maps/translucency.png", "mesh.obj", "preview.png", "reconstruction.json", "texture.png", "visibility.png",
        ];
        var onDisk = Directory.GetFiles(avatar.Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(avatar.Folder, f).Replace('\\', '/'));
        Assert.Equal(expected, avatar.Files.Order(StringComparer.Ordinal));
        Assert.Equal(expected, onDisk.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("normal", 2f / 65535)]
    [InlineData("roughness", 1f / 65535)]
    [InlineData("translucency", 1f / 255)]
    public void MapsReadBackAsTheirDescriptorsSay(string name, float step)
    {
        var map = avatar.Input.Maps[name];
        var read = ImageFile.ReadData(avatar.File($"maps/{name}.png"));
        Assert.Equal(map.Pixels.Channels, read.Channels);
        var range = map.Descriptor.Maximum - map.Descriptor.Minimum;
        var worst = map.Pixels.Pixels.Zip(read.Pixels, (a, b) => MathF.Abs(a - ((b * range) + map.Descriptor.Minimum))).Max();
        Assert.InRange(worst, 0, step);
    }

    [Fact]
    public void DisplacementKeepsItsSignAndMillimetres()
    {
        var read = ImageFile.ReadData(avatar.File("maps/displacement.exr"));
        var worst = avatar.Input.Maps["displacement"].Pixels.Pixels.Zip(read.Pixels, (a, b) => MathF.Abs(a - b)).Max();
        Assert.InRange(worst, 0, 2e-4f);
        Assert.True(read.Pixels.Min() < -0.25f);
    }

    [Fact]
    public void TheCameraMapsTheMeshToTheInputsPixels()
    {
        var positions = File.ReadLines(avatar.File("mesh.obj")).Where(l => l.StartsWith("v ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')).Select(w => new Vector3(Number(w[1]), Number(w[2]), Number(w[3]))).ToArray();
        using var json = JsonDocument.Parse(File.ReadAllBytes(avatar.File("reconstruction.json")));
        var c = json.RootElement.GetProperty("camera");
        var rotation = c.GetProperty("rotation").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(x => x.GetDouble()).ToArray();
        var t = c.GetProperty("translation").EnumerateArray().Select(x => x.GetSingle()).ToArray();
        var camera = new PinholeCamera(
            c.GetProperty("fx").GetDouble(), c.GetProperty("fy").GetDouble(), c.GetProperty("cx").GetDouble(), c.GetProperty("cy").GetDouble(), rotation, new Vector3(t[0], t[1], t[2]));
        var template = avatar.Input.Reconstruction.Mesh.Template;
        var expected = json.RootElement.GetProperty("projectedLandmarks68").EnumerateArray().ToArray();
        Assert.Equal(68, expected.Length);
        for (var i = 0; i < 68; i++)
        {
            var (triangle, w) = (template.Landmarks[i].Triangle * 3, template.Landmarks[i].Barycentric);
            var corners = template.Triangles.AsSpan(triangle, 3);
            var p = camera.Project((w.X * positions[corners[0]]) + (w.Y * positions[corners[1]]) + (w.Z * positions[corners[2]]));
            Assert.InRange(Vector2.Distance(p, new Vector2(expected[i][0].GetSingle(), expected[i][1].GetSingle())), 0, 0.01f);
        }
    }

    [Fact]
    public void ReconstructionHoldsEverythingByName()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(avatar.File("reconstruction.json")));
        var root = json.RootElement;
        Assert.Equal(1024, root.GetProperty("image").GetProperty("width").GetInt32());
        Assert.Equal(1280, root.GetProperty("image").GetProperty("height").GetInt32());
        Assert.Equal(9, root.GetProperty("light").GetProperty("coefficients").GetArrayLength());
        Assert.Equal(avatar.Input.Reconstruction.Identity.Length, root.GetProperty("identity").GetArrayLength());
        Assert.Equal(53, root.GetProperty("expression").EnumerateObject().Count());
        Assert.InRange(root.GetProperty("expression").GetProperty("mouthSmileLeft").GetSingle(), 0.3f, 1);
        Assert.Equal(68, root.GetProperty("landmarks68").GetArrayLength());
        Assert.Equal(1.5, root.GetProperty("timings").GetProperty("geometry").GetDouble());
        Assert.Equal(2, root.GetProperty("crop").GetProperty("centre").GetArrayLength());
        Assert.Equal("maps/roughness.png", root.GetProperty("maps").GetProperty("roughness").GetProperty("file").GetString());
    }

    [Fact]
    public void GltfOpensWithThePhotographsExpression()
    {
        var bytes = File.ReadAllBytes(avatar.File("avatar.glb"));
        Assert.InRange(bytes.Length, 1, 30_000_000);
        using var json = JsonDocument.Parse(bytes.AsMemory(20, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(12))));
        var mesh = json.RootElement.GetProperty("meshes")[0];
        var names = mesh.GetProperty("extras").GetProperty("targetNames").EnumerateArray().Select(n => n.GetString()).ToList();
        Assert.Equal(avatar.Input.Reconstruction.Mesh.Template.Expressions.Select(e => e.Name), names);
        var weights = mesh.GetProperty("weights").EnumerateArray().Select(w => w.GetSingle()).ToArray();
        Assert.Equal(avatar.Input.Reconstruction.Expression, weights);
        var material = json.RootElement.GetProperty("materials")[0];
        Assert.True(material.TryGetProperty("normalTexture", out _));
        Assert.True(material.TryGetProperty("occlusionTexture", out _));
        Assert.True(material.GetProperty("pbrMetallicRoughness").TryGetProperty("baseColorTexture", out _));
    }

    [Fact]
    public void GltfIsValid()
    {
        var (code, output) = GltfValidator.Run(avatar.File("avatar.glb"));
        Assert.True(code == 0, output);
    }

    [Fact]
    public void TheSameInputGivesTheSameBytes()
    {
        var again = Directory.CreateTempSubdirectory("mosar-export-again-").FullName;
        try
        {
            WrittenAvatar.Exporter().Run(avatar.Input with { Folder = again }, StageContext.None);
            foreach (var file in avatar.Files)
            {
                Assert.True(File.ReadAllBytes(avatar.File(file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(again, file))), file);
            }
        }
        finally
        {
            Directory.Delete(again, recursive: true);
        }
    }

    [Fact]
    public void PreviewShowsSixPictures()
    {
        var sheet = ImageFile.Read(avatar.File("preview.png"));
        Assert.Equal(900, sheet.Width);
        Assert.All(sheet.Pixels, v => Assert.True(float.IsFinite(v)));
        for (var row = 0; row < 2; row++)
        {
            for (var column = 0; column < 3; column++)
            {
                // Somewhere in each panel's middle there is a head: brighter and more varied than the paper.
                var (x0, y0) = ((column * 300) + 110, (row * 310) + 110);
                var values = Enumerable.Range(0, 80 * 80).Select(i => sheet.Rgb(x0 + (i % 80), y0 + (i / 80)).Y).ToArray();
                Assert.InRange(values.Average(), 0.05f, 0.95f);
                Assert.True(values.Max() - values.Min() > 0.08f, $"panel {column},{row}");
            }
        }
    }

    [Fact]
    public void AFinishedFolderCanBeDrawnAgain()
    {
        var shading = avatar.Input.Shading;
        var environment = ProceduralEnvironments.Make("studio");
        var fit = avatar.Input.Reconstruction;
        var template = fit.Mesh.Template;
        var fresh = new AvatarRenderer(new AvatarScene(fit.Mesh.Positions, template.Triangles, template.Uvs, template.TriangleUvs, avatar.Input.Maps)).Render(environment, 40, shading, null, 160);
        var read = AvatarRenderer.Load(avatar.Folder).Render(environment, 40, shading, null, 160);
        Assert.InRange(fresh.Pixels.Zip(read.Pixels, (a, b) => MathF.Abs(a - b)).Average(), 0, 0.004f);
    }

    [Fact]
    public void AnUnknownEnvironmentIsRefusedBeforeAnyWork()
    {
        var error = Assert.Throws<MoSarException>(() => new AvatarExporter(new AvatarExportOptions { PreviewLeft = "stduio" }));
        Assert.Equal("environment-unknown", error.Code);
        Assert.Contains("studio", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void StopsWhenCancelled()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var folder = Directory.CreateTempSubdirectory("mosar-export-cancel-").FullName;
        try
        {
            Assert.ThrowsAny<OperationCanceledException>(() => WrittenAvatar.Exporter().Run(avatar.Input with { Folder = folder }, StageContext.None with { Cancellation = source.Token }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static float Number(string word) => float.Parse(word, CultureInfo.InvariantCulture);
}
