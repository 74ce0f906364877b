using System.Numerics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>What a point of the skin is made of.</summary>
internal readonly record struct SkinSample(Vector3 Albedo, float Specular, float Roughness);

/// <summary>
/// Procedural skin in the head's own space, laid out by the template's landmarks: melanin and blood vary at several scales, lips have an edge
/// and lines, nose and cheeks have freckles and pores. Distances are millimetres.
/// </summary>
internal sealed class Skin
{
    private static readonly Vector3 Base = new(0.560f, 0.352f, 0.262f);
    private static readonly Vector3 Blood = new(0.10f, 0.62f, 0.52f);
    private static readonly Vector3 Melanin = new(0.55f, 1.0f, 1.35f);

    private readonly Vector3[] _marks;
    private readonly Vector2[] _lipOutline;
    private readonly Vector2[] _lipSeam;
    private readonly Vector3 _noseTip;
    private readonly Vector3[] _cheeks;
    private readonly Vector3[] _underEyes;
    private readonly Vector3 _chin;

    /// <param name="landmarks">68 points of the head with expression.</param>
    public Skin(Vector3[] landmarks)
    {
        _marks = landmarks;
        _noseTip = landmarks[30];
        _chin = landmarks[8];
        _lipOutline = Outline([48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
        _lipSeam = Open([.. ((int[])[48, 60, 61, 62, 63, 64, 54]).Select(i => landmarks[i])]);
        var down = new Vector3(0, -23, -4);
        _cheeks = [landmarks[40] + down + new Vector3(-6, 0, 0), landmarks[47] + down + new Vector3(6, 0, 0)];
        _underEyes = [0.5f * (landmarks[40] + landmarks[41]) + new Vector3(0, -7, 0), 0.5f * (landmarks[46] + landmarks[47]) + new Vector3(0, -7, 0)];
    }

    /// <param name="p">Head space.</param>
    /// <param name="ears">How much of the point is ear, [0, 1].</param>
    public SkinSample At(Vector3 p, float ears)
    {
        var front = Curve.Smooth(_marks[36].Z - 45, _marks[36].Z - 15, p.Z);
        var cheeks = MathF.Min(1, Curve.Bump(p, _cheeks[0], 19) + Curve.Bump(p, _cheeks[1], 19));
        var nose = Curve.Bump(p, _noseTip + new Vector3(0, 0, -6), 15);
        var lids = LidRedness(p);

        var blood = 0.10f + (0.34f * cheeks) + (0.42f * nose) + (0.55f * ears) + (0.34f * lids) + (0.10f * Curve.Bump(p, _chin + new Vector3(0, 14, 4), 14));
        blood += 0.16f * Noise.Fractal(p / 7f, 3, 11) + 0.09f * Noise.Fractal(p / 1.6f, 2, 21);
        var melanin = 0.04f + (0.09f * Noise.Fractal(p / 16f, 3, 31)) + (0.06f * Noise.Fractal(p / 2.2f, 2, 41));
        melanin += 0.17f * MathF.Min(1, Curve.Bump(p, _underEyes[0], 8) + Curve.Bump(p, _underEyes[1], 8));
        melanin += Freckles(p, MathF.Min(1, (1.1f * cheeks) + (0.9f * Curve.Bump(p, _marks[29], 17)) + 0.10f) * front);
        melanin += BrowShade(p) + Moles(p);
        var albedo = Base * Exp(-((Blood * MathF.Max(0, blood)) + (Melanin * MathF.Max(0, melanin))));

        var specular = 0.9f + (0.25f * nose) + (0.2f * Curve.Bump(p, _marks[27] + new Vector3(0, 28, 0), 24));
        var roughness = 0.43f - (0.05f * nose) + (0.05f * cheeks);
        var lip = LipWeight(p, front);
        if (lip > 0)
        {
            var lines = LipLines(p);
            var lipColour = new Vector3(0.430f, 0.170f, 0.145f) * (1 - (0.22f * lines)) * (1 + (0.12f * Noise.Fractal(p / 3f, 3, 51)));
            lipColour *= 1 - (0.45f * Curve.Smooth(1.3f, 0.1f, SeamDistance(p)));
            albedo = Curve.Mix(albedo, lipColour, lip);
            roughness = float.Lerp(roughness, 0.34f, lip);
            specular = float.Lerp(specular, 1.15f, lip);
        }

        return new SkinSample(albedo, specular, roughness);
    }

    /// <summary>Height of the fine relief in mm: pores, fine creases, lip lines.</summary>
    public float Height(Vector3 p)
    {
        var nose = Curve.Bump(p, _noseTip, 17);
        var cheeks = Curve.Bump(p, _cheeks[0], 24) + Curve.Bump(p, _cheeks[1], 24);
        var pores = 0.35f + (0.9f * nose) + (0.5f * cheeks);
        var (distance, random) = Noise.Cells(p / 1.05f, 61);
        var h = -0.050f * pores * (0.4f + random) * Curve.Smooth(0.42f, 0.05f, distance);
        h += 0.040f * Noise.Fractal(p / 0.75f, 2, 71) + 0.060f * Noise.Fractal(p / 3.2f, 2, 75);
        var lip = LipWeight(p, 1);
        return lip > 0 ? float.Lerp(h, (-0.14f * LipLines(p)) + (0.03f * Noise.Fractal(p / 1.1f, 2, 81)), lip) : h;
    }

    public float LipWeight(Vector3 p, float front)
    {
        if (front <= 0 || p.Z < _marks[48].Z - 12 || p.Y > _marks[51].Y + 6 || p.Y < _marks[57].Y - 6)
        {
            return 0;
        }

        var wobble = 0.45f * Noise.Fractal(p / 2.1f, 2, 91);
        return front * Curve.Smooth(0.75f, -0.75f, Curve.PolygonDistance(_lipOutline, new Vector2(p.X, p.Y)) + wobble);
    }

    private float LipLines(Vector3 p)
    {
        // Vertical creases that fan out a little towards the corners.
        var x = (p.X - _marks[51].X) / (1 + (0.012f * MathF.Abs(p.Y - _marks[62].Y)));
        var line = Noise.Value(new Vector3(x * 1.25f, p.Y * 0.16f, 3.1f), 95);
        return Curve.Smooth(0.05f, 0.8f, line) * 0.8f + 0.2f * Curve.Smooth(0f, 0.8f, Noise.Value(new Vector3(x * 2.7f, p.Y * 0.3f, 7.7f), 97));
    }

    private float SeamDistance(Vector3 p)
    {
        var q = new Vector2(p.X, p.Y);
        var best = float.PositiveInfinity;
        for (var i = 0; i + 1 < _lipSeam.Length; i++)
        {
            var d = _lipSeam[i + 1] - _lipSeam[i];
            var along = Math.Clamp(Vector2.Dot(q - _lipSeam[i], d) / MathF.Max(1e-6f, d.LengthSquared()), 0, 1);
            best = MathF.Min(best, Vector2.Distance(q, _lipSeam[i] + (along * d)));
        }

        return best;
    }

    private float LidRedness(Vector3 p)
    {
        var best = float.PositiveInfinity;
        for (var i = 36; i <= 47; i++)
        {
            best = MathF.Min(best, Vector3.DistanceSquared(p, _marks[i]));
        }

        return MathF.Exp(-best / 30f);
    }

    private static float Freckles(Vector3 p, float density)
    {
        if (density < 0.05f)
        {
            return 0;
        }

        var sum = 0f;
        for (var scale = 0; scale < 2; scale++)
        {
            var size = scale == 0 ? 3.6f : 2.1f;
            var (distance, random) = Noise.Cells(p / size, 101 + (uint)(10 * scale));
            if (random < density * 0.75f)
            {
                var radius = (0.35f + (0.55f * random / MathF.Max(0.05f, density))) / size;
                sum += 0.42f * (0.3f + (0.7f * Noise.Hash((int)(random * 9999), 3, 5, 7))) * Curve.Smooth(radius, radius * 0.25f, distance + (0.12f / size * Noise.Value(p * 2.3f, 121)));
            }
        }

        return sum;
    }

    // The skin shows through the hairs, a little darker.
    private float BrowShade(Vector3 p)
    {
        var shade = 0f;
        for (var side = 0; side < 2; side++)
        {
            for (var i = 0; i < 4; i++)
            {
                var (a, b) = (_marks[17 + (5 * side) + i], _marks[18 + (5 * side) + i]);
                var d = b - a;
                var along = Math.Clamp(Vector3.Dot(p - a, d) / d.LengthSquared(), 0, 1);
                shade = MathF.Max(shade, Curve.Smooth(5f, 1f, Vector3.Distance(p, a + (along * d))));
            }
        }

        return 0.16f * shade;
    }

    private float Moles(Vector3 p)
    {
        var a = _marks[54] + new Vector3(17, 13, -6);
        var b = _marks[41] + new Vector3(-13, -19, -5);
        static float Spot(Vector3 p, Vector3 at, float radius) => Curve.Smooth(radius, radius * 0.5f, Vector2.Distance(new(p.X, p.Y), new(at.X, at.Y)));
        return p.Z < _marks[36].Z - 30 ? 0 : (1.1f * Spot(p, a, 0.95f)) + (0.55f * Spot(p, b, 0.7f));
    }

    private Vector2[] Outline(int[] indices)
    {
        var closed = indices.Append(indices[0]).Select(i => _marks[i]).ToArray();
        return [.. Open(closed).SkipLast(1)];
    }

    private static Vector2[] Open(Vector3[] points) =>
        [.. Enumerable.Range(0, 61).Select(k => Curve.Along(points, k / 60f)).Select(p => new Vector2(p.X, p.Y))];

    private static Vector3 Exp(Vector3 v) => new(MathF.Exp(v.X), MathF.Exp(v.Y), MathF.Exp(v.Z));
}
