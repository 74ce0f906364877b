using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoSar.Graphics;

/// <summary>Resizing and sampling of pictures. Pixel centres lie at ½: resizing maps centres of areas, never corners. Edges are continued.</summary>
public static class Resample
{
    /// <summary>One bilinear sample at a continuous pixel position.</summary>
    /// <param name="result">As many values as the picture has channels.</param>
    public static void Bilinear(Image image, Vector2 pixel, Span<float> result)
    {
        var (w, h, n) = (image.Width, image.Height, image.Channels);
        var (x, y) = (Math.Clamp(pixel.X - 0.5f, 0, w - 1), Math.Clamp(pixel.Y - 0.5f, 0, h - 1));
        var (x0, y0) = ((int)x, (int)y);
        var (fx, fy) = (x - x0, y - y0);
        var right = x0 + 1 < w ? n : 0;
        var below = y0 + 1 < h ? w * n : 0;
        var p = image.Pixels.AsSpan(((y0 * w) + x0) * n);
        for (var c = 0; c < n; c++)
        {
            var top = p[c] + (fx * (p[c + right] - p[c]));
            var bottom = p[c + below] + (fx * (p[c + below + right] - p[c + below]));
            result[c] = top + (fy * (bottom - top));
        }
    }

    /// <summary>One bilinear sample of the first three channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector3 Bilinear3(Image image, Vector2 pixel)
    {
        var (w, h, n) = (image.Width, image.Height, image.Channels);

        // Written so that NaN ends at the edge, not outside the array.
        var x = pixel.X - 0.5f > 0 ? MathF.Min(pixel.X - 0.5f, w - 1) : 0;
        var y = pixel.Y - 0.5f > 0 ? MathF.Min(pixel.Y - 0.5f, h - 1) : 0;
        var (x0, y0) = ((int)x, (int)y);
        var right = x0 + 1 < w ? n : 0;
        var below = y0 + 1 < h ? w * n : 0;
        var at = ((y0 * w) + x0) * n;
        if (at + below + right + 4 <= image.Pixels.Length)
        {
            // Four floats at a time, the last of which belongs to the next pixel and is dropped: half as fast again. The last
            // of the four positions is inside, so all are.
            ref var first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(image.Pixels), at);
            var (across, down) = (Vector128.Create(x - x0), Vector128.Create(y - y0));
            var upper = Vector128.Lerp(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, (nuint)right), across);
            var lower = Vector128.Lerp(Vector128.LoadUnsafe(ref first, (nuint)below), Vector128.LoadUnsafe(ref first, (nuint)(below + right)), across);
            return Vector128.Lerp(upper, lower, down).AsVector3();
        }

        var p = image.Pixels.AsSpan(at);
        var top = Vector3.Lerp(new Vector3(p), new Vector3(p[right..]), x - x0);
        var bottom = Vector3.Lerp(new Vector3(p[below..]), new Vector3(p[(below + right)..]), x - x0);
        return Vector3.Lerp(top, bottom, y - y0);
    }

    /// <summary>Averages the area under each new pixel, exactly: for making smaller. Larger: repeats.</summary>
    public static Image Area(Image image, int width, int height) => Separable(image, width, height, AreaWeights);

    /// <summary>Bilinear; smooths over the larger of the old and the new pixel.</summary>
    public static Image Bilinear(Image image, int width, int height) =>
        Separable(image, width, height, (from, to) => KernelWeights(from, to, 1, x => Math.Max(0, 1 - Math.Abs(x))));

    /// <summary>Keys' cubic (a = −½, Catmull–Rom): sharp, little ringing.</summary>
    public static Image Bicubic(Image image, int width, int height) => Separable(image, width, height, (from, to) => KernelWeights(from, to, 2, Keys));

    /// <summary>Lanczos with three lobes: the sharpest, rings at hard edges.</summary>
    public static Image Lanczos(Image image, int width, int height) =>
        Separable(image, width, height, (from, to) => KernelWeights(from, to, 3, x => Math.Abs(x) < 3 ? Sinc(x) * Sinc(x / 3) : 0));

    /// <summary>Halves both sides by 2×2 averages; an odd last row or column stands for itself, so that coordinates halve exactly.</summary>
    public static Image Halve(Image image)
    {
        var (w, h, n) = (image.Width, image.Height, image.Channels);
        var result = new Image((w + 1) / 2, (h + 1) / 2, n);
        Parallel.For(0, result.Height, y =>
        {
            var a = image.Row(2 * y);
            var b = image.Row(Math.Min((2 * y) + 1, h - 1));
            var row = result.Row(y);
            for (var x = 0; x < result.Width; x++)
            {
                var (left, right) = (2 * x * n, Math.Min((2 * x) + 1, w - 1) * n);
                for (var c = 0; c < n; c++)
                {
                    row[(x * n) + c] = 0.25f * (a[left + c] + a[right + c] + b[left + c] + b[right + c]);
                }
            }
        });
        return result;
    }

    private readonly record struct Taps(int[] First, float[] Weights, int Count);

    private static Image Separable(Image image, int width, int height, Func<int, int, Taps> taps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var narrow = width == image.Width ? image : Horizontal(image, width, taps(image.Width, width));
        return height == image.Height ? narrow : Vertical(narrow, height, taps(image.Height, height));
    }

    private static Image Horizontal(Image image, int width, Taps taps)
    {
        var n = image.Channels;
        var result = new Image(width, image.Height, n);
        Parallel.For(0, image.Height, y =>
        {
            var source = image.Row(y);
            var row = result.Row(y);
            for (var x = 0; x < width; x++)
            {
                var weights = taps.Weights.AsSpan(x * taps.Count, taps.Count);
                var window = source.Slice(taps.First[x] * n, taps.Count * n);
                for (var c = 0; c < n; c++)
                {
                    var sum = 0f;
                    for (var k = 0; k < weights.Length; k++)
                    {
                        sum += weights[k] * window[(k * n) + c];
                    }

                    row[(x * n) + c] = sum;
                }
            }
        });
        return result;
    }

    private static Image Vertical(Image image, int height, Taps taps)
    {
        var result = new Image(image.Width, height, image.Channels);
        Parallel.For(0, height, y =>
        {
            var row = result.Row(y);
            for (var k = 0; k < taps.Count; k++)
            {
                var weight = taps.Weights[(y * taps.Count) + k];
                if (weight != 0)
                {
                    AddScaled(row, image.Row(taps.First[y] + k), weight);
                }
            }
        });
        return result;
    }

    private static void AddScaled(Span<float> row, ReadOnlySpan<float> source, float weight)
    {
        var factor = new Vector<float>(weight);
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(row[i..]) + (factor * new Vector<float>(source[i..]))).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] += weight * source[i];
        }
    }

    private static double Keys(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1 : x < 2 ? (((((-0.5 * x) + 2.5) * x) - 4) * x) + 2 : 0;
    }

    private static double Sinc(double x) => x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    private static Taps KernelWeights(int from, int to, double radius, Func<double, double> kernel)
    {
        var scale = from / (double)to;
        var stretch = Math.Max(1, scale);
        var reach = radius * stretch;
        return Collect(from, to, (int)Math.Ceiling(2 * reach) + 1, i =>
        {
            var centre = ((i + 0.5) * scale) - 0.5;
            return ((int)Math.Ceiling(centre - reach), j => kernel((j - centre) / stretch));
        });
    }

    private static Taps AreaWeights(int from, int to)
    {
        var scale = from / (double)to;
        return Collect(from, to, (int)Math.Ceiling(scale) + 1, i =>
        {
            var (low, high) = (i * scale, (i + 1) * scale);
            return ((int)Math.Floor(low), j => Math.Max(0, Math.Min(j + 1, high) - Math.Max(j, low)));
        });
    }

    // Taps beyond an edge are given to the edge pixel; weights are normalised to 1.
    private static Taps Collect(int from, int to, int reach, Func<int, (int First, Func<int, double> Weight)> at)
    {
        var count = Math.Min(reach, from);
        var taps = new Taps(new int[to], new float[to * count], count);
        var weights = new double[count];
        for (var i = 0; i < to; i++)
        {
            var (first, weight) = at(i);
            var start = Math.Clamp(first, 0, from - count);
            Array.Clear(weights);
            var sum = 0.0;
            for (var j = first; j < first + reach; j++)
            {
                var w = weight(j);
                weights[Math.Clamp(Math.Clamp(j, 0, from - 1) - start, 0, count - 1)] += w;
                sum += w;
            }

            taps.First[i] = start;
            for (var k = 0; k < count; k++)
            {
                taps.Weights[(i * count) + k] = (float)(weights[k] / sum);
            }
        }

        return taps;
    }
}
