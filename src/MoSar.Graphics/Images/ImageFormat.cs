using System.Buffers.Binary;

namespace MoSar.Graphics;

/// <summary>Tells formats by their content, never by the name, and finds truncations that decoders paper over.</summary>
internal sealed record ImageFormat(string Name, string Plugin, bool IsSrgb)
{
    private static readonly ImageFormat Png = new("PNG", "png", true);
    private static readonly ImageFormat Jpeg = new("JPEG", "jpeg", true);
    private static readonly ImageFormat Tiff = new("TIFF", "tiff", true);
    private static readonly ImageFormat Exr = new("OpenEXR", "openexr", false);
    private static readonly ImageFormat Hdr = new("Radiance HDR", "hdr", false);

    /// <summary>Null when the content is no picture that this project reads.</summary>
    internal static ImageFormat? Recognise(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return Png;
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return Jpeg;
        }

        if (bytes.StartsWith("II*\0"u8) || bytes.StartsWith("MM\0*"u8) || bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8))
        {
            return Tiff;
        }

        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]))
        {
            return Exr;
        }

        return bytes.StartsWith("#?RADIANCE"u8) || bytes.StartsWith("#?RGBE"u8) ? Hdr : null;
    }

    /// <summary>False when the file ends before the format's own end mark. Formats without one are left to their decoder.</summary>
    internal bool IsComplete(ReadOnlySpan<byte> bytes) =>
        ReferenceEquals(this, Png) ? HasPngEnd(bytes) : !ReferenceEquals(this, Jpeg) || HasJpegEnd(bytes);

    /// <summary>What is damaged, or null. PNG carries a checksum for each chunk; looking first also keeps libpng from writing to the terminal.</summary>
    internal string? FindDamage(ReadOnlySpan<byte> bytes)
    {
        for (long at = 8; ReferenceEquals(this, Png) && at + 12 <= bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)at..]);
            if (at + 12 + length > bytes.Length)
            {
                return null;
            }

            var type = bytes.Slice((int)at + 4, 4);
            var data = bytes.Slice((int)at + 8, (int)length);
            if (Checksums.Crc(type, data) != BinaryPrimitives.ReadUInt32BigEndian(bytes[((int)at + 8 + (int)length)..]))
            {
                return $"the checksum of the {System.Text.Encoding.Latin1.GetString(type)} chunk at byte {at} is wrong";
            }

            at += 12L + length;
        }

        return null;
    }

    private static bool HasPngEnd(ReadOnlySpan<byte> bytes)
    {
        long at = 8;
        while (at + 12 <= bytes.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[(int)at..]);
            if (bytes.Slice((int)at + 4, 4).SequenceEqual("IEND"u8))
            {
                return true;
            }

            at += 12L + length;
        }

        return false;
    }

    // Walks the segments (an embedded thumbnail has an end mark of its own), then the entropy-coded data up to EOI.
    private static bool HasJpegEnd(ReadOnlySpan<byte> bytes)
    {
        var at = 2;
        while (at + 2 <= bytes.Length)
        {
            if (bytes[at] != 0xFF)
            {
                // Entropy-coded data, or stray bytes between segments: on to the next mark.
                var next = bytes[at..].IndexOf((byte)0xFF);
                if (next < 0)
                {
                    return false;
                }

                at += next;
                continue;
            }

            var mark = bytes[at + 1];
            if (mark == 0xD9)
            {
                return true;
            }

            // A stuffed zero, a restart, or fill bytes: no length follows.
            if (mark is 0x00 or 0x01 or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
            }
            else if (mark == 0xFF)
            {
                at++;
            }
            else if (at + 4 > bytes.Length)
            {
                return false;
            }
            else
            {
                at += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]);
            }
        }

        return false;
    }
}
