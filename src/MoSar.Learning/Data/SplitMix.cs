namespace MoSar.Learning.Data;

/// <summary>Steele, Lea and Flood's SplitMix64 (OOPSLA 2014): small, and the same on every machine and version, which System.Random does not promise.</summary>
public struct SplitMix(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state = state;

    /// <summary>The finaliser alone: spreads any change of the argument over all bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public ulong Next() => Mix(state += Golden);

    /// <summary>In [0, 1), 53 bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [−1, 1).</summary>
    public double NextSigned() => (2 * NextDouble()) - 1;

    /// <summary>In [0, bound), without bias worth naming: bound is far below 2⁶⁴.</summary>
    public int NextInt(int bound) => (int)(((UInt128)Next() * (ulong)bound) >> 64);
}
