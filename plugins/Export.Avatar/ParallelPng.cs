using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace MoSar.Plugins.Export;

/// <summary>
/// Writes PNG files of any size on all cores. A general PNG library spends 20 s on the maps of one 4K avatar, because zlib is serial;
/// here bands of rows are filtered and deflated side by side and joined by sync flushes, as pigz does, which every decoder reads.
/// Bands have a fixed height, so the bytes do not depend on how many cores there are.
/// </summary>
internal static class ParallelPng
{
    private const int BandRows = 128;
    private static readonly byte[] SrgbTable = MakeSrgbTable();
    private static readonly uint[] CrcTable = MakeCrcTable();

    /// <param name="image">1 or 3 channels.</param>
    /// <param name="sixteenBit">16 bits a channel instead of 8.</param>
    /// <param name="srgb">Encode with the sRGB curve (8 bit only) and say so in the file.</param>
    /// <param name="scale">Stored = clamp(value·scale + offset, 0, 1).</param>
    /// <param name="offset">See <paramref name="scale"/>.</param>
    /// <exception cref="ArgumentException">Another number of channels, or sRGB with 16 bits.</exception>
    public static void Write(string path, Image image, bool sixteenBit, bool srgb, float scale, float offset, CancellationToken cancellation)
    {
        if (image.Channels is not (1 or 3) || (srgb && sixteenBit))
        {
            throw new ArgumentException($"Cannot write {image.Channels} channels, {(sixteenBit ? 16 : 8)} bit, {(srgb ? "sRGB" : "linear")} as PNG.", nameof(image));
        }

        var bands = (image.Height + BandRows - 1) / BandRows;
        var deflated = new Band[bands];
        Parallel.For(0, bands, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, band =>
            deflated[band] = Deflate(image, band, sixteenBit, srgb, scale, offset));

        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = (byte)(sixteenBit ? 16 : 8);
        header[9] = (byte)(image.Channels == 3 ? 2 : 0);
        WriteChunk(file, "IHDR", header);
        if (srgb)
        {
            WriteChunk(file, "sRGB", [0]);
        }
        else
        {
            // Linear values: gamma 1, in units of 1/100000, so that viewers which honour it do not brighten the map.
            WriteChunk(file, "gAMA", [0x00, 0x01, 0x86, 0xA0]);
        }

        WriteChunk(file, "IDAT", [0x78, 0x01]);
        var adler = 1u;
        foreach (var band in deflated)
        {
            WriteChunk(file, "IDAT", band.Bytes.AsSpan(0, band.Length));
            adler = CombineAdler(adler, band.Adler, band.RawLength);
        }

        // An empty final deflate block, then zlib's checksum.
        Span<byte> end = [0x03, 0x00, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(end[2..], adler);
        WriteChunk(file, "IDAT", end);
        WriteChunk(file, "IEND", []);
    }

    private static Band Deflate(Image image, int band, bool sixteenBit, bool srgb, float scale, float offset)
    {
        var first = band * BandRows;
        var rows = Math.Min(BandRows, image.Height - first);
        var bytesPerPixel = image.Channels * (sixteenBit ? 2 : 1);
        var stride = image.Width * bytesPerPixel;
        var raw = new byte[rows * (stride + 1)];
        var previous = new byte[stride];
        var current = new byte[stride];
        if (first > 0)
        {
            Quantise(image.Row(first - 1), previous, sixteenBit, srgb, scale, offset);
        }

        for (var y = 0; y < rows; y++)
        {
            Quantise(image.Row(first + y), current, sixteenBit, srgb, scale, offset);
            var line = raw.AsSpan(y * (stride + 1), stride + 1);

            // Filter 2 (up): maps are smooth in both directions, and this one needs no serial dependency along the row.
            line[0] = 2;
            Subtract(current, previous, line[1..]);
            (previous, current) = (current, previous);
        }

        using var target = new MemoryStream(raw.Length / 2);
        using var deflate = new DeflateStream(target, CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(raw);
        deflate.Flush();

        // What disposing the stream appends afterwards is its final block, which must come once, at the end of the file.
        return new Band(target.GetBuffer(), (int)target.Length, Adler(raw), raw.Length);
    }

    private static void Subtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> difference)
    {
        var width = System.Numerics.Vector<byte>.Count;
        var i = 0;
        for (; i <= a.Length - width; i += width)
        {
            (new System.Numerics.Vector<byte>(a[i..]) - new System.Numerics.Vector<byte>(b[i..])).CopyTo(difference[i..]);
        }

        for (; i < a.Length; i++)
        {
            difference[i] = (byte)(a[i] - b[i]);
        }
    }

    private static void Quantise(ReadOnlySpan<float> values, Span<byte> bytes, bool sixteenBit, bool srgb, float scale, float offset)
    {
        if (sixteenBit)
        {
            var words = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (var i = 0; i < values.Length; i++)
            {
                var stored = (ushort)((Clamp01((values[i] * scale) + offset) * 65535f) + 0.5f);
                words[i] = BinaryPrimitives.ReverseEndianness(stored);
            }
        }
        else if (srgb)
        {
            for (var i = 0; i < values.Length; i++)
            {
                bytes[i] = SrgbTable[(int)((Clamp01((values[i] * scale) + offset) * 65535f) + 0.5f)];
            }
        }
        else
        {
            for (var i = 0; i < values.Length; i++)
            {
                bytes[i] = (byte)((Clamp01((values[i] * scale) + offset) * 255f) + 0.5f);
            }
        }
    }

    // NaN becomes 0.
    private static float Clamp01(float x) => x > 0f ? MathF.Min(x, 1f) : 0f;

    private static byte[] MakeSrgbTable()
    {
        // 65,536 steps resolve every one of the 256 levels: the curve is steepest at 0 with 12.92·255/65535 = 0.05 levels a step.
        var table = new byte[65536];
        for (var i = 0; i < table.Length; i++)
        {
            var x = i / 65535.0;
            var encoded = x <= 0.0031308 ? 12.92 * x : (1.055 * Math.Pow(x, 1 / 2.4)) - 0.055;
            table[i] = (byte)((encoded * 255) + 0.5);
        }

        return table;
    }

    private static void WriteChunk(FileStream file, string type, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type, head[4..]);
        var crc = Crc(Crc(0xFFFFFFFFu, head[4..]), data) ^ 0xFFFFFFFFu;
        file.Write(head);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(head, crc);
        file.Write(head[..4]);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> data)
    {
        var i = 0;
        for (; i <= data.Length - 8; i += 8)
        {
            // Slicing by 8: the table holds eight successive powers.
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data[i..]) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[(i + 4)..]);
            crc = CrcTable[(7 * 256) + (low & 0xFF)] ^ CrcTable[(6 * 256) + ((low >> 8) & 0xFF)]
                ^ CrcTable[(5 * 256) + ((low >> 16) & 0xFF)] ^ CrcTable[(4 * 256) + (low >> 24)]
                ^ CrcTable[(3 * 256) + (high & 0xFF)] ^ CrcTable[(2 * 256) + ((high >> 8) & 0xFF)]
                ^ CrcTable[256 + ((high >> 16) & 0xFF)] ^ CrcTable[high >> 24];
        }

        for (; i < data.Length; i++)
        {
            crc = CrcTable[(crc ^ data[i]) & 0xFF] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[8 * 256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++)
            {
                c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        for (var n = 0; n < 256; n++)
        {
            for (var slice = 1; slice < 8; slice++)
            {
                var c = table[((slice - 1) * 256) + n];
                table[(slice * 256) + n] = table[c & 0xFF] ^ (c >> 8);
            }
        }

        return table;
    }

    private static uint Adler(ReadOnlySpan<byte> data)
    {
        uint a = 1, b = 0;
        while (!data.IsEmpty)
        {
            // 5552 is the most bytes before b can overflow 32 bits.
            var run = data[..Math.Min(5552, data.Length)];
            foreach (var value in run)
            {
                a += value;
                b += a;
            }

            a %= 65521;
            b %= 65521;
            data = data[run.Length..];
        }

        return (b << 16) | a;
    }

    /// <summary>The checksum of two joined pieces from theirs (RFC 1950): a adds up, b grows by the first a for every byte of the second.</summary>
    private static uint CombineAdler(uint first, uint second, long secondLength)
    {
        const long modulus = 65521;
        long a1 = first & 0xFFFF, b1 = first >> 16, a2 = second & 0xFFFF, b2 = second >> 16;
        var a = (a1 + a2 - 1 + modulus) % modulus;
        var b = (b1 + b2 + ((secondLength % modulus) * ((a1 - 1 + modulus) % modulus))) % modulus;
        return ((uint)b << 16) | (uint)a;
    }

    private readonly record struct Band(byte[] Bytes, int Length, uint Adler, int RawLength);
}
