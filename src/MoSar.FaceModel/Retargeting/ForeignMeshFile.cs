using System.Buffers.Text;
using System.Globalization;
using System.Numerics;

namespace MoSar.Faces.Retargeting;

/// <summary>Reads Wavefront OBJ with texture coordinates: triangles, quads and larger polygons, any number of charts, seams with or without doubled vertices.</summary>
public static class ForeignMeshFile
{
    private const string Remedy = "Export the mesh as Wavefront OBJ with texture coordinates.";

    // Fewer faces than any head: a cube, a plane, the wrong file.
    private const int FewestFaces = 200;

    /// <param name="tile">The UDIM tile that the textures cover: 1001 is [0, 1]².</param>
    /// <exception cref="MoSarException"><c>mesh-missing</c>, <c>mesh-unreadable</c>, <c>mesh-broken</c>, <c>mesh-no-uvs</c>, <c>mesh-tile</c>.</exception>
    public static ForeignMesh Read(string path, int tile = 1001)
    {
        var parse = new Parse(path);
        parse.All(Bytes(path));
        if (parse.FaceCount < FewestFaces)
        {
            throw new MoSarException("mesh-broken", $"'{path}' has {parse.FaceCount} faces: no head can be made out in that.", "Give the mesh of a head.");
        }

        if (parse.Uvs.Count == 0 || parse.FaceUvs.TrueForAll(t => t < 0))
        {
            throw new MoSarException("mesh-no-uvs", $"'{path}' has no texture coordinates.", Remedy);
        }

        var (right, up) = ((tile - 1001) % 10, (tile - 1001) / 10);
        var uvs = parse.Uvs.ConvertAll(t => new Vector2(t.X - right, 1 - (t.Y - up)));
        if (!uvs.Exists(IsInside))
        {
            var tiles = parse.Uvs.Select(t => 1001 + (int)MathF.Floor(t.X) + (10 * (int)MathF.Floor(t.Y))).GroupBy(n => n).OrderByDescending(g => g.Count()).Select(g => g.Key).Take(8).Order();
            throw new MoSarException("mesh-tile", $"'{path}' has no texture coordinate in the UDIM tile {tile}.", $"Name one that it uses with --tile: {string.Join(", ", tiles)}.");
        }

        uvs.Add(ForeignMesh.NoUv);
        return ForeignMesh.Make(Path.GetFileName(path), [.. parse.Positions], [.. parse.Faces], [.. uvs], [.. parse.FaceUvs.Select((t, k) => t >= 0 || parse.Faces[k] < 0 ? t : uvs.Count - 1)]);
    }

    /// <summary>Positions in the file's order and 3 vertex indices a triangle, which may be none; quads split into a b c and a c d.</summary>
    /// <exception cref="MoSarException"><c>mesh-missing</c>, <c>mesh-unreadable</c>, <c>mesh-broken</c>.</exception>
    internal static (Vector3[] Positions, int[] Triangles) ReadShape(string path)
    {
        var parse = new Parse(path);
        parse.All(Bytes(path));
        int[] faces = [.. parse.Faces];
        return ([.. parse.Positions], TemplateReader.SplitLike(faces, faces));
    }

    private static bool IsInside(Vector2 uv) => uv.X is >= 0 and <= 1 && uv.Y is >= 0 and <= 1;

    private static byte[] Bytes(string path)
    {
        if (!File.Exists(path))
        {
            throw new MoSarException("mesh-missing", Directory.Exists(path) ? $"'{path}' is a folder, not a mesh." : $"There is no file '{path}'.", "Give a Wavefront OBJ file.");
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("mesh-unreadable", $"Cannot read '{path}': {e.Message}", "Check the file's permissions.", e);
        }
    }

    private sealed class Parse(string path)
    {
        // Unique vertex/texture pairs of the polygon at hand.
        private readonly List<(int Vertex, int Uv)> polygon = [];

        public List<Vector3> Positions { get; } = [];

        public List<Vector2> Uvs { get; } = [];

        public List<int> Faces { get; } = [];

        public List<int> FaceUvs { get; } = [];

        public int FaceCount => Faces.Count / 4;

        public void All(ReadOnlySpan<byte> rest)
        {
            Span<float> values = stackalloc float[3];
            for (var line = 1; !rest.IsEmpty; line++)
            {
                var end = rest.IndexOf((byte)'\n');
                var text = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
                rest = end < 0 ? default : rest[(end + 1)..];
                if (StartsWith(text, "v"u8))
                {
                    Numbers(text[1..], values, line);
                    Positions.Add(new Vector3(values));
                }
                else if (StartsWith(text, "vt"u8))
                {
                    Numbers(text[2..], values[..2], line);
                    Uvs.Add(new Vector2(values[0], values[1]));
                }
                else if (StartsWith(text, "f"u8))
                {
                    Face(text[1..], line);
                }
            }
        }

        private static bool StartsWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) =>
            text.Length > word.Length && text.StartsWith(word) && text[word.Length] is (byte)' ' or (byte)'\t';

        private void Numbers(ReadOnlySpan<byte> text, Span<float> values, int line)
        {
            for (var i = 0; i < values.Length; i++)
            {
                text = text.TrimStart(" \t"u8);
                if (!Utf8Parser.TryParse(text, out values[i], out var used) || !float.IsFinite(values[i]))
                {
                    throw Bad(line, $"not {values.Length} numbers");
                }

                text = text[used..];
            }
        }

        private void Face(ReadOnlySpan<byte> text, int line)
        {
            polygon.Clear();
            for (text = text.TrimStart(" \t"u8); !text.IsEmpty; text = text.TrimStart(" \t"u8))
            {
                var end = text.IndexOfAny((byte)' ', (byte)'\t');
                polygon.Add(Corner(end < 0 ? text : text[..end], line));
                text = end < 0 ? default : text[end..];
            }

            if (polygon.Count < 3)
            {
                throw Bad(line, "a face has at least three corners");
            }

            if (polygon.Count == 4)
            {
                Add(0, 1, 2, 3);
                return;
            }

            for (var c = 1; c + 1 < polygon.Count; c++)
            {
                Add(0, c, c + 1, -1);
            }
        }

        private (int Vertex, int Uv) Corner(ReadOnlySpan<byte> text, int line)
        {
            var vertex = Index(ref text, Positions.Count, "vertex", line);
            var uv = -1;
            if (text.Length > 1 && text[0] == (byte)'/' && text[1] != (byte)'/')
            {
                text = text[1..];
                uv = Index(ref text, Uvs.Count, "texture coordinate", line);
            }

            return (vertex, uv);
        }

        private int Index(ref ReadOnlySpan<byte> text, int count, string what, int line)
        {
            if (!Utf8Parser.TryParse(text, out int index, out var used))
            {
                throw Bad(line, "not a face");
            }

            if (index == 0 || index > count || index < -count)
            {
                throw Bad(line, string.Create(CultureInfo.InvariantCulture, $"{what} {index} of {count}"));
            }

            text = text[used..];
            return index > 0 ? index - 1 : count + index;
        }

        private void Add(int a, int b, int c, int d)
        {
            foreach (var k in (ReadOnlySpan<int>)[a, b, c, d])
            {
                Faces.Add(k < 0 ? -1 : polygon[k].Vertex);
                FaceUvs.Add(k < 0 ? -1 : polygon[k].Uv);
            }
        }

        private MoSarException Bad(int line, string what) => new("mesh-broken", $"{path}:{line}: {what}.", Remedy);
    }
}
