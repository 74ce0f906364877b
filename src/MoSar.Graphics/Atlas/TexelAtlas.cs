using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// The texels of a template's atlas at one resolution: which triangle's chart covers each texel's centre, and where in it. Depends on the
/// template only, so it serves every head. Row-major, index y·Resolution + x.
/// </summary>
public sealed class TexelAtlas
{
    private TexelAtlas(FaceTemplate template, int resolution)
    {
        Template = template;
        Resolution = resolution;
        Triangles = new int[resolution * resolution];
        Barycentric = new Vector2[resolution * resolution];
        Array.Fill(Triangles, -1);
    }

    public FaceTemplate Template { get; }

    /// <summary>Side in texels.</summary>
    public int Resolution { get; }

    /// <summary>Resolution² triangle numbers (index into <see cref="FaceTemplate.Triangles"/> divided by 3); −1 between the charts.</summary>
    public int[] Triangles { get; }

    /// <summary>Resolution² weights of the triangle's second and third corner; the first has the rest of 1.</summary>
    public Vector2[] Barycentric { get; }

    public static TexelAtlas Rasterize(FaceTemplate template, int resolution)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resolution);
        var atlas = new TexelAtlas(template, resolution);
        for (var t = 0; t < template.TriangleUvs.Length / 3; t++)
        {
            atlas.Cover(t);
        }

        return atlas;
    }

    public bool Covers(int texel) => Triangles[texel] >= 0;

    /// <summary>Interpolates values given for each of the V vertices; <paramref name="outside"/> between the charts.</summary>
    public Vector3 AtVertices(ReadOnlySpan<Vector3> values, int texel, Vector3 outside = default)
    {
        var t = Triangles[texel];
        return t < 0 ? outside : Blend(values, Template.Triangles.AsSpan(3 * t, 3), Barycentric[texel]);
    }

    /// <summary>Interpolates values given for each of the V vertices; <paramref name="outside"/> between the charts.</summary>
    public float AtVertices(ReadOnlySpan<float> values, int texel, float outside = 0)
    {
        var t = Triangles[texel];
        if (t < 0)
        {
            return outside;
        }

        var b = Barycentric[texel];
        var corners = Template.Triangles.AsSpan(3 * t, 3);
        return ((1 - b.X - b.Y) * values[corners[0]]) + (b.X * values[corners[1]]) + (b.Y * values[corners[2]]);
    }

    /// <summary>Interpolates values given for each of the T texture coordinates; <paramref name="outside"/> between the charts.</summary>
    public Vector3 AtUvs(ReadOnlySpan<Vector3> values, int texel, Vector3 outside = default)
    {
        var t = Triangles[texel];
        return t < 0 ? outside : Blend(values, Template.TriangleUvs.AsSpan(3 * t, 3), Barycentric[texel]);
    }

    /// <summary>A map of one channel from values at the V vertices; 0 between the charts.</summary>
    public Image Spread(float[] values)
    {
        var image = new Image(Resolution, Resolution, 1);
        Parallel.For(0, Resolution, y =>
        {
            for (var i = y * Resolution; i < (y + 1) * Resolution; i++)
            {
                image.Pixels[i] = AtVertices(values, i);
            }
        });
        return image;
    }

    /// <summary>A map of three channels from values at the V vertices; 0 between the charts.</summary>
    public Image Spread(Vector3[] values)
    {
        var image = new Image(Resolution, Resolution, 3);
        Parallel.For(0, Resolution, y =>
        {
            for (var i = y * Resolution; i < (y + 1) * Resolution; i++)
            {
                AtVertices(values, i).CopyTo(image.Pixels, 3 * i);
            }
        });
        return image;
    }

    private static Vector3 Blend(ReadOnlySpan<Vector3> values, ReadOnlySpan<int> corners, Vector2 b) =>
        ((1 - b.X - b.Y) * values[corners[0]]) + (b.X * values[corners[1]]) + (b.Y * values[corners[2]]);

    // Texels whose centre lies in the triangle; on a shared edge the first triangle keeps the texel.
    private void Cover(int triangle)
    {
        var corners = Template.TriangleUvs.AsSpan(3 * triangle, 3);
        var (a, b, c) = (Template.Uvs[corners[0]] * Resolution, Template.Uvs[corners[1]] * Resolution, Template.Uvs[corners[2]] * Resolution);
        var (ab, ac) = (b - a, c - a);
        var area = (ab.X * ac.Y) - (ab.Y * ac.X);
        if (MathF.Abs(area) < 1e-12f)
        {
            return;
        }

        var low = Vector2.Min(a, Vector2.Min(b, c));
        var high = Vector2.Max(a, Vector2.Max(b, c));
        var (x0, x1) = (Math.Max(0, (int)MathF.Ceiling(low.X - 0.5f)), Math.Min(Resolution - 1, (int)MathF.Floor(high.X - 0.5f)));
        var (y0, y1) = (Math.Max(0, (int)MathF.Ceiling(low.Y - 0.5f)), Math.Min(Resolution - 1, (int)MathF.Floor(high.Y - 0.5f)));
        for (var y = y0; y <= y1; y++)
        {
            for (var x = x0; x <= x1; x++)
            {
                var p = new Vector2(x + 0.5f, y + 0.5f) - a;
                var s = ((p.X * ac.Y) - (p.Y * ac.X)) / area;
                var t = ((ab.X * p.Y) - (ab.Y * p.X)) / area;
                var at = (y * Resolution) + x;
                if (s >= -1e-5f && t >= -1e-5f && s + t <= 1 + 1e-5f && Triangles[at] < 0)
                {
                    (Triangles[at], Barycentric[at]) = (triangle, new Vector2(s, t));
                }
            }
        }
    }
}
