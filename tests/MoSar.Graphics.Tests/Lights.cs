using System.Numerics;

namespace MoSar.Graphics.Tests;

/// <summary>Random but repeatable lights, directions and rotations.</summary>
internal static class Lights
{
    public static ShLight Random(int bands, int seed = 5)
    {
        var random = new Random(seed);
        var c = new Vector3[SphericalHarmonics.Count(bands)];
        for (var i = 0; i < c.Length; i++)
        {
            c[i] = new Vector3(random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
        }

        return new ShLight(c);
    }

    public static Vector3 Direction(Random random)
    {
        var z = (2 * random.NextSingle()) - 1;
        var (sin, cos) = MathF.SinCos(2 * MathF.PI * random.NextSingle());
        var r = MathF.Sqrt(1 - (z * z));
        return new Vector3(r * cos, r * sin, z);
    }

    public static (float[] Directions, float[] Gradients) Directions(int count, int seed = 9)
    {
        var random = new Random(seed);
        float[] d = new float[3 * count], g = new float[3 * count];
        for (var i = 0; i < count; i++)
        {
            Direction(random).CopyTo(d, 3 * i);
            Direction(random).CopyTo(g, 3 * i);
        }

        return (d, g);
    }

    /// <summary>Row-major Rz(c)·Ry(b)·Rx(a).</summary>
    public static double[] Rotation(double a, double b, double c)
    {
        var ((sa, ca), (sb, cb), (sc, cc)) = (Math.SinCos(a), Math.SinCos(b), Math.SinCos(c));
        return
        [
            cc * cb, (cc * sb * sa) - (sc * ca), (cc * sb * ca) + (sc * sa),
            sc * cb, (sc * sb * sa) + (cc * ca), (sc * sb * ca) - (cc * sa),
            -sb, cb * sa, cb * ca,
        ];
    }
}
