using System.Buffers.Binary;

namespace MoSar.Graphics.Tests;

/// <summary>Puts a minimal EXIF block into a JPEG.</summary>
internal static class Exif
{
    public static byte[] Insert(byte[] jpeg, ushort orientation, ushort focal35 = 0)
    {
        // Big-endian TIFF: IFD0 with orientation and a pointer to the EXIF IFD, which holds FocalLengthIn35mmFilm.
        var tiff = new byte[8 + 2 + 24 + 4 + 2 + 12 + 4];
        "MM\0*"u8.CopyTo(tiff);
        BinaryPrimitives.WriteUInt32BigEndian(tiff.AsSpan(4), 8);
        BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(8), 2);
        Entry(tiff.AsSpan(10), 0x0112, 3, (uint)orientation << 16);
        Entry(tiff.AsSpan(22), 0x8769, 4, 38);
        BinaryPrimitives.WriteUInt16BigEndian(tiff.AsSpan(38), 1);
        Entry(tiff.AsSpan(40), 0xA405, 3, (uint)focal35 << 16);

        var segment = new byte[4 + 6 + tiff.Length];
        (segment[0], segment[1]) = (0xFF, 0xE1);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)(segment.Length - 2));
        "Exif\0\0"u8.CopyTo(segment.AsSpan(4));
        tiff.CopyTo(segment, 10);
        return [.. jpeg[..2], .. segment, .. jpeg[2..]];
    }

    private static void Entry(Span<byte> at, ushort tag, ushort type, uint value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(at, tag);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], type);
        BinaryPrimitives.WriteUInt32BigEndian(at[4..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(at[8..], value);
    }
}
