using System.Globalization;
using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Tests;

/// <summary>Reading the published folder of OBJ files, on a small folder in its layout written here: one quad and one triangle a part.</summary>
public sealed class IctFaceKitTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mosar-ict").FullName;
    private readonly string _folder;

    public IctFaceKitTests()
    {
        _folder = Directory.CreateDirectory(Path.Combine(_root, "FaceXModel")).FullName;
        Write("generic_neutral_mesh", 0, withFaces: true);
        Write("identity000", 1);
        Write("identity001", 2);
        Write("jawOpen", 3);
        Write("eyeBlink_L", 4);
        var landmarks = string.Join(',', Enumerable.Repeat(2, 68));
        File.WriteAllText(
            Path.Combine(_folder, "vertex_indices.json"),
            $$"""{"expressions":["jawOpen","eyeBlink_L"],"landmarks68":[{{landmarks}}],"vertex_ranges":"face 0:4; teeth 4:7"}""");
    }

    [Fact]
    public void OffsetsAreShapesLessTheNeutralInMillimetres()
    {
        var head = IctFaceKit.Read(_root);
        Assert.Equal(7, head.Positions.Length);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, -1], head.Faces);
        Assert.Equal(new Vector3(10, 20, -5), head.Positions[1]);
        Assert.Equal(2, head.Identity.Count);
        Assert.Equal(new Vector3(0, 20, 0), head.Identity[1][5], new Close());
        Assert.Equal(["jawOpen", "eyeBlink_L"], head.Expressions.Select(e => e.Name));
        Assert.Equal(new Vector3(0, 40, 0), head.Expressions[1].Offsets[0], new Close());
        Assert.Equal(HeadPart.Teeth, head.Parts[6]);
        Assert.Equal(64, head.Sha256.Length);
    }

    [Fact]
    public void MissingExpressionIsNamed()
    {
        File.Delete(Path.Combine(_folder, "jawOpen.obj"));
        var e = Assert.Throws<MoSarException>(() => IctFaceKit.Read(_root));
        Assert.Equal("source-missing", e.Code);
        Assert.Equal($"{Path.Combine(_folder, "jawOpen.obj")}: no such file.", e.Message);
    }

    [Fact]
    public void DamagedLineIsNamed()
    {
        var path = Path.Combine(_folder, "identity001.obj");
        File.WriteAllText(path, "# broken\nv 1 2\n");
        Assert.Equal(
            $"{path}:2: not a vertex of three numbers or a face of three or four corners.",
            Assert.Throws<MoSarException>(() => IctFaceKit.Read(_root)).Message);
    }

    [Fact]
    public void ShapeOfAnotherTopologyIsRefused()
    {
        var path = Path.Combine(_folder, "identity001.obj");
        File.WriteAllText(path, "v 1 2 3\n");
        Assert.Equal($"{path}: 1 vertices, the neutral mesh has 7.", Assert.Throws<MoSarException>(() => IctFaceKit.Read(_root)).Message);
    }

    [Fact]
    public void FolderWithoutAModelSaysWhatIsExpected()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_root, "empty")).FullName;
        var e = Assert.Throws<MoSarException>(() => IctFaceKit.Read(empty));
        Assert.Equal("source-missing", e.Code);
        Assert.Contains("generic_neutral_mesh.obj", e.Remedy);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string name, int lift, bool withFaces = false)
    {
        using var file = new StreamWriter(Path.Combine(_folder, name + ".obj")) { NewLine = "\n" };
        file.WriteLine("o head");
        for (var v = 0; v < 7; v++)
        {
            file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"v {v} {2 * v + lift} {-0.5 * v}"));
        }

        if (withFaces)
        {
            file.WriteLine("f 1/1/1 2/2/2 3/3/3 4/4/4");
            file.WriteLine("f 5//1 6//1 7//1");
        }
    }

    private sealed class Close : IEqualityComparer<Vector3>
    {
        public bool Equals(Vector3 a, Vector3 b) => Vector3.Distance(a, b) < 1e-4f;

        public int GetHashCode(Vector3 v) => 0;
    }
}
