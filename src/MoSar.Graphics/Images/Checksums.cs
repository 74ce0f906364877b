namespace MoSar.Graphics;

/// <summary>The two checksums of PNG: CRC-32 of each chunk and Adler-32 of the zlib stream.</summary>
internal static class Checksums
{
    private const uint AdlerBase = 65521;

    // Eight tables let eight bytes advance the register at once.
    private static readonly uint[] Tables = MakeTables();

    internal static uint Crc(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data) => ~Update(Update(uint.MaxValue, type), data);

    internal static uint Adler(ReadOnlySpan<byte> data)
    {
        // 5552 is the longest run whose sums cannot overflow 32 bits (RFC 1950).
        uint a = 1, b = 0;
        while (!data.IsEmpty)
        {
            var run = data[..Math.Min(5552, data.Length)];
            data = data[run.Length..];
            var i = 0;
            for (; i + 8 <= run.Length; i += 8)
            {
                uint d0 = run[i], d1 = run[i + 1], d2 = run[i + 2], d3 = run[i + 3], d4 = run[i + 4], d5 = run[i + 5], d6 = run[i + 6], d7 = run[i + 7];
                b += (8 * a) + (8 * d0) + (7 * d1) + (6 * d2) + (5 * d3) + (4 * d4) + (3 * d5) + (2 * d6) + d7;
                a += d0 + d1 + d2 + d3 + d4 + d5 + d6 + d7;
            }

            for (; i < run.Length; i++)
            {
                a += run[i];
                b += a;
            }

            a %= AdlerBase;
            b %= AdlerBase;
        }

        return (b << 16) | a;
    }

    /// <summary>The checksum of two pieces one after the other, the second <paramref name="length"/> bytes long.</summary>
    internal static uint CombineAdler(uint first, uint second, long length)
    {
        var n = (ulong)(length % AdlerBase);
        ulong a1 = first & 0xFFFF, b1 = first >> 16, a2 = second & 0xFFFF, b2 = second >> 16;
        var a = (a1 + a2 + AdlerBase - 1) % AdlerBase;
        var b = (b1 + b2 + (n * (a1 + AdlerBase - 1))) % AdlerBase;
        return (uint)((b << 16) | a);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> data)
    {
        var t = Tables;
        var i = 0;
        for (; i + 8 <= data.Length; i += 8)
        {
            var low = crc ^ BitConverter.ToUInt32(data.Slice(i, 4));
            crc = t[0x700 + (int)(low & 0xFF)] ^ t[0x600 + (int)((low >> 8) & 0xFF)] ^ t[0x500 + (int)((low >> 16) & 0xFF)] ^ t[0x400 + (int)(low >> 24)]
                ^ t[0x300 + data[i + 4]] ^ t[0x200 + data[i + 5]] ^ t[0x100 + data[i + 6]] ^ t[data[i + 7]];
        }

        for (; i < data.Length; i++)
        {
            crc = t[(int)((crc ^ data[i]) & 0xFF)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeTables()
    {
        var t = new uint[8 * 256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            t[n] = c;
        }

        for (var k = 1; k < 8; k++)
        {
            for (var n = 0; n < 256; n++)
            {
                var c = t[((k - 1) * 256) + n];
                t[(k * 256) + n] = t[(int)(c & 0xFF)] ^ (c >> 8);
            }
        }

        return t;
    }
}
