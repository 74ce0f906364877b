using System.Numerics;

namespace MoSar.LightStage;

/// <summary>
/// Grows hair on a head: guides that follow a flow over the skull, fall and keep off the skin; and strands around each guide that gather
/// towards its tip. Below them lies a shell of their colour, so that a few thousand strands cover what a hundred thousand hairs do.
/// </summary>
internal sealed class Hairdresser
{
    private const int Guides = 700;
    private const int Segments = 14;

    private readonly HeadSurface _head;
    private readonly Vector3[] _marks;
    private readonly HairStyle _style;
    private readonly uint _seed;

    public Hairdresser(HeadSurface head, Vector3[] marks, HairStyle style, uint seed) => (_head, _marks, _style, _seed) = (head, marks, style, seed);

    /// <summary>mm by which a point of the skin lies inside the hairline; negative outside.</summary>
    public float Hairline(Vector3 p)
    {
        var d = Vector3.Normalize(p - _head.Centre);
        var browY = 0.5f * (_marks[19].Y + _marks[24].Y);
        var eyeY = 0.5f * (_marks[36].Y + _marks[45].Y);
        var side = MathF.Abs(MathF.Atan2(d.X, d.Z));

        // By azimuth: forehead with its temples, down before the ear, over it, down to the nape.
        var forehead = browY + _style.Forehead + (_style.Temples * Curve.Smooth(0.18f, 0.5f, side)) - (2 * Curve.Smooth(0.12f, 0, side));
        var line = float.Lerp(forehead, eyeY - 8, Curve.Smooth(0.74f, 1.12f, side));
        line = float.Lerp(line, eyeY + 20, Curve.Smooth(1.42f, 1.62f, side));
        line = float.Lerp(line, eyeY - 58, Curve.Smooth(1.85f, 2.25f, side));
        return p.Y - line + (3 * Noise.Fractal(p / 6, 2, _seed + 201)) + (5 * Noise.Fractal(p / 23, 2, _seed + 203));
    }

    public List<Strand> Grow(int count)
    {
        var guides = new List<Vector3[]>();
        for (var i = 0; guides.Count < Guides && i < 8 * Guides; i++)
        {
            var rng = new Rng(_seed + 7000 + (uint)i);
            if (Root(ref rng) is { } root)
            {
                guides.Add(Comb(root.Direction, root.Inside, ref rng));
            }
        }

        var strands = new List<Strand>(count);
        for (var i = 0; strands.Count < count && i < 8 * count && guides.Count > 0; i++)
        {
            var rng = new Rng(_seed + 100000 + (uint)i);
            if (Root(ref rng) is { } root)
            {
                strands.Add(Around(_head.At(root.Direction), guides, ref rng));
            }
        }

        return strands;
    }

    private (Vector3 Direction, float Inside)? Root(ref Rng rng)
    {
        var y = rng.Range(-0.75f, 1);
        var azimuth = rng.Range(-MathF.PI, MathF.PI);
        var flat = MathF.Sqrt(1 - (y * y));
        var d = new Vector3(flat * MathF.Sin(azimuth), y, flat * MathF.Cos(azimuth));
        var inside = Hairline(_head.At(d));
        return inside > -5 && rng.Next() < Curve.Smooth(-5, 12, inside) ? (d, inside) : null;
    }

    private Vector3[] Comb(Vector3 d, float inside, ref Rng rng)
    {
        var top = Curve.Smooth(0.25f, 0.7f, d.Y);
        var length = float.Lerp(_style.Sides, _style.Top, top) * (0.35f + (0.65f * Curve.Smooth(-3, 14, inside))) * rng.Range(0.8f, 1.15f);
        var step = length / Segments;
        var lift = _style.Volume * rng.Range(0.7f, 1.2f) * float.Lerp(0.45f, 1, top);
        var points = new Vector3[Segments + 1];
        var p = _head.At(d);
        points[0] = p;
        var way = Vector3.Normalize(d + (0.6f * Flow(d)));
        var root = p;
        var jaw = _marks[8].Y;
        for (var k = 1; k <= Segments; k++)
        {
            var t = k / (float)Segments;
            var outward = Vector3.Normalize(p - _head.Centre);
            var hanging = Curve.Smooth(0.35f, -0.15f, outward.Y) + (0.25f * t);
            var wish = Vector3.Lerp(Flow(outward), -Vector3.UnitY, MathF.Min(1, hanging * Curve.Smooth(12, 45, length)));
            way = Vector3.Normalize((0.45f * way) + (0.55f * wish) + (0.10f * new Vector3(Noise.Value(p / 18, _seed + 3), Noise.Value(p / 18, _seed + 5), Noise.Value(p / 18, _seed + 9))));
            p += way * step;
            p = KeepOff(p, lift * MathF.Sin(MathF.PI * MathF.Min(0.85f, 0.18f + t)) * MathF.Min(1, length / 30), jaw);
            points[k] = p;
        }

        Curled(points, root, ref rng, length);
        return points;
    }

    // Off the skull, which is a radius for every direction; off the neck, which is a column.
    private Vector3 KeepOff(Vector3 p, float gap, float jaw)
    {
        if (p.Y > jaw - 5)
        {
            var from = p - _head.Centre;
            var distance = from.Length();
            var d = from / distance;
            var least = (_head.At(d) - _head.Centre).Length() + 0.4f + gap;
            return distance < least ? _head.Centre + (d * least) : p;
        }

        var neck = new Vector2(p.X, p.Z - _head.Centre.Z + 12);
        var radius = 62 + (0.45f * MathF.Max(0, jaw - 30 - p.Y));
        return neck.Length() < radius ? new Vector3(neck.X * radius / neck.Length(), p.Y, (neck.Y * radius / neck.Length()) + _head.Centre.Z - 12) : p;
    }

    private void Curled(Vector3[] points, Vector3 root, ref Rng rng, float length)
    {
        if (_style.Curl <= 0)
        {
            return;
        }

        var phase = MathF.Tau * (0.5f + (0.5f * Noise.Value(root / 11, _seed + 77))) + (0.6f * rng.Normal());
        for (var k = 1; k < points.Length; k++)
        {
            var t = k / (float)(points.Length - 1);
            var frame = new Frame(Vector3.Normalize(points[k] - points[k - 1]));
            var (sin, cos) = MathF.SinCos(phase + (MathF.Tau * _style.Turns * 0.1f * length * t));
            points[k] += _style.Curl * MathF.Min(1, 3 * t) * ((cos * frame.Right) + (sin * frame.Up));
        }
    }

    // Tangential: over the top away from the parting or from the crown, down at the sides, back or forward as combed.
    private Vector3 Flow(Vector3 d)
    {
        var top = Curve.Smooth(0.30f, 0.75f, d.Y);
        var side = MathF.Abs(_style.Parting) > 1 ? 0.25f * d.X : 0.9f * MathF.Sign(d.X - _style.Parting);
        var over = new Vector3(side, 0, -_style.Back - (0.15f * MathF.Sign(_style.Back)));
        var down = new Vector3(0.12f * d.X, -1, -0.35f * (0.3f + MathF.Max(0, _style.Back)));
        var flow = Vector3.Lerp(down, over, top);
        flow += 0.3f * new Vector3(Noise.Value(d * 5, _seed + 211), Noise.Value(d * 5, _seed + 213), Noise.Value(d * 5, _seed + 215));
        flow -= d * Vector3.Dot(flow, d);
        return flow.LengthSquared() > 1e-6f ? Vector3.Normalize(flow) : Vector3.UnitY;
    }

    private Strand Around(Vector3 root, List<Vector3[]> guides, ref Rng rng)
    {
        var best = float.PositiveInfinity;
        var guide = guides[0];
        foreach (var g in guides)
        {
            var d = Vector3.DistanceSquared(g[0], root);
            (best, guide) = d < best ? (d, g) : (best, guide);
        }

        var offset = root - guide[0];
        var (pull, scale) = (rng.Range(0.2f, 0.85f), rng.Range(0.8f, 1.05f));
        var stray = new Vector3(rng.Normal(), rng.Normal(), rng.Normal()) * (_style.Frizz * 1.2f);
        var points = new Vector3[guide.Length];
        for (var k = 0; k < points.Length; k++)
        {
            var t = k / (float)(points.Length - 1);
            points[k] = guide[0] + ((guide[k] - guide[0]) * scale) + (offset * (1 - (pull * t))) + (stray * (t * t));
        }

        // A strand stands for a dozen hairs: locks differ, its hairs have both colours.
        var light = MathF.Exp((0.20f * Noise.Fractal(guide[0] / 9, 2, _seed + 301)) + (0.10f * rng.Normal()));
        var white = Math.Clamp(_style.Grey + (0.8f * _style.Grey * (1 - _style.Grey) * rng.Normal()), 0, 1);
        var colour = Vector3.Lerp(_style.Colour, Skins.SkinParameters.White, white);
        return new Strand(points, rng.Range(0.45f, 0.75f), colour * light);
    }
}
