using System.Numerics;

namespace MoSar.Training.Data;

/// <summary>A picture in memory as sRGB bytes with coverage: cut-outs, portraits and backgrounds alike. Not premultiplied.</summary>
/// <param name="Rgba">Width·Height·4.</param>
internal sealed record Tile(int Width, int Height, byte[] Rgba)
{
    /// <summary>An opaque tile of a linear picture.</summary>
    public static Tile From(Image linear)
    {
        var rgba = new byte[4 * linear.Width * linear.Height];
        for (var i = 0; i < linear.Width * linear.Height; i++)
        {
            Synthetic.Srgb8.Encode(new Vector3(linear.Pixels.AsSpan(3 * i, 3)), rgba.AsSpan(4 * i, 3));
            rgba[(4 * i) + 3] = 255;
        }

        return new Tile(linear.Width, linear.Height, rgba);
    }

    /// <summary>
    /// Bilinear sRGB colour in [0, 255] (premultiplied by coverage) and coverage in [0, 1]; nothing outside.
    /// </summary>
    /// <param name="p">Continuous pixels.</param>
    public Vector4 Sample(Vector2 p)
    {
        float x = p.X - 0.5f, y = p.Y - 0.5f;
        if (!(x > -1 && y > -1 && x < Width && y < Height))
        {
            return Vector4.Zero;
        }

        int x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y);
        float fx = x - x0, fy = y - y0;
        return Vector4.Lerp(Vector4.Lerp(At(x0, y0), At(x0 + 1, y0), fx), Vector4.Lerp(At(x0, y0 + 1), At(x0 + 1, y0 + 1), fx), fy);
    }

    /// <summary>The same with the picture repeated in mirror images: backgrounds have no end.</summary>
    public Vector4 SampleMirrored(Vector2 p) =>
        Sample(new Vector2(Math.Clamp(Fold(p.X, Width), 0.5f, Width - 0.5f), Math.Clamp(Fold(p.Y, Height), 0.5f, Height - 0.5f)));

    private static float Fold(float x, int size)
    {
        x = MathF.Abs(x) % (2 * size);
        return x < size ? x : (2 * size) - x;
    }

    private Vector4 At(int x, int y)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height)
        {
            return Vector4.Zero;
        }

        var o = 4 * ((y * Width) + x);
        var a = Rgba[o + 3] * (1 / 255f);
        return new Vector4(Rgba[o] * a, Rgba[o + 1] * a, Rgba[o + 2] * a, a);
    }
}
