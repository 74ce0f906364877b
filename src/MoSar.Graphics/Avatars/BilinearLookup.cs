using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Bilinear look-ups in maps, (u, v) in [0, 1] from the top left, clamped at the borders.</summary>
internal static class BilinearLookup
{
    public static Vector3 Bilinear(this Image map, Vector2 uv)
    {
        var (at, right, down, fx, fy) = Cell(map, uv);
        var p = map.Pixels;
        return Vector3.Lerp(
            Vector3.Lerp(new Vector3(p.AsSpan(at, 3)), new Vector3(p.AsSpan(at + right, 3)), fx),
            Vector3.Lerp(new Vector3(p.AsSpan(at + down, 3)), new Vector3(p.AsSpan(at + down + right, 3)), fx),
            fy);
    }

    public static float BilinearOne(this Image map, Vector2 uv)
    {
        var (at, right, down, fx, fy) = Cell(map, uv);
        var p = map.Pixels;
        return float.Lerp(float.Lerp(p[at], p[at + right], fx), float.Lerp(p[at + down], p[at + down + right], fx), fy);
    }

    private static (int At, int Right, int Down, float Fx, float Fy) Cell(Image map, Vector2 uv)
    {
        var x = Math.Clamp((uv.X * map.Width) - 0.5f, 0, map.Width - 1);
        var y = Math.Clamp((uv.Y * map.Height) - 0.5f, 0, map.Height - 1);
        var (x0, y0) = ((int)x, (int)y);
        return (
            ((y0 * map.Width) + x0) * map.Channels,
            x0 + 1 < map.Width ? map.Channels : 0,
            y0 + 1 < map.Height ? map.Width * map.Channels : 0,
            x - x0,
            y - y0);
    }
}
