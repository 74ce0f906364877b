using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Bilinear lookups of an atlas picture by texture coordinates, for shading many samples.</summary>
public static class MapSampler
{
    /// <summary>One triple for each coordinate.</summary>
    /// <param name="map">R×R×3.</param>
    /// <param name="result">3 values a coordinate.</param>
    public static void Sample3(Image map, Vector2[] uvs, float[] result, CancellationToken cancellation = default) => ForChunks(uvs.Length, cancellation, k =>
        Resample.Bilinear3(map, uvs[k] * new Vector2(map.Width, map.Height)).CopyTo(result, 3 * k));

    /// <summary>One value for each coordinate, of a map's first channel.</summary>
    public static void Sample1(Image map, Vector2[] uvs, float[] result, CancellationToken cancellation = default) => ForChunks(uvs.Length, cancellation, k =>
    {
        var (w, h, n) = (map.Width, map.Height, map.Channels);
        var (x, y) = (Math.Clamp((uvs[k].X * w) - 0.5f, 0, w - 1), Math.Clamp((uvs[k].Y * h) - 0.5f, 0, h - 1));
        var (x0, y0) = ((int)x, (int)y);
        var (x1, y1) = (Math.Min(x0 + 1, w - 1), Math.Min(y0 + 1, h - 1));
        var p = map.Pixels;
        var top = float.Lerp(p[((y0 * w) + x0) * n], p[((y0 * w) + x1) * n], x - x0);
        var bottom = float.Lerp(p[((y1 * w) + x0) * n], p[((y1 * w) + x1) * n], x - x0);
        result[k] = float.Lerp(top, bottom, y - y0);
    });

    private static void ForChunks(int count, CancellationToken cancellation, Action<int> one)
    {
        const int chunk = 4096;
        Parallel.For(0, (count + chunk - 1) / chunk, new ParallelOptions { CancellationToken = cancellation }, c =>
        {
            for (var k = c * chunk; k < Math.Min((c + 1) * chunk, count); k++)
            {
                one(k);
            }
        });
    }
}
