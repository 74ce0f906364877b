using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>
/// A depth buffer that remembers which triangle each pixel shows. Shading happens afterwards, once a pixel, so that overdraw (hair) is
/// cheap. Vertices carry (x, y) in pixels and a key that is linear in screen space and grows towards the viewer: 1/depth for a
/// perspective camera, −depth for a parallel light.
/// </summary>
internal sealed class TriangleBuffer(int width, int height)
{
    public const int Nothing = -1;

    public int Width { get; } = width;

    public int Height { get; } = height;

    public float[] Key { get; } = new float[width * height];

    public int[] Triangle { get; } = new int[width * height];

    public void Clear()
    {
        Array.Fill(Key, float.NegativeInfinity);
        Array.Fill(Triangle, Nothing);
    }

    /// <summary>Draws triangles whose id is <paramref name="firstId"/> plus their index.</summary>
    /// <param name="vertices">x, y, key.</param>
    /// <param name="indices">Three a triangle.</param>
    /// <param name="drawn">Per triangle, or empty for all.</param>
    /// <param name="bias">Added to the key: breaks ties between coincident layers.</param>
    public void Draw(ReadOnlySpan<Vector3> vertices, ReadOnlySpan<int> indices, int firstId, ReadOnlySpan<bool> drawn = default, float bias = 0)
    {
        for (var t = 0; t < indices.Length / 3; t++)
        {
            if (drawn.Length == 0 || drawn[t])
            {
                DrawOne(vertices[indices[3 * t]], vertices[indices[(3 * t) + 1]], vertices[indices[(3 * t) + 2]], firstId + t, bias);
            }
        }
    }

    private void DrawOne(Vector3 a, Vector3 b, Vector3 c, int id, float bias)
    {
        var area = ((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X));
        if (!(MathF.Abs(area) > 1e-8f))
        {
            return;
        }

        // Pixel centres lie at + 0.5: the first centre at or right of x is ceil(x − 0.5).
        var x0 = Math.Max(0, (int)MathF.Ceiling(MathF.Min(a.X, MathF.Min(b.X, c.X)) - 0.5f));
        var x1 = Math.Min(Width - 1, (int)MathF.Floor(MathF.Max(a.X, MathF.Max(b.X, c.X)) - 0.5f));
        var y0 = Math.Max(0, (int)MathF.Ceiling(MathF.Min(a.Y, MathF.Min(b.Y, c.Y)) - 0.5f));
        var y1 = Math.Min(Height - 1, (int)MathF.Floor(MathF.Max(a.Y, MathF.Max(b.Y, c.Y)) - 0.5f));
        var inverse = 1 / area;
        float stepB = (c.Y - a.Y) * inverse, stepC = -(b.Y - a.Y) * inverse;
        for (var y = y0; y <= y1; y++)
        {
            float dy = y + 0.5f - a.Y, dx = x0 + 0.5f - a.X;
            var wb = ((dx * (c.Y - a.Y)) - (dy * (c.X - a.X))) * inverse;
            var wc = ((dy * (b.X - a.X)) - (dx * (b.Y - a.Y))) * inverse;
            var at = (y * Width) + x0;
            for (var x = x0; x <= x1; x++, at++, wb += stepB, wc += stepC)
            {
                if (wb < 0 || wc < 0 || wb + wc > 1)
                {
                    continue;
                }

                var key = a.Z + (wb * (b.Z - a.Z)) + (wc * (c.Z - a.Z)) + bias;
                if (key > Key[at])
                {
                    Key[at] = key;
                    Triangle[at] = id;
                }
            }
        }
    }

    /// <summary>Perspective-correct weights of a triangle's corners at a pixel centre, for vertices whose key is 1/depth.</summary>
    public static Vector3 Weights(Vector3 a, Vector3 b, Vector3 c, int x, int y)
    {
        float px = x + 0.5f, py = y + 0.5f;
        var area = ((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X));
        var wb = (((px - a.X) * (c.Y - a.Y)) - ((py - a.Y) * (c.X - a.X))) / area;
        var wc = (((py - a.Y) * (b.X - a.X)) - ((px - a.X) * (b.Y - a.Y))) / area;
        var w = new Vector3((1 - wb - wc) * a.Z, wb * b.Z, wc * c.Z);
        return w / (w.X + w.Y + w.Z);
    }
}
