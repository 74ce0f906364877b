using System.Numerics;
using MoSar.Faces;

namespace MoSar.Training.Synthetic;

/// <summary>
/// What each texel of the model's atlas shows, measured once on the mean head: its rest position and its distance to brows, lips and
/// lids. Skins are painted and photographs projected through it. Side: <see cref="Side"/> texels.
/// </summary>
internal sealed class SkinAtlas
{
    public const int Side = 512;

    private static readonly int[][] Brows = [[17, 18, 19, 20, 21], [22, 23, 24, 25, 26]];
    private static readonly int[][] Lids = [[36, 37, 38, 39, 40, 41, 36], [42, 43, 44, 45, 46, 47, 42]];

    public SkinAtlas(FaceModel model)
    {
        Model = model;
        var template = model.Template;
        Landmarks = template.LandmarksOn(model.Mean);
        Triangle = new int[Side * Side];
        Weights = new Vector3[Side * Side];
        Array.Fill(Triangle, -1);
        Rasterize(template);
        Texels = [.. Enumerable.Range(0, Side * Side).Where(i => Triangle[i] >= 0)];
        Position = new Vector3[Side * Side];
        BrowDistance = new float[Side * Side];
        LidDistance = new float[Side * Side];
        Lips = new float[Side * Side];
        Beard = new float[Side * Side];
        Parallel.ForEach(Texels, Measure);
    }

    public FaceModel Model { get; }

    /// <summary>68 positions on the mean head.</summary>
    public Vector3[] Landmarks { get; }

    /// <summary>Indices of the texels that lie on a triangle.</summary>
    public int[] Texels { get; }

    /// <summary>Per texel: triangle of the template, −1 outside; with <see cref="Weights"/> of its corners.</summary>
    public int[] Triangle { get; }

    public Vector3[] Weights { get; }

    /// <summary>Per texel, millimetres on the mean head.</summary>
    public Vector3[] Position { get; }

    /// <summary>Per texel, millimetres to the nearer brow's line.</summary>
    public float[] BrowDistance { get; }

    /// <summary>Per texel, millimetres to the nearer eye's opening.</summary>
    public float[] LidDistance { get; }

    /// <summary>Per texel, how much lip it is, in [0, 1].</summary>
    public float[] Lips { get; }

    /// <summary>Per texel, how much a beard would grow there, in [0, 1].</summary>
    public float[] Beard { get; }

    /// <summary>A vertex attribute at a texel.</summary>
    public Vector3 At(int texel, ReadOnlySpan<Vector3> values)
    {
        var t = Model.Template.Triangles.AsSpan(3 * Triangle[texel], 3);
        var w = Weights[texel];
        return (w.X * values[t[0]]) + (w.Y * values[t[1]]) + (w.Z * values[t[2]]);
    }

    public float At(int texel, ReadOnlySpan<float> values)
    {
        var t = Model.Template.Triangles.AsSpan(3 * Triangle[texel], 3);
        var w = Weights[texel];
        return (w.X * values[t[0]]) + (w.Y * values[t[1]]) + (w.Z * values[t[2]]);
    }

    /// <summary>Shortest distance from a point to a polyline.</summary>
    public static float Distance(Vector3 p, ReadOnlySpan<Vector3> line)
    {
        var best = float.MaxValue;
        for (var i = 0; i + 1 < line.Length; i++)
        {
            var d = line[i + 1] - line[i];
            var t = Math.Clamp(Vector3.Dot(p - line[i], d) / Math.Max(d.LengthSquared(), 1e-6f), 0, 1);
            best = Math.Min(best, Vector3.DistanceSquared(p, line[i] + (t * d)));
        }

        return MathF.Sqrt(best);
    }

    private void Rasterize(FaceTemplate template)
    {
        var buffer = new TriangleBuffer(Side, Side);
        buffer.Clear();
        var vertices = template.Uvs.Select(uv => new Vector3(uv * Side, 1)).ToArray();
        buffer.Draw(vertices, template.TriangleUvs, 0);
        for (var i = 0; i < Side * Side; i++)
        {
            var t = buffer.Triangle[i];
            if (t >= 0)
            {
                var c = template.TriangleUvs.AsSpan(3 * t, 3);
                Triangle[i] = t;
                Weights[i] = TriangleBuffer.Weights(vertices[c[0]], vertices[c[1]], vertices[c[2]], i % Side, i / Side);
            }
        }
    }

    private void Measure(int texel)
    {
        var p = At(texel, Model.Mean);
        Position[texel] = p;
        BrowDistance[texel] = Brows.Min(b => Distance(p, [.. b.Select(i => Landmarks[i])]));
        LidDistance[texel] = Lids.Min(b => Distance(p, [.. b.Select(i => Landmarks[i])]));
        Lips[texel] = Model.Template.Regions.TryGetValue("lips", out var lips) ? At(texel, lips) : 0;

        // Moustache, chin and jaw up to the ears: below the nose, in front of the ears, above the throat.
        float nose = Landmarks[33].Y, chin = Landmarks[8].Y, ear = Landmarks[0].Z;
        var below = Smooth((nose + 3 + (MathF.Max(0, MathF.Abs(p.X) - 25) * 0.6f) - p.Y) / 10);
        var front = Smooth((p.Z - ear - 5) / 15);
        var above = Smooth((p.Y - chin + 25) / 15);
        Beard[texel] = below * front * above * (1 - Lips[texel]);
    }

    public static float Smooth(float t)
    {
        t = Math.Clamp(t, 0, 1);
        return t * t * (3 - (2 * t));
    }
}
