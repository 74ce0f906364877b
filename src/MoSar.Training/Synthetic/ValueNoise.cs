using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Training.Synthetic;

/// <summary>Smooth lattice noise in [−1, 1], a pure function of position and seed.</summary>
internal static class ValueNoise
{
    public static float At(Vector3 p, uint seed)
    {
        int x = (int)MathF.Floor(p.X), y = (int)MathF.Floor(p.Y), z = (int)MathF.Floor(p.Z);
        var f = new Vector3(p.X - x, p.Y - y, p.Z - z);
        f = f * f * (new Vector3(3) - (2 * f));
        var near = Lerp(Lerp(Corner(x, y, z, seed), Corner(x + 1, y, z, seed), f.X), Lerp(Corner(x, y + 1, z, seed), Corner(x + 1, y + 1, z, seed), f.X), f.Y);
        var far = Lerp(Lerp(Corner(x, y, z + 1, seed), Corner(x + 1, y, z + 1, seed), f.X), Lerp(Corner(x, y + 1, z + 1, seed), Corner(x + 1, y + 1, z + 1, seed), f.X), f.Y);
        return Lerp(near, far, f.Z);
    }

    /// <summary>Octaves, each half as strong and twice as fine; about [−1, 1].</summary>
    public static float Fractal(Vector3 p, uint seed, int octaves)
    {
        float sum = 0, weight = 0.5f;
        for (var i = 0; i < octaves; i++, weight *= 0.5f, p *= 2.03f)
        {
            sum += weight * At(p, seed + (uint)i);
        }

        return sum;
    }

    private static float Lerp(float a, float b, float t) => a + ((b - a) * t);

    private static float Corner(int x, int y, int z, uint seed) => (LatticeHash.Bits(x, y, z, seed) * (2f / uint.MaxValue)) - 1;
}
