using System.Numerics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>Grows the head's hair, brows and lashes on a given surface.</summary>
internal sealed class Barber(HeadSurface head, Vector3[] marks)
{
    private static readonly Vector3 Brown = new(0.040f, 0.022f, 0.0125f);

    /// <summary>Short hair, parted at the person's left and swept over: clumps of strands that follow their clump's guide towards the tip.</summary>
    public IEnumerable<Strand> Hair(int count)
    {
        var clumps = new Strand?[count / 22];
        for (var i = 0; i < clumps.Length; i++)
        {
            var rng = new Rng((uint)(7000 + i));
            clumps[i] = Root(ref rng) is { } root ? Grow(root, ref rng, 1f) : null;
        }

        var guides = clumps.Where(c => c is not null).Select(c => c!).ToArray();
        var grid = new GuideGrid(guides, head.Centre);
        for (var i = 0; i < count; i++)
        {
            var rng = new Rng((uint)(100000 + i));
            if (Root(ref rng) is not { } root)
            {
                continue;
            }

            var own = Grow(root, ref rng, rng.Range(0.75f, 1.1f));
            var guide = grid.Nearest(root);
            var points = own.Points;
            var pull = rng.Range(0.35f, 0.9f);
            for (var k = 1; k < points.Length; k++)
            {
                var t = k / (float)(points.Length - 1);
                var shift = guide.Points[0] - points[0];
                points[k] = Vector3.Lerp(points[k], guide.Points[k] - (shift * (1 - t)), pull * t * t);
            }

            yield return own;
        }
    }

    public IEnumerable<Strand> Brows()
    {
        for (var side = 0; side < 2; side++)
        {
            // Inner to outer.
            Vector3[] line = side == 0 ? [marks[21], marks[20], marks[19], marks[18], marks[17]] : [marks[22], marks[23], marks[24], marks[25], marks[26]];
            for (var i = 0; i < 760; i++)
            {
                var rng = new Rng((uint)(300000 + (side * 10000) + i));
                var t = 1 - MathF.Pow(1 - rng.Next(), 0.9f);
                var at = Curve.Along(line, t);
                var along = Vector3.Normalize(Curve.Along(line, MathF.Min(1, t + 0.05f)) - Curve.Along(line, MathF.Max(0, t - 0.05f)));
                var half = 3.6f * Curve.Smooth(-0.22f, 0.26f, t) * (1 - (0.70f * Curve.Smooth(0.45f, 1.05f, t)));
                var across = rng.Range(-1f, 1f);
                if (head.Front(new Vector2(at.X, at.Y + (across * half))) is not { } root)
                {
                    continue;
                }

                // Hairs at the inner end stand up; from the arch on those above lean down and those below lean up.
                var lean = (0.95f * (1 - Curve.Smooth(0f, 0.30f, t))) - (0.42f * across * Curve.Smooth(0.1f, 0.5f, t)) + (0.14f * rng.Normal());
                var direction = Vector3.Normalize(along + (Vector3.UnitY * lean));
                var length = rng.Range(5.5f, 9f) * (1 - (0.35f * Curve.Smooth(0.6f, 1f, t)));
                yield return Bent(root.Point, Vector3.Normalize(direction + (0.30f * root.Normal)), direction - (0.16f * root.Normal), length, 6, 0.115f, Tint(ref rng, 0.9f));
            }
        }
    }

    public IEnumerable<Strand> Lashes()
    {
        int[][] rims = [[36, 37, 38, 39], [45, 44, 43, 42], [36, 41, 40, 39], [45, 46, 47, 42]];
        for (var rim = 0; rim < rims.Length; rim++)
        {
            var upper = rim < 2;
            var line = rims[rim].Select(i => marks[i]).ToArray();
            var outward = rim % 2 == 0 ? -1f : 1f;
            for (var i = 0; i < (upper ? 120 : 60); i++)
            {
                var rng = new Rng((uint)(400000 + (rim * 1000) + i));
                var t = rng.Range(upper ? 0.02f : 0.10f, 0.93f);
                var at = Curve.Along(line, t) + new Vector3(0, upper ? 0.1f : -0.1f, 0.35f);
                var fan = outward * (0.75f - (1.0f * t));
                var direction = Vector3.Normalize(new Vector3(fan, upper ? 0.05f : -0.45f, 1f) + (0.14f * new Vector3(rng.Normal(), rng.Normal(), 0)));
                var length = (upper ? 7.6f : 4.2f) * rng.Range(0.7f, 1.05f) * (1 - (0.45f * t));
                var bend = upper ? new Vector3(fan * 0.8f, 1.25f, 0.2f) : new Vector3(fan * 0.8f, -0.75f, 0.5f);
                yield return Bent(at, direction, Vector3.Normalize(bend), length, 6, upper ? 0.15f : 0.11f, new Vector3(0.018f, 0.012f, 0.009f));
            }
        }
    }

    private (Vector3 Direction, float Length)? Root(ref Rng rng)
    {
        // Uniform over the sphere above the jaw, kept inside the hairline.
        var y = rng.Range(-0.75f, 1f);
        var azimuth = rng.Range(-MathF.PI, MathF.PI);
        var flat = MathF.Sqrt(1 - (y * y));
        var d = new Vector3(flat * MathF.Sin(azimuth), y, flat * MathF.Cos(azimuth));
        var p = head.At(d);
        var inside = Hairline(p, d);
        return inside <= -3 || rng.Next() > Curve.Smooth(-1f, 8f, inside + (1.8f * rng.Normal())) ? null : (d, inside);
    }

    /// <summary>Distance in mm by which a point of the head lies inside the hairline; negative outside.</summary>
    public float Hairline(Vector3 p, Vector3 d)
    {
        var browY = 0.5f * (marks[19].Y + marks[24].Y);
        var eyeY = 0.5f * (marks[36].Y + marks[45].Y);
        var side = MathF.Abs(MathF.Atan2(d.X, d.Z));

        // Height of the line by azimuth: forehead with receding temples, down in front of the ear, over it, and down to the nape.
        var forehead = browY + 51f + (3f * Curve.Smooth(0.30f, 0.55f, side)) - (2f * Curve.Smooth(0.12f, 0f, side));
        var line = float.Lerp(forehead, eyeY - 12f, Curve.Smooth(0.74f, 1.10f, side));
        line = float.Lerp(line, eyeY + 18f, Curve.Smooth(1.45f, 1.62f, side));
        line = float.Lerp(line, eyeY - 52f, Curve.Smooth(1.85f, 2.2f, side));
        return p.Y - line + (2.5f * Noise.Fractal(p / 6f, 2, 201));
    }

    private Strand Grow((Vector3 Direction, float Inside) root, ref Rng rng, float scale)
    {
        const int segments = 11;
        var d = root.Direction;
        var top = Curve.Smooth(0.35f, 0.75f, d.Y);
        var length = float.Lerp(13f, 64f, top) * Curve.Smooth(-6f, 9f, root.Inside) * scale * rng.Range(0.85f, 1.1f);
        var lift = float.Lerp(4.5f, 24f, top * Curve.Smooth(-0.3f, 0.8f, d.Z + (0.4f * d.Y))) * rng.Range(0.8f, 1.15f);
        var points = new Vector3[segments + 1];
        var curl = new Vector3(rng.Normal(), rng.Normal(), rng.Normal()) * 0.10f;
        for (var k = 0; k <= segments; k++)
        {
            var t = k / (float)segments;
            points[k] = head.At(d) + (d * (0.2f + (lift * MathF.Sin(MathF.Min(1f, t * 1.25f) * 1.75f) * (0.25f + (0.75f * t)))));
            var step = length / segments / 95f;
            d = Vector3.Normalize(d + ((Flow(d) + curl) * step));
        }

        return new Strand(points, rng.Range(0.16f, 0.24f), Tint(ref rng, 1f));
    }

    // Down at the sides and back; on top from a parting at the person's left over to the right and back.
    private static Vector3 Flow(Vector3 d)
    {
        var top = Curve.Smooth(0.30f, 0.70f, d.Y);
        var parting = Curve.Smooth(0.40f, 0.62f, d.X);
        var over = Vector3.Normalize(new Vector3(-0.80f, 0.20f, -0.45f));
        var left = Vector3.Normalize(new Vector3(0.55f, -0.75f, -0.45f));
        var down = Vector3.Normalize(new Vector3(0.1f * d.X, -1f, -0.45f));
        var flow = Curve.Mix(down, Curve.Mix(over, left, parting), top);
        var swirl = new Vector3(Noise.Value(d * 5f, 211), Noise.Value(d * 5f, 213), Noise.Value(d * 5f, 215)) * 0.35f;
        flow += swirl;
        return Vector3.Normalize(flow - (d * Vector3.Dot(flow, d)));
    }

    private static Vector3 Tint(ref Rng rng, float scale)
    {
        var light = MathF.Exp(0.22f * rng.Normal());
        return Curve.Mix(Brown, new Vector3(0.075f, 0.040f, 0.020f), 0.35f * rng.Next()) * (light * scale);
    }

    private static Strand Bent(Vector3 root, Vector3 start, Vector3 end, float length, int segments, float width, Vector3 albedo)
    {
        var points = new Vector3[segments + 1];
        points[0] = root;
        for (var k = 1; k <= segments; k++)
        {
            var direction = Vector3.Normalize(Vector3.Lerp(start, end, (k - 0.5f) / segments));
            points[k] = points[k - 1] + (direction * (length / segments));
        }

        return new Strand(points, width, albedo);
    }

    /// <summary>Guides by direction from the head's centre.</summary>
    private sealed class GuideGrid
    {
        private const int Cells = 24;
        private readonly List<Strand>[] _cells = new List<Strand>[Cells * Cells * Cells];
        private readonly Vector3 _centre;
        private readonly Strand _any;

        public GuideGrid(Strand[] guides, Vector3 centre)
        {
            _centre = centre;
            _any = guides[0];
            foreach (var guide in guides)
            {
                var (x, y, z) = Cell(Vector3.Normalize(guide.Points[0] - centre));
                (_cells[(((z * Cells) + y) * Cells) + x] ??= []).Add(guide);
            }
        }

        public Strand Nearest((Vector3 Direction, float Inside) root)
        {
            var (cx, cy, cz) = Cell(root.Direction);
            var best = float.PositiveInfinity;
            var found = _any;
            for (var z = Math.Max(0, cz - 1); z <= Math.Min(Cells - 1, cz + 1); z++)
            {
                for (var y = Math.Max(0, cy - 1); y <= Math.Min(Cells - 1, cy + 1); y++)
                {
                    for (var x = Math.Max(0, cx - 1); x <= Math.Min(Cells - 1, cx + 1); x++)
                    {
                        foreach (var guide in _cells[(((z * Cells) + y) * Cells) + x] ?? [])
                        {
                            var d = Vector3.DistanceSquared(Vector3.Normalize(guide.Points[0] - _centre), root.Direction);
                            (best, found) = d < best ? (d, guide) : (best, found);
                        }
                    }
                }
            }

            return found;
        }

        private static (int X, int Y, int Z) Cell(Vector3 d)
        {
            static int Of(float v) => Math.Clamp((int)((v + 1) * 0.5f * Cells), 0, Cells - 1);
            return (Of(d.X), Of(d.Y), Of(d.Z));
        }
    }
}
