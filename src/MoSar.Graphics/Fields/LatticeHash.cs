namespace MoSar.Graphics;

/// <summary>Random bits of a lattice cell, for noise of space: no tables, no state, the same on every machine.</summary>
public static class LatticeHash
{
    public static uint Bits(int x, int y, int z, uint stream)
    {
        var h = unchecked(((uint)x * 0x8DA6B343u) ^ ((uint)y * 0xD8163841u) ^ ((uint)z * 0xCB1AB31Fu) ^ (stream * 0x9E3779B9u));
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return h ^ (h >> 15);
    }

    /// <summary>In [0, 1).</summary>
    public static float Unit(int x, int y, int z, uint stream) => (Bits(x, y, z, stream) >> 8) * (1f / 16777216f);
}
