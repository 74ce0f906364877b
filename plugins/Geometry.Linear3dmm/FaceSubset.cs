using MoSar.Faces;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// The n skin vertices of the face that L_photo compares, with the triangles between them and the model's bases cut down to them. What
/// is not skin or lies under hair (eyeballs, mouth, scalp, neck) has no place in a colour comparison.
/// </summary>
internal sealed class FaceSubset
{
    public FaceSubset(FaceModel model)
    {
        var template = model.Template;
        var face = template.Regions["face"];
        var index = new int[template.VertexCount];
        var vertices = new List<int>();
        for (var v = 0; v < index.Length; v++)
        {
            index[v] = face[v] > 0.3f ? vertices.Count : -1;
            if (index[v] >= 0)
            {
                vertices.Add(v);
            }
        }

        Vertices = [.. vertices];
        var triangles = new List<int>();
        for (var t = 0; t < template.Triangles.Length; t += 3)
        {
            var (a, b, c) = (index[template.Triangles[t]], index[template.Triangles[t + 1]], index[template.Triangles[t + 2]]);
            if (a >= 0 && b >= 0 && c >= 0)
            {
                triangles.AddRange([a, b, c]);
            }
        }

        Triangles = [.. triangles];
        Weight = [.. Vertices.Select(v => Math.Clamp((face[v] - 0.3f) / 0.4f, 0, 1))];
        Mean = Cut(vertices, v => model.Mean[v].X, v => model.Mean[v].Y, v => model.Mean[v].Z);
        Parameters = model.IdentityCount + model.ExpressionCount;
        ShapeBasis = new float[Parameters * 3 * Count];
        CutModes(model.Identity, model.IdentityCount, template.VertexCount, ShapeBasis);
        for (var k = 0; k < model.ExpressionCount; k++)
        {
            var offsets = template.Expressions[k].Offsets;
            Cut(vertices, v => offsets[v].X, v => offsets[v].Y, v => offsets[v].Z).CopyTo(ShapeBasis, (model.IdentityCount + k) * 3 * Count);
        }

        AlbedoCount = model.AlbedoCount;
        AlbedoMean = Cut(vertices, v => model.AlbedoMean[3 * v], v => model.AlbedoMean[(3 * v) + 1], v => model.AlbedoMean[(3 * v) + 2]);
        AlbedoBasis = new float[AlbedoCount * 3 * Count];
        CutModes(model.AlbedoBasis, AlbedoCount, template.VertexCount, AlbedoBasis);
    }

    /// <summary>n indices into the template's vertices.</summary>
    public int[] Vertices { get; }

    public int Count => Vertices.Length;

    /// <summary>3 indices into <see cref="Vertices"/> a triangle.</summary>
    public int[] Triangles { get; }

    /// <summary>n weights in [0, 1], falling to 0 at the hairline and the jaw.</summary>
    public float[] Weight { get; }

    /// <summary>3n, millimetres.</summary>
    public float[] Mean { get; }

    /// <summary>Identity modes, then expressions.</summary>
    public int Parameters { get; }

    /// <summary>[Parameters, 3n], millimetres.</summary>
    public float[] ShapeBasis { get; }

    public int AlbedoCount { get; }

    /// <summary>3n, linear Rec.709.</summary>
    public float[] AlbedoMean { get; }

    /// <summary>[AlbedoCount, 3n].</summary>
    public float[] AlbedoBasis { get; }

    private static float[] Cut(List<int> vertices, Func<int, float> x, Func<int, float> y, Func<int, float> z)
    {
        var result = new float[3 * vertices.Count];
        for (var i = 0; i < vertices.Count; i++)
        {
            (result[3 * i], result[(3 * i) + 1], result[(3 * i) + 2]) = (x(vertices[i]), y(vertices[i]), z(vertices[i]));
        }

        return result;
    }

    private void CutModes(float[] modes, int count, int vertexCount, float[] result)
    {
        for (var k = 0; k < count; k++)
        {
            var source = modes.AsSpan(k * 3 * vertexCount, 3 * vertexCount);
            var target = result.AsSpan(k * 3 * Count, 3 * Count);
            for (var i = 0; i < Count; i++)
            {
                source.Slice(3 * Vertices[i], 3).CopyTo(target[(3 * i)..]);
            }
        }
    }
}
