using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;

namespace MoSar.Faces.Source;

/// <summary>Positions and faces of a Wavefront OBJ; texture coordinates, normals, groups and materials are passed over.</summary>
internal static class ObjFile
{
    private const string Remedy = "Fetch the file again from ICT-FaceKit.";

    public static (Vector3[] Positions, int[] Faces) Read(string path, bool withFaces, IncrementalHash hash)
    {
        if (!File.Exists(path))
        {
            throw new MoSarException("source-missing", $"{path}: no such file.", Remedy);
        }

        var bytes = File.ReadAllBytes(path);
        hash.AppendData(bytes);
        var positions = new List<Vector3>(1 << 15);
        var faces = new List<int>();
        var rest = bytes.AsSpan();
        for (var line = 1; !rest.IsEmpty; line++)
        {
            var end = rest.IndexOf((byte)'\n');
            var text = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (text.StartsWith("v "u8))
            {
                positions.Add(Position(text[2..], path, line));
            }
            else if (withFaces && text.StartsWith("f "u8))
            {
                Face(text[2..], faces, positions.Count, path, line);
            }
        }

        return positions.Count > 0
            ? (positions.ToArray(), faces.ToArray())
            : throw new MoSarException("source-damaged", $"{path}: no vertex in it.", Remedy);
    }

    private static Vector3 Position(ReadOnlySpan<byte> text, string path, int line)
    {
        Span<float> xyz = stackalloc float[3];
        foreach (ref var c in xyz)
        {
            text = text.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(text, out c, out var used) || !float.IsFinite(c))
            {
                throw Bad(path, line);
            }

            text = text[used..];
        }

        return new Vector3(xyz);
    }

    private static void Face(ReadOnlySpan<byte> text, List<int> faces, int vertexCount, string path, int line)
    {
        var corners = 0;
        for (text = text.Trim(" \r\t"u8); !text.IsEmpty; text = text.TrimStart((byte)' '))
        {
            if (!Utf8Parser.TryParse(text, out int index, out _) || index == 0 || index > vertexCount || index < -vertexCount || ++corners > 4)
            {
                throw Bad(path, line);
            }

            faces.Add(index > 0 ? index - 1 : vertexCount + index);
            var space = text.IndexOf((byte)' ');
            text = space < 0 ? default : text[space..];
        }

        if (corners < 3)
        {
            throw Bad(path, line);
        }

        if (corners == 3)
        {
            faces.Add(-1);
        }
    }

    private static MoSarException Bad(string path, int line) =>
        new("source-damaged", $"{path}:{line}: not a vertex of three numbers or a face of three or four corners.", Remedy);
}
