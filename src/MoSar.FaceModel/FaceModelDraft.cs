using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces.Building;
using MoSar.Faces.Source;

namespace MoSar.Faces;

/// <summary>A face model as the builder made it, before it is written.</summary>
public sealed class FaceModelDraft
{
    /// <summary>Offsets below this length, in millimetres, are left out of an expression.</summary>
    private const float ExpressionFloor = 2e-3f;

    private readonly ModelParts _parts;

    internal FaceModelDraft(ModelParts parts) => _parts = parts;

    public int VertexCount => _parts.Mean.Length;

    public int FaceCount => _parts.Layout.Faces.Length / 4;

    /// <summary>Distance from every skin vertex of the source to the template's skin, mean and largest, millimetres; the lips' closing included.</summary>
    public (double Mean, double Largest) ResamplingError()
    {
        var triangles = TemplateReader.Split(_parts.Layout.Faces);
        var probe = new SurfaceProbe(_parts.Mean, triangles, t => Enumerable.Range(t * 3, 3).All(k => _parts.Layout.Parts[triangles[k]] == HeadPart.Skin));
        double sum = 0, largest = 0;
        var count = 0;
        for (var v = 0; v < _parts.Source.Positions.Length; v++)
        {
            if (_parts.Source.Parts[v] == HeadPart.Skin)
            {
                var distance = probe.Closest(_parts.Source.Positions[v]).Distance;
                (sum, largest, count) = (sum + distance, Math.Max(largest, distance), count + 1);
            }
        }

        return (sum / count, largest);
    }

    /// <summary>Writes <c>face.safetensors</c>, beside first and renamed when whole.</summary>
    public void Save(string path)
    {
        var v = _parts.Mean.Length;
        var writer = new SafetensorsWriter
        {
            Metadata =
            {
                ["schema"] = FaceModel.Schema,
                ["template_id"] = _parts.Layout.Id,
                ["units"] = "millimetres, right-handed, +Y up, face looking along +Z",
                ["source"] = _parts.Source.Origin,
                ["source_sha256"] = _parts.Source.Sha256,
                ["licence"] = "MIT; identity and expression data (c) 2020 USC Institute for Creative Technologies",
                ["expression_names"] = string.Join(',', _parts.Expressions.Select(e => e.Name)),
                ["region_names"] = string.Join(',', _parts.Regions.Keys),
            },
        };
        writer.Add("mean", Flat(_parts.Mean), v, 3)
            .Add("faces", _parts.Layout.Faces, FaceCount, 4)
            .Add("face_uvs", _parts.Layout.FaceUvs, FaceCount, 4)
            .Add("uvs", MemoryMarshal.Cast<Vector2, float>(_parts.Layout.Uvs), _parts.Layout.Uvs.Length, 2)
            .Add("mirror", _parts.Layout.Mirror, v)
            .Add<byte>("regions", [.. _parts.Regions.Values.SelectMany(r => r.Select(w => (byte)MathF.Round(w * 255)))], _parts.Regions.Count, v)
            .Add("eye_centres", Flat(_parts.EyeCentres), 2, 3)
            .Add("eye_centres_identity", Flat(_parts.EyeCentresIdentity), _parts.Identity.Length, 2, 3)
            .Add("albedo_mean", Flat(_parts.AlbedoMean), v, 3);
        Modes(writer, "identity", _parts.Identity);
        Modes(writer, "albedo_basis", _parts.AlbedoModes);
        Points(writer, "landmarks", _parts.Landmarks);
        Points(writer, "jaw", [.. _parts.JawCandidates.SelectMany(c => c)]);
        writer.Add("jaw_start", Starts(_parts.JawCandidates.Select(c => c.Length)), _parts.JawCandidates.Length + 1);
        SparseExpressions(writer);
        LevelFile.Write(writer, _parts.Pyramid, _parts.HeadParts);
        writer.Save(path);
    }

    /// <summary>One line of figures a program or a person may read.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{_parts.Layout.Id}: {VertexCount} vertices, {FaceCount} faces, {_parts.Identity.Length} identity modes, {_parts.Expressions.Length} expressions");

    private static void Modes(SafetensorsWriter writer, string name, Vector3[][] modes)
    {
        // F16 with a scale a mode keeps 11 bits of the mode's largest offset: below 2 µm for the millimetres at hand.
        var scale = modes.Select(m => Math.Max(1e-12f, MaxAbs(m))).ToArray();
        var flat = modes.SelectMany((m, k) => m.Select(o => o / scale[k])).ToArray();
        writer.AddAsHalf(name, Flat(flat), modes.Length, modes.Length == 0 ? 0 : modes[0].Length, 3);
        writer.Add($"{name}_scale", scale, modes.Length);
    }

    private static void Points(SafetensorsWriter writer, string name, SurfacePoint[] points)
    {
        writer.Add<int>($"{name}_triangle", [.. points.Select(p => p.Triangle)], points.Length);
        writer.Add($"{name}_barycentric", Flat([.. points.Select(p => p.Barycentric)]), points.Length, 3);
    }

    private void SparseExpressions(SafetensorsWriter writer)
    {
        var moved = _parts.Expressions.Select(e => Enumerable.Range(0, e.Offsets.Length).Where(i => e.Offsets[i].Length() > ExpressionFloor).ToArray()).ToArray();
        var count = moved.Sum(m => m.Length);
        writer.Add("expression_start", Starts(moved.Select(m => m.Length)), moved.Length + 1);
        writer.Add<int>("expression_index", [.. moved.SelectMany(m => m)], count);
        writer.AddAsHalf("expression_offset", Flat([.. moved.SelectMany((m, k) => m.Select(i => _parts.Expressions[k].Offsets[i]))]), count, 3);
    }

    private static int[] Starts(IEnumerable<int> lengths)
    {
        var starts = new List<int> { 0 };
        foreach (var length in lengths)
        {
            starts.Add(starts[^1] + length);
        }

        return [.. starts];
    }

    private static float MaxAbs(Vector3[] offsets)
    {
        var max = Vector3.Zero;
        foreach (var o in offsets)
        {
            max = Vector3.Max(max, Vector3.Abs(o));
        }

        return Math.Max(max.X, Math.Max(max.Y, max.Z));
    }

    private static ReadOnlySpan<float> Flat(ReadOnlySpan<Vector3> vectors) => MemoryMarshal.Cast<Vector3, float>(vectors);
}
