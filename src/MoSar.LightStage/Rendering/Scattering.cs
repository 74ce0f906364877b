using System.Numerics;

namespace MoSar.LightStage;

/// <summary>
/// Light below the skin as a sum of Gaussians a channel (d'Eon and Luebke 2007), in the picture's plane: what enters at a pixel leaves around it.
/// Each Gaussian is separable; its taps are weighed by the skin's coverage and by how near they are in depth, so that the nose does not
/// shine through onto the cheek behind it, and divided by what they sum to: evenly lit skin stays as it is, up to every edge.
/// </summary>
internal static class Scattering
{
    // Widths in mm and weights for red, green and blue; each channel sums to 1.
    private static readonly (float Width, Vector3 Weight)[] Profile =
    [
        (0.08f, new(0.233f, 0.455f, 0.649f)), (0.22f, new(0.100f, 0.336f, 0.344f)), (0.43f, new(0.118f, 0.198f, 0f)), (0.75f, new(0.113f, 0.007f, 0.007f)),
        (1.40f, new(0.358f, 0.004f, 0f)), (2.70f, new(0.078f, 0f, 0f)),
    ];

    // In pixels: narrower ones change nothing that a pixel could show.
    private const float Least = 0.3f;

    /// <summary>Adds the scattered light to the frame's colours.</summary>
    public static void Compose(FrameBuffers frame, float focal, float scale, ParallelOptions options)
    {
        var (depth, pixels) = (0.0, 0.0);
        for (var i = 0; i < frame.Cover.Length; i++)
        {
            (depth, pixels) = (depth + (frame.DepthAt(i) * frame.Cover[i]), pixels + frame.Cover[i]);
        }

        if (pixels == 0)
        {
            return;
        }

        var pixelsPerMillimetre = (float)(focal / (depth / pixels));
        var spread = new float[frame.Below.Pixels.Length];
        var rest = Vector3.Zero;
        var scratch = new Blur(frame);
        foreach (var (width, weight) in Profile)
        {
            var sigma = width * scale * pixelsPerMillimetre;
            if (sigma < Least)
            {
                rest += weight;
            }
            else
            {
                scratch.Add(sigma, 1 / pixelsPerMillimetre, weight, spread, options);
            }
        }

        rest /= Total;
        Parallel.For(0, frame.Height, options, y =>
        {
            for (var i = y * frame.Width; i < (y + 1) * frame.Width; i++)
            {
                if (frame.Cover[i] > 0)
                {
                    var light = (Triple(frame.Below.Pixels, i) / frame.Cover[i] * rest) + (Triple(spread, i) / Total);
                    var albedo = Triple(frame.Albedo.Pixels, i);
                    (Triple(frame.Colour.Pixels, i) + (albedo * light)).CopyTo(frame.Colour.Pixels, i * 3);
                }
            }
        });
    }

    private static Vector3 Triple(float[] values, int pixel) => new(values.AsSpan(pixel * 3, 3));

    private static Vector3 Total { get; } = Profile.Aggregate(Vector3.Zero, (sum, p) => sum + p.Weight);

    private sealed class Blur(FrameBuffers frame)
    {
        private readonly Vector4[] _half = new Vector4[frame.Cover.Length];

        private readonly float[] _depth = [.. Enumerable.Range(0, frame.Cover.Length).Select(i => frame.Cover[i] > 0 ? frame.DepthAt(i) : 0)];

        // Colours and coverage travel together.
        private readonly Vector4[] _source = [.. Enumerable.Range(0, frame.Cover.Length).Select(i => new Vector4(Triple(frame.Below.Pixels, i), frame.Cover[i]))];

        public void Add(float sigma, float millimetresPerPixel, Vector3 weight, float[] target, ParallelOptions options)
        {
            var reach = (int)MathF.Ceiling(2.5f * sigma);
            var taps = Enumerable.Range(0, reach + 1).Select(k => MathF.Exp(-k * k / (2 * sigma * sigma))).ToArray();

            // A step in depth of twice the Gaussian's width lets nothing across.
            var cut = 1 / MathF.Max(2 * sigma * millimetresPerPixel, 1e-3f);
            var (w, h) = (frame.Width, frame.Height);
            Parallel.For(0, h, options, y =>
            {
                for (var x = 0; x < w; x++)
                {
                    _half[(y * w) + x] = Pass(_source, (y * w) + x, 1, x, w - 1 - x, taps, cut);
                }
            });
            Parallel.For(0, h, options, y =>
            {
                for (var x = 0; x < w; x++)
                {
                    var i = (y * w) + x;
                    if (frame.Cover[i] > 0)
                    {
                        var sum = Pass(_half, i, w, y, h - 1 - y, taps, cut);
                        (Triple(target, i) + (weight * sum.AsVector3() / MathF.Max(sum.W, 1e-6f))).CopyTo(target, i * 3);
                    }
                }
            });
        }

        private Vector4 Pass(Vector4[] from, int i, int step, int before, int after, float[] taps, float cut)
        {
            var depth = _depth[i];
            var sum = from[i] * taps[0];
            for (var k = 1; k < taps.Length; k++)
            {
                if (k <= before)
                {
                    sum += Tap(i - (k * step), taps[k]);
                }

                if (k <= after)
                {
                    sum += Tap(i + (k * step), taps[k]);
                }
            }

            return sum;

            Vector4 Tap(int j, float tap)
            {
                // Pixels without skin weigh nothing, but the first pass carries light across them.
                var apart = depth == 0 || _depth[j] == 0 ? 0 : (_depth[j] - depth) * cut;
                return from[j] * (tap * MathF.Max(0, 1 - (apart * apart)));
            }
        }
    }
}
