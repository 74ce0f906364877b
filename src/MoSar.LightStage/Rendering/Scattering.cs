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

    private sealed class Blur
    {
        private readonly FrameBuffers _frame;
        private readonly Vector4[] _half;
        private readonly float[] _depth;

        // Colours and coverage travel together.
        private readonly Vector4[] _source;

        // From the first to the last pixel of skin in each row; the last comes before the first where there is none.
        private readonly (int First, int Last)[] _rows;

        public Blur(FrameBuffers frame)
        {
            _frame = frame;
            (_half, _depth, _source) = (new Vector4[frame.Cover.Length], new float[frame.Cover.Length], new Vector4[frame.Cover.Length]);
            _rows = new (int, int)[frame.Height];
            for (var y = 0; y < frame.Height; y++)
            {
                _rows[y] = (frame.Width, -1);
                for (var x = 0; x < frame.Width; x++)
                {
                    var i = (y * frame.Width) + x;
                    if (frame.Cover[i] > 0)
                    {
                        _rows[y] = (Math.Min(_rows[y].First, x), x);
                        _depth[i] = frame.DepthAt(i);
                        _source[i] = new Vector4(Triple(frame.Below.Pixels, i), frame.Cover[i]);
                    }
                }
            }
        }

        public void Add(float sigma, float millimetresPerPixel, Vector3 weight, float[] target, ParallelOptions options)
        {
            var reach = (int)MathF.Ceiling(2.5f * sigma);
            var taps = Enumerable.Range(0, reach + 1).Select(k => MathF.Exp(-k * k / (2 * sigma * sigma))).ToArray();

            // A step in depth of twice the Gaussian's width lets nothing across.
            var cut = 1 / MathF.Max(2 * sigma * millimetresPerPixel, 1e-3f);
            var (w, h) = (_frame.Width, _frame.Height);
            Array.Clear(_half);
            Parallel.For(0, h, options, y =>
            {
                for (var x = Math.Max(0, _rows[y].First - reach); x <= Math.Min(w - 1, _rows[y].Last + reach) && _rows[y].Last >= 0; x++)
                {
                    _half[(y * w) + x] = Pass(_source, (y * w) + x, 1, x, w - 1 - x, taps, cut);
                }
            });
            Parallel.For(0, h, options, y =>
            {
                for (var x = _rows[y].First; x <= _rows[y].Last; x++)
                {
                    var i = (y * w) + x;
                    if (_frame.Cover[i] > 0)
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
            for (var k = -Math.Min(taps.Length - 1, before); k <= Math.Min(taps.Length - 1, after); k++)
            {
                var j = i + (k * step);
                if (k == 0 || from[j].W <= 0)
                {
                    continue;
                }

                // Pixels without skin have no depth, but the first pass carries light across them.
                var apart = depth == 0 || _depth[j] == 0 ? 0 : (_depth[j] - depth) * cut;
                sum += from[j] * (taps[Math.Abs(k)] * MathF.Max(0, 1 - (apart * apart)));
            }

            return sum;
        }
    }
}
