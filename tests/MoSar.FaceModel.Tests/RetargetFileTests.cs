using System.Numerics;
using MoSar.Faces.Retargeting;

namespace MoSar.Faces.Tests;

/// <summary>The meshes and landmarks that people have, and what is said about those that cannot be used.</summary>
public sealed class RetargetFileTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("mosar-retarget-files-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void PolygonsNegativeIndicesAndDoubledSeamVertices()
    {
        // Two squares side by side that double the vertices between them, as exporters do that have one texture coordinate a vertex; then a pentagon.
        var text = "# a comment\r\n\r\nv 0 0 0\nv 1 0 0 0.5 0.5 0.5\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 0.4 0\nvt 0.4 0.25 0\nvt 0 0.25\nvn 0 0 1\nf 1/1/1 2/2/1 3/3/1 4/4/1\n"
            + "v 1 0 0\nv 2 0 0\nv 2 1 0\nv 1 1 0\nvt 0.6 0\nvt 1 0\nvt 1 0.25\nvt 0.6 0.25\nf -4/-4 -3/-3 -2/-2 -1/-1\n"
            + "v 0 2 0\nv 1 3 0\nv 2 2 0\n  f 4/4 8/3 7/2 11/1 10/1 \n" + Filler;
        var (mesh, fromFile) = ForeignMeshFile.Read(Obj(text));
        Assert.Equal([0, 1, 2, 3, 1, 4, 5, 2, 6, 7, 8], fromFile[..11]);
        Assert.Equal([0, 1, 2, 0, 2, 3, 1, 4, 5, 1, 5, 2, 3, 2, 5, 3, 5, 8, 3, 8, 7], mesh.Template.Triangles[..21]);

        // OBJ counts v from the bottom.
        Assert.Equal(new Vector2(0.4f, 0.75f), mesh.Template.Uvs[2]);
        Assert.Equal([0, 1, 2, 0, 2, 3, 4, 5, 6, 4, 6, 7], mesh.Template.TriangleUvs[..12]);
    }

    [Fact]
    public void UdimTilesAreChosen()
    {
        var path = Obj("v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 2.25 1.5\nf 1/1 2/1 3/1\n" + Filler);
        Assert.Equal(new Vector2(0.25f, 0.5f), ForeignMeshFile.Read(path, tile: 1013).Mesh.Template.Uvs[0]);
        var e = Assert.Throws<MoSarException>(() => ForeignMeshFile.Read(path, tile: 1020));
        Assert.Equal(("mesh-tile", "Name one that it uses with --tile: 1001, 1013."), (e.Code, e.Remedy));
    }

    [Theory]
    [InlineData("v 1 2\n", "mesh-broken", "head.obj:1: not 3 numbers.")]
    [InlineData("v 1 2 nan\n", "mesh-broken", "head.obj:1: not 3 numbers.")]
    [InlineData("v 0 0 0\nf 1 2 3\n", "mesh-broken", "head.obj:2: vertex 2 of 1.")]
    [InlineData("v 0 0 0\nf 1/1 1/1 1/1\n", "mesh-broken", "head.obj:2: texture coordinate 1 of 0.")]
    [InlineData("v 0 0 0\nf 1 1\n", "mesh-broken", "head.obj:2: a face has at least three corners.")]
    [InlineData("v 0 0 0\nf a b c\n", "mesh-broken", "head.obj:2: not a face.")]
    [InlineData("v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1\n", "mesh-broken", "head.obj' has 1 faces: no head can be made out in that.")]
    [InlineData("", "mesh-broken", "head.obj' has 0 faces: no head can be made out in that.")]
    public void ABrokenMeshIsSaidWithItsLine(string text, string code, string message)
    {
        var e = Assert.Throws<MoSarException>(() => ForeignMeshFile.Read(Obj(text)));
        Assert.Equal(code, e.Code);
        Assert.EndsWith(message, e.Message);
    }

    [Fact]
    public void AMeshWithoutTextureCoordinatesIsRefused()
    {
        var e = Assert.Throws<MoSarException>(() => ForeignMeshFile.Read(Obj("v 0 0 0\nv 1 0 0\nv 0 1 0\n" + string.Concat(Enumerable.Repeat("f 1 2 3\n", 300)))));
        Assert.Equal("mesh-no-uvs", e.Code);
        Assert.Equal("mesh-missing", Assert.Throws<MoSarException>(() => ForeignMeshFile.Read(Path.Combine(root, "none.obj"))).Code);
        Assert.Contains("is a folder", Assert.Throws<MoSarException>(() => ForeignMeshFile.Read(root)).Message);
    }

    [Fact]
    public void LandmarksAreIndicesOrPointsInTextOrJson()
    {
        var mesh = ForeignMeshFile.Read(Obj(Filler));
        var indices = Enumerable.Range(0, 68).Select(i => i % 3).ToArray();
        Vector3[] expected = [.. indices.Select(i => mesh.Mesh.Positions[i])];
        Assert.Equal(expected, Landmarks(string.Join('\n', indices)));
        Assert.Equal(expected, Landmarks("# right jaw first\n" + string.Join(", ", indices)));
        Assert.Equal(expected, Landmarks($"[{string.Join(',', indices)}]"));
        Assert.Equal(expected, Landmarks($$"""{"landmarks68": [{{string.Join(',', indices)}}]}"""));
        Assert.Equal(expected, Landmarks($$"""{"landmarks": [{{string.Join(',', expected.Select(p => $"[{p.X},{p.Y},{p.Z}]"))}}]}"""));
        Assert.Equal(expected, Landmarks(string.Join('\n', expected.Select(p => $"{p.X} {p.Y} {p.Z}"))));
        Assert.Equal(51, Landmarks(string.Join(' ', indices[..51])).Length);

        Vector3[] Landmarks(string text) => LandmarkFile.Read(Write("landmarks.txt", text), mesh);
    }

    [Theory]
    [InlineData("1 2 3", "landmarks-count", "landmarks.txt holds 3 numbers, which are neither 68 (or 51) vertex indices nor as many points x y z.")]
    [InlineData("1\n2\nthree", "landmarks-broken", "landmarks.txt:3: 'three' is no number.")]
    [InlineData("{\"points\": []}", "landmarks-broken", "landmarks.txt: there is neither 'landmarks68' nor 'landmarks' in it.")]
    [InlineData("[1, 2", "landmarks-broken", null)]
    [InlineData("[\"a\"]", "landmarks-broken", null)]
    [InlineData(null, "landmarks-range", "landmarks.txt: 3 is no vertex of head.obj, which has 3 (0 to 2).")]
    public void LandmarksThatCannotBeUsedAreExplained(string? text, string code, string? message)
    {
        var mesh = ForeignMeshFile.Read(Obj(Filler));
        text ??= string.Join(' ', Enumerable.Repeat(3, 68));
        var e = Assert.Throws<MoSarException>(() => LandmarkFile.Read(Write("landmarks.txt", text), mesh));
        Assert.Equal(code, e.Code);
        Assert.EndsWith(message ?? ".", e.Message);
        Assert.Equal("landmarks-missing", Assert.Throws<MoSarException>(() => LandmarkFile.Read(Path.Combine(root, "none"), mesh)).Code);

        // The published indices are of a mesh with more vertices.
        Assert.Equal("landmarks-range", Assert.Throws<MoSarException>(() => LandmarkFile.Read(LandmarkFile.IctFaceKit, mesh)).Code);
    }

    // As many faces as a head has at least, on vertices that are there already or these.
    private static string Filler { get; } = "v 0 0 5\nv 1.5 0 5\nv 0 1 5\nvt 0.1 0.1\n" + string.Concat(Enumerable.Repeat("f -3/-1 -2/-1 -1/-1\n", 250));

    private string Obj(string text) => Write("head.obj", text);

    private string Write(string name, string text)
    {
        var path = Path.Combine(root, name);
        File.WriteAllText(path, text);
        return path;
    }
}
