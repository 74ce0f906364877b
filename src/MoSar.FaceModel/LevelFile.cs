using System.Globalization;
using System.Runtime.InteropServices;
using MoSar.Faces.Building;

namespace MoSar.Faces;

/// <summary>The levels and parts of a model file (docs/face-model.md): reading, writing, and adding them to a file that has none.</summary>
public static class LevelFile
{
    private const string Remedy = "Make it with `mosar model build --from ict-facekit DIR`.", Prefix = "level_", PartWeights = "part_weights", PartNames = "part_names";

    /// <summary>Makes levels and parts of the file's mean head and writes them into it; every other tensor keeps its bytes. Beside first, then renamed.</summary>
    /// <exception cref="MoSarException">The file is missing or damaged.</exception>
    public static (MeshPyramid Pyramid, MeshParts Parts) Replace(string path)
    {
        var model = FaceModel.Load(path);
        var (pyramid, parts) = Make(model.Mean, model.Template.Faces, model.Template.Mirror, model.Template.Regions, model.Template.LandmarksOn(model.Mean));
        var file = SafetensorsFile.Read(path, Remedy);
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in file.Metadata)
        {
            writer.Metadata[key] = value;
        }

        foreach (var kept in file.Entries.Where(e => !e.Name.StartsWith(Prefix, StringComparison.Ordinal) && e.Name != PartWeights))
        {
            writer.AddBytes(kept.Name, kept.Type, file.Shape(kept.Name), file.Bytes(kept.Name));
        }

        Write(writer, pyramid, parts);
        writer.Save(path);
        return (pyramid, parts);
    }

    internal static (MeshPyramid Pyramid, MeshParts Parts) Make(
        System.Numerics.Vector3[] mean, int[] faces, int[] mirror, IReadOnlyDictionary<string, float[]> regions, System.Numerics.Vector3[] landmarks)
    {
        var pyramid = PyramidBuilder.Build(mean, faces, mirror, regions);
        return (pyramid, PartPainter.Paint(mean, pyramid, mirror, regions, landmarks));
    }

    /// <summary>A level's vertices and triangles one after the other; the finest level's vertices are all and are left out.</summary>
    internal static void Write(SafetensorsWriter writer, MeshPyramid pyramid, MeshParts parts)
    {
        var coarse = pyramid.Levels.Skip(1).ToArray();
        writer.Metadata[PartNames] = string.Join(',', parts.Names);
        writer.Add<int>("level_vertex_count", [.. pyramid.Levels.Select(l => l.Vertices.Length)], pyramid.Levels.Count)
            .Add<int>("level_triangle_count", [.. pyramid.Levels.Select(l => l.Triangles.Length / 3)], pyramid.Levels.Count)
            .Add<int>("level_vertices", [.. coarse.SelectMany(l => l.Vertices)], coarse.Sum(l => l.Vertices.Length))
            .Add<int>("level_triangles", [.. pyramid.Levels.SelectMany(l => l.Triangles)], pyramid.Levels.Sum(l => l.Triangles.Length / 3), 3)
            .Add<int>("level_up_corners", [.. pyramid.Steps.SelectMany(s => s.UpCorners)], pyramid.Steps.Sum(s => s.UpCorners.Length / 3), 3)
            .Add<float>("level_up_weights", [.. pyramid.Steps.SelectMany(s => s.UpWeights)], pyramid.Steps.Sum(s => s.UpWeights.Length / 3), 3)
            .Add<byte>(PartWeights, [.. parts.Weights.SelectMany(p => p.Select(w => (byte)MathF.Round(w * 255)))], parts.Names.Count, parts.Weights[0].Length);
    }

    /// <summary>Null when the file has none, as those made before there were levels.</summary>
    internal static (MeshPyramid Pyramid, MeshParts Parts)? Read(SafetensorsFile file, FaceTemplate template)
    {
        if (!file.Contains("level_vertex_count"))
        {
            return null;
        }

        var counts = file.Ints("level_vertex_count", -1);
        var triangleCounts = file.Ints("level_triangle_count", counts.Length);
        if (counts.Length < 2 || counts[0] != template.VertexCount || Enumerable.Range(1, counts.Length - 1).Any(k => counts[k] < 1 || counts[k] >= counts[k - 1]) || triangleCounts.Any(c => c < 1))
        {
            throw file.Invalid($"{file.Path}: tensor 'level_vertex_count' does not fall from {template.VertexCount}: {string.Join(", ", counts.Select(c => c.ToString(CultureInfo.InvariantCulture)))}");
        }

        var vertices = file.Ints("level_vertices", counts.Skip(1).Sum());
        var triangles = file.Ints("level_triangles", triangleCounts.Sum(), 3);
        var upCorners = file.Ints("level_up_corners", counts.SkipLast(1).Sum(), 3);
        var upWeights = file.Floats("level_up_weights", counts.SkipLast(1).Sum(), 3);
        var levels = new List<MeshLevel>();
        var steps = new List<MeshStep>();
        for (int k = 0, vertexAt = 0, triangleAt = 0, upAt = 0; k < counts.Length; k++)
        {
            int[] own = k == 0 ? [.. Enumerable.Range(0, counts[0])] : vertices[vertexAt..(vertexAt + counts[k])];
            var corners = triangles[(3 * triangleAt)..(3 * (triangleAt + triangleCounts[k]))];
            Check(file, "level_triangles", corners, counts[k]);
            levels.Add(new MeshLevel { Vertices = own, Triangles = corners, Edges = k == 0 ? PyramidBuilder.EdgesOf(template.Faces, 4) : PyramidBuilder.EdgesOf(corners, 3) });
            (vertexAt, triangleAt) = (k == 0 ? 0 : vertexAt + counts[k], triangleAt + triangleCounts[k]);
            if (k > 0)
            {
                var (from, to) = (3 * upAt, 3 * (upAt + counts[k - 1]));
                Check(file, "level_up_corners", upCorners.AsSpan(from, to - from), counts[k]);
                steps.Add(new MeshStep(Down(file, levels[k - 1].Vertices, own), upCorners[from..to], upWeights[from..to]));
                upAt += counts[k - 1];
            }
        }

        return (new MeshPyramid(levels, steps), Parts(file, template.VertexCount));
    }

    private static MeshParts Parts(SafetensorsFile file, int vertexCount)
    {
        var names = file.Text(PartNames).Split(',');
        var weights = MemoryMarshal.AsBytes(file.Bytes(PartWeights, names.Length, vertexCount)).ToArray();
        var parts = new MeshParts(names, [.. Enumerable.Range(0, names.Length).Select(p => weights.AsSpan(p * vertexCount, vertexCount).ToArray().Select(w => w / 255f).ToArray())]);
        var orphan = Enumerable.Range(0, vertexCount).FirstOrDefault(v => parts.Weights.All(p => p[v] == 0), -1);
        return orphan < 0 ? parts : throw file.Invalid($"{file.Path}: tensor '{PartWeights}' has vertex {orphan} in no part");
    }

    /// <summary>Where the kept vertices stand in the finer level; both rise.</summary>
    private static int[] Down(SafetensorsFile file, int[] fine, int[] coarse)
    {
        var down = new int[coarse.Length];
        for (var i = 0; i < coarse.Length; i++)
        {
            down[i] = Array.BinarySearch(fine, coarse[i]);
            if (down[i] < 0 || (i > 0 && coarse[i] <= coarse[i - 1]))
            {
                throw file.Invalid($"{file.Path}: tensor 'level_vertices' holds {coarse[i]}, which is not of the finer level or out of order");
            }
        }

        return down;
    }

    private static void Check(SafetensorsFile file, string name, ReadOnlySpan<int> values, int count)
    {
        foreach (var value in values)
        {
            if (value < 0 || value >= count)
            {
                throw file.Invalid($"{file.Path}: tensor '{name}' holds the index {value}, there are {count}");
            }
        }
    }
}
