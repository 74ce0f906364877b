using System.Numerics;

namespace MoSar.LightStage;

/// <summary>
/// Turns unshadowed light into what arrives. The share of open rays is noisy in half shade, so numerator and denominator are each averaged
/// with neighbours that lie on the same surface (as Heitz, Hill and McGuire 2018 advise); the light itself, with all relief in it, stays sharp.
/// </summary>
internal static class Shadows
{
    private const int Reach = 2;
    private static readonly float[] Taps = [1, 0.72f, 0.27f];

    public static void Resolve(FrameBuffers frame, float focal, bool filter, ParallelOptions options)
    {
        if (filter)
        {
            var noisy = new Layers(frame.Open, frame.All, frame.Bounced, frame.Mirrored);
            var half = new Layers(new Vector3[frame.Open.Length], new Vector3[frame.Open.Length], new Vector3[frame.Open.Length], new Vector3[frame.Open.Length]);
            Parallel.For(0, frame.Height, options, y =>
            {
                for (var i = y * frame.Width; i < (y + 1) * frame.Width; i++)
                {
                    if (frame.Depth[i].Y > 0)
                    {
                        frame.Facing[i] = Vector3.Normalize(frame.Facing[i]);
                        frame.Depth[i] = new Vector2(frame.Depth[i].X / frame.Depth[i].Y, 1);
                    }
                }
            });
            Pass(frame, focal, options, noisy, half, 1);
            Pass(frame, focal, options, half, noisy, frame.Width);
        }

        Parallel.For(0, frame.Height, options, y =>
        {
            for (var i = y * frame.Width; i < (y + 1) * frame.Width; i++)
            {
                if (frame.Depth[i].Y <= 0)
                {
                    continue;
                }

                var (open, all, bounced) = (frame.Open[i], frame.All[i], frame.Bounced[i]);
                var share = new Vector3(Ratio(open.X, all.X), Ratio(open.Y, all.Y), Ratio(open.Z, all.Z));
                var below = frame.Below.Pixels.AsSpan(i * 3, 3);
                var colour = frame.Colour.Pixels.AsSpan(i * 3, 3);
                var matt = new Vector3(frame.Matt.Pixels.AsSpan(i * 3, 3));
                ((new Vector3(below) * share) + (bounced * frame.Cover[i])).CopyTo(below);
                (new Vector3(colour) + frame.Mirrored[i] + (matt * share) + (bounced * new Vector3(frame.MattAlbedo.Pixels.AsSpan(i * 3, 3)))).CopyTo(colour);
            }
        });

        static float Ratio(float open, float all) => all > 0 ? open / all : 1;
    }

    private readonly record struct Layers(Vector3[] Open, Vector3[] All, Vector3[] Bounced, Vector3[] Mirrored);

    private static void Pass(FrameBuffers frame, float focal, ParallelOptions options, Layers from, Layers to, int step)
    {
        var (w, h) = (frame.Width, frame.Height);
        Parallel.For(0, h, options, y =>
        {
            for (var x = 0; x < w; x++)
            {
                var i = (y * w) + x;
                if (frame.Depth[i].Y <= 0)
                {
                    continue;
                }

                var (place, limit) = step == 1 ? (x, w) : (y, h);
                var (depth, normal) = (frame.Depth[i].X, frame.Facing[i]);

                // A pixel to the side on a surface at 75 degrees lies four pixels deeper.
                var cut = focal / (5 * depth);
                var (open, all, bounced, sum) = (from.Open[i], from.All[i], from.Bounced[i], 1f);
                var (mirrored, near) = (from.Mirrored[i], 1f);
                for (var k = -Math.Min(Reach, place); k <= Math.Min(Reach, limit - 1 - place); k++)
                {
                    var j = i + (k * step);
                    if (k == 0 || frame.Depth[j].Y <= 0)
                    {
                        continue;
                    }

                    var apart = (frame.Depth[j].X - depth) * cut / Math.Abs(k);
                    var alike = Vector3.Dot(normal, frame.Facing[j]);
                    var weight = Taps[Math.Abs(k)] * MathF.Max(0, 1 - (apart * apart)) * MathF.Max(0, (4 * alike) - 3);
                    open += from.Open[j] * weight;
                    all += from.All[j] * weight;
                    bounced += from.Bounced[j] * weight;
                    sum += weight;

                    // Highlights are sharper than shadows: nearest neighbours only.
                    var share = Math.Abs(k) == 1 ? 0.6f * weight : 0;
                    mirrored += from.Mirrored[j] * share;
                    near += share;
                }

                (to.Open[i], to.All[i], to.Bounced[i], to.Mirrored[i]) = (open, all, bounced / sum, mirrored / near);
            }
        });
    }
}
