using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Faces;

/// <summary>Reads the <see cref="FaceTemplate"/> out of a model file and checks that every index stays inside its table.</summary>
internal static class TemplateReader
{
    public static FaceTemplate Read(SafetensorsFile file)
    {
        var vertexCount = file.Shape("mean") is [var v, 3] ? (int)v : throw file.Mismatch($"{file.Path}: tensor 'mean' is not [V, 3]");
        var uvs = MemoryMarshal.Cast<float, Vector2>(file.Floats("uvs", -1, 2)).ToArray();
        var faces = file.Ints("faces", -1, 4);
        var faceUvs = file.Ints("face_uvs", faces.Length / 4, 4);
        var mirror = file.Ints("mirror", vertexCount);
        CheckRange(file, "mirror", mirror, 0, vertexCount);
        CheckFaces(file, "faces", faces, vertexCount);
        CheckFaces(file, "face_uvs", faceUvs, uvs.Length);
        var triangles = Split(faces);
        var expressionNames = Names(file, "expression_names");
        return new FaceTemplate
        {
            Id = file.Text("template_id"),
            VertexCount = vertexCount,
            Faces = faces,
            FaceUvs = faceUvs,
            Uvs = uvs,
            Triangles = triangles,
            TriangleUvs = SplitLike(faces, faceUvs),
            Mirror = mirror,
            Regions = Regions(file, vertexCount),
            Landmarks = Points(file, "landmarks", 68, triangles.Length / 3),
            JawCandidates = Candidates(file, triangles.Length / 3),
            Expressions = Expressions(file, expressionNames, vertexCount),
        };
    }

    /// <summary>Quads a b c d become a b c and a c d; a triangle stays.</summary>
    internal static int[] Split(int[] faces) => SplitLike(faces, faces);

    internal static int[] SplitLike(int[] faces, int[] values)
    {
        var result = new List<int>(faces.Length * 3 / 2);
        for (var f = 0; f < faces.Length; f += 4)
        {
            result.AddRange([values[f], values[f + 1], values[f + 2]]);
            if (faces[f + 3] >= 0)
            {
                result.AddRange([values[f], values[f + 2], values[f + 3]]);
            }
        }

        return [.. result];
    }

    private static Dictionary<string, float[]> Regions(SafetensorsFile file, int vertexCount)
    {
        var names = Names(file, "region_names");
        var weights = file.Bytes("regions", names.Length, vertexCount);
        var regions = new Dictionary<string, float[]>(names.Length);
        for (var r = 0; r < names.Length; r++)
        {
            var region = new float[vertexCount];
            for (var i = 0; i < vertexCount; i++)
            {
                region[i] = weights[(r * vertexCount) + i] / 255f;
            }

            regions[names[r]] = region;
        }

        return regions;
    }

    private static Blendshape[] Expressions(SafetensorsFile file, string[] names, int vertexCount)
    {
        var start = file.Ints("expression_start", names.Length + 1);
        var index = file.Ints("expression_index", -1);
        var offset = file.Vectors("expression_offset", index.Length, 3);
        CheckRange(file, "expression_index", index, 0, vertexCount);
        CheckStarts(file, "expression_start", start, index.Length);
        var shapes = new Blendshape[names.Length];
        for (var k = 0; k < names.Length; k++)
        {
            var offsets = new Vector3[vertexCount];
            for (var i = start[k]; i < start[k + 1]; i++)
            {
                offsets[index[i]] = offset[i];
            }

            shapes[k] = new Blendshape(names[k], offsets);
        }

        return shapes;
    }

    private static SurfacePoint[] Points(SafetensorsFile file, string name, int count, int triangleCount)
    {
        var triangle = file.Ints($"{name}_triangle", count);
        var barycentric = file.Vectors($"{name}_barycentric", triangle.Length, 3);
        CheckRange(file, $"{name}_triangle", triangle, 0, triangleCount);
        return [.. triangle.Zip(barycentric, (t, b) => new SurfacePoint(t, b))];
    }

    private static SurfacePoint[][] Candidates(SafetensorsFile file, int triangleCount)
    {
        var start = file.Ints("jaw_start", 18);
        var points = Points(file, "jaw", -1, triangleCount);
        CheckStarts(file, "jaw_start", start, points.Length);
        return [.. Enumerable.Range(0, 17).Select(j => points[start[j]..start[j + 1]])];
    }

    private static string[] Names(SafetensorsFile file, string key) => file.Text(key).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static void CheckFaces(SafetensorsFile file, string name, int[] faces, int count)
    {
        for (var i = 0; i < faces.Length; i++)
        {
            if (faces[i] >= count || faces[i] < (i % 4 == 3 ? -1 : 0))
            {
                throw file.Invalid($"{file.Path}: tensor '{name}' holds the index {faces[i]}, there are {count}");
            }
        }
    }

    private static void CheckRange(SafetensorsFile file, string name, int[] values, int low, int end)
    {
        foreach (var value in values)
        {
            if (value < low || value >= end)
            {
                throw file.Invalid($"{file.Path}: tensor '{name}' holds the index {value}, there are {end}");
            }
        }
    }

    private static void CheckStarts(SafetensorsFile file, string name, int[] start, int count)
    {
        var ordered = start[0] == 0 && start[^1] == count;
        for (var i = 1; ordered && i < start.Length; i++)
        {
            ordered = start[i] >= start[i - 1];
        }

        if (!ordered)
        {
            throw file.Invalid($"{file.Path}: tensor '{name}' does not rise from 0 to {count}");
        }
    }
}
