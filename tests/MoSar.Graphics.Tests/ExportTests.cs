using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;
using MoSar.TestSupport;

namespace MoSar.Graphics.Tests;

public sealed class ExportTests
{
    private static readonly Mesh Head = Bodies.Head();

    private static GltfModel Model(bool withNormals) => new()
    {
        Name = "head",
        Mesh = Head,
        BaseColour = new EmbeddedImage(ImageFile.EncodeJpeg(Pictures.Textured(64, 64))),
        NormalMap = new EmbeddedImage(ImageFile.EncodePng(Pictures.Textured(64, 64), 8, ColourEncoding.Linear)),
        Occlusion = new EmbeddedImage(ImageFile.EncodePng(Pictures.Textured(64, 64, 1), 8, ColourEncoding.Linear)),
        Targets = Head.Template.Expressions,
        TargetNormals = withNormals,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KhronosValidatorFindsNothingWrong(bool targetNormals)
    {
        using var folder = new TemporaryFolder();
        GltfWriter.Write(folder.File("head.glb"), Model(targetNormals));
        var (code, output) = GltfValidator.Run(folder.File("head.glb"));
        Assert.True(code == 0, output);
    }

    [Fact]
    public void ABareMeshIsValid()
    {
        using var folder = new TemporaryFolder();
        GltfWriter.Write(folder.File("bare.glb"), new GltfModel { Name = "bare", Mesh = Head });
        var (code, output) = GltfValidator.Run(folder.File("bare.glb"));
        Assert.True(code == 0, output);
    }

    [Fact]
    public void GltfHoldsMetresSeamsAndTargets()
    {
        var file = GltfWriter.Encode(Model(false));
        Assert.Equal(file.Length, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)));
        var json = JsonDocument.Parse(file.AsMemory(20, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(12)))).RootElement;
        var mesh = json.GetProperty("meshes")[0];
        Assert.Equal(["jawOpen", "rest"], mesh.GetProperty("extras").GetProperty("targetNames").EnumerateArray().Select(n => n.GetString()));
        var primitive = mesh.GetProperty("primitives")[0];
        var accessors = json.GetProperty("accessors");
        var position = accessors[primitive.GetProperty("attributes").GetProperty("POSITION").GetInt32()];
        Assert.Equal(0.12f, position.GetProperty("max")[1].GetSingle(), 1e-5f);

        // A sphere's seam doubles one meridian; the poles have one coordinate a sector.
        Assert.True(position.GetProperty("count").GetInt32() > Head.Positions.Length + 30);
        var jaw = accessors[primitive.GetProperty("targets")[0].GetProperty("POSITION").GetInt32()];
        Assert.Equal(-0.008f, jaw.GetProperty("min")[1].GetSingle(), 1e-6f);
        Assert.True(jaw.TryGetProperty("sparse", out _));
        var rest = accessors[primitive.GetProperty("targets")[1].GetProperty("POSITION").GetInt32()];
        Assert.False(rest.TryGetProperty("sparse", out _) || rest.TryGetProperty("bufferView", out _));
    }

    [Fact]
    public void ObjKeepsQuadsMillimetresAndFlipsV()
    {
        using var folder = new TemporaryFolder();
        ObjWriter.Write(folder.File("head.obj"), Head, textures: new Dictionary<string, string> { ["map_Kd"] = "maps/diffuse.png" });
        var lines = File.ReadAllLines(folder.File("head.obj"));
        Assert.Contains("mtllib head.mtl", lines);
        Assert.Contains("map_Kd maps/diffuse.png", File.ReadAllLines(folder.File("head.mtl")));
        Assert.Equal(Head.Positions.Length, lines.Count(l => l.StartsWith("v ", StringComparison.Ordinal)));
        Assert.Equal("v 0 120 0", lines.First(l => l.StartsWith("v ", StringComparison.Ordinal)));
        Assert.Equal("vt 0.02 0.98", lines.First(l => l.StartsWith("vt ", StringComparison.Ordinal)));
        var faces = lines.Where(l => l.StartsWith("f ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(Head.Template.Faces.Length / 4, faces.Length);
        Assert.Equal(5, faces[100].Split(' ').Length);
        Assert.Equal(4, faces[0].Split(' ').Length);
        Assert.DoesNotContain(lines.Skip(1), l => l.Contains(','));
    }
}
