namespace MoSar.Graphics;

/// <summary>
/// SSIM (Wang, Bovik, Sheikh and Simoncelli 2004): Gaussian window of σ = 1.5 and 11 pixels, K₁ = 0.01, K₂ = 0.03, population statistics. The same
/// numbers as scikit-image's <c>structural_similarity(gaussian_weights=True, sigma=1.5, use_sample_covariance=False)</c>.
/// </summary>
public static class StructuralSimilarity
{
    private const int Radius = 5;

    private static readonly float[] Window = MakeWindow();

    /// <summary>The mean over channels and pixels, at most 1.</summary>
    /// <param name="range">The difference of the largest and the smallest value that there could be. Pictures for eyes are compared by their sRGB codes, not linear.</param>
    /// <param name="mask">Width·Height: pixels of weight 0 do not count (their values still reach into their neighbours' windows); empty: all count.</param>
    public static double Mean(Image first, Image second, float range = 1, ReadOnlySpan<float> mask = default)
    {
        if (first.Width != second.Width || first.Height != second.Height || first.Channels != second.Channels)
        {
            throw new ArgumentException($"Sizes differ: {first.Width}×{first.Height}×{first.Channels} and {second.Width}×{second.Height}×{second.Channels}.");
        }

        var n = first.Channels;
        double sum = 0, weight = 0;
        for (var c = 0; c < n; c++)
        {
            var map = Map(Channel(first, c), Channel(second, c), first.Width, first.Height, range);
            for (var i = 0; i < map.Length; i++)
            {
                var w = mask.IsEmpty ? 1 : mask[i];
                (sum, weight) = (sum + (w * map[i]), weight + w);
            }
        }

        return sum / weight;
    }

    private static float[] Map(float[] a, float[] b, int width, int height, float range)
    {
        var (c1, c2) = (0.01f * range * 0.01f * range, 0.03f * range * 0.03f * range);
        var (meanA, meanB) = (Blurred(a, width, height), Blurred(b, width, height));
        var aa = Blurred([.. a.Select(v => v * v)], width, height);
        var bb = Blurred([.. b.Select(v => v * v)], width, height);
        var ab = Blurred([.. a.Zip(b, (v, w) => v * w)], width, height);
        var result = new float[a.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (ma, mb) = (meanA[i], meanB[i]);
            result[i] = ((2 * ma * mb) + c1) * ((2 * (ab[i] - (ma * mb))) + c2) / (((ma * ma) + (mb * mb) + c1) * (aa[i] - (ma * ma) + (bb[i] - (mb * mb)) + c2));
        }

        return result;
    }

    private static float[] Blurred(float[] values, int width, int height)
    {
        var (across, result) = (new float[values.Length], new float[values.Length]);
        Parallel.For(0, height, y =>
        {
            for (var x = 0; x < width; x++)
            {
                var sum = 0f;
                for (var k = -Radius; k <= Radius; k++)
                {
                    sum += Window[k + Radius] * values[(y * width) + Mirrored(x + k, width)];
                }

                across[(y * width) + x] = sum;
            }
        });
        Parallel.For(0, height, y =>
        {
            var row = result.AsSpan(y * width, width);
            for (var k = -Radius; k <= Radius; k++)
            {
                var source = across.AsSpan(Mirrored(y + k, height) * width, width);
                for (var x = 0; x < width; x++)
                {
                    row[x] += Window[k + Radius] * source[x];
                }
            }
        });
        return result;
    }

    // d c b a | a b c d: a border pixel is repeated once.
    private static int Mirrored(int i, int n)
    {
        var period = 2 * n;
        var m = ((i % period) + period) % period;
        return m < n ? m : period - 1 - m;
    }

    private static float[] Channel(Image image, int channel)
    {
        var result = new float[image.Width * image.Height];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = image.Pixels[(i * image.Channels) + channel];
        }

        return result;
    }

    private static float[] MakeWindow()
    {
        var window = new float[(2 * Radius) + 1];
        for (var k = -Radius; k <= Radius; k++)
        {
            window[k + Radius] = MathF.Exp(-k * k / (2 * 1.5f * 1.5f));
        }

        var sum = window.Sum();
        return [.. window.Select(w => w / sum)];
    }
}
