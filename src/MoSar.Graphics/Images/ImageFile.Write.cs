using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MoSar.Graphics;

public static partial class ImageFile
{
    /// <summary>Writes a map as its descriptor says: sRGB or linear PNG, or EXR; normal maps and other ranges are mapped to the codes.</summary>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public static void Write(string path, Map map)
    {
        var d = map.Descriptor;
        switch (d.Encoding)
        {
            case MapEncoding.Exr:
                WriteExr(path, map.Pixels);
                break;
            case MapEncoding.SrgbPng8:
                WritePng(path, map.Pixels, 8, ColourEncoding.Srgb, d.Minimum, d.Maximum);
                break;
            default:
                WritePng(path, map.Pixels, d.Encoding == MapEncoding.LinearPng16 ? 16 : 8, ColourEncoding.Linear, d.Minimum, d.Maximum);
                break;
        }
    }

    /// <summary>The file extension, with the dot, of a map's encoding.</summary>
    public static string Extension(MapEncoding encoding) => encoding == MapEncoding.Exr ? ".exr" : ".png";

    /// <summary>Writes a PNG of 1, 3 or 4 channels: [minimum, maximum] is mapped to the codes, values outside are clamped.</summary>
    /// <param name="bits">8 or 16 a channel.</param>
    /// <param name="encoding">Srgb (Auto means the same): linear colours are encoded with the sRGB curve. Linear: values as they are.</param>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public static void WritePng(
        string path, Image image, int bits = 8, ColourEncoding encoding = ColourEncoding.Srgb, float minimum = 0, float maximum = 1) =>
        AtomicFile.Write(path, stream => EncodePng(stream, image, bits, encoding, minimum, maximum));

    /// <summary>As <see cref="WritePng"/>, into memory: for embedding.</summary>
    public static byte[] EncodePng(Image image, int bits = 8, ColourEncoding encoding = ColourEncoding.Srgb, float minimum = 0, float maximum = 1)
    {
        var stream = new MemoryStream();
        EncodePng(stream, image, bits, encoding, minimum, maximum);
        return stream.ToArray();
    }

    /// <summary>Writes OpenEXR, half floats, ZIP; the values as they are.</summary>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    /// <param name="half">16-bit floats: 11 bits of precision; 32-bit otherwise.</param>
    public static void WriteExr(string path, Image image, bool half = true) =>
        AtomicFile.Write(path, NativeImage.Encode("openexr", image, half ? NativeImage.KindHalf : NativeImage.KindFloat, 0));

    /// <summary>Writes Radiance HDR (RGBE), for environments; three channels, no negative values.</summary>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>.</exception>
    public static void WriteHdr(string path, Image image) => AtomicFile.Write(path, NativeImage.Encode("hdr", image, NativeImage.KindFloat, 0));

    /// <summary>Encodes JPEG (sRGB) into memory: small base colours for embedding. Quality 1..100.</summary>
    public static byte[] EncodeJpeg(Image image, int quality = 92)
    {
        var encoded = new Image(image.Width, image.Height, image.Channels);
        Parallel.For(0, image.Height, y =>
        {
            var source = image.Row(y);
            var row = encoded.Row(y);
            for (var i = 0; i < row.Length; i++)
            {
                row[i] = Srgb.FromLinearByte(source[i]) * (1f / 255f);
            }
        });
        return NativeImage.Encode("jpeg", encoded, NativeImage.KindByte, quality);
    }

    private static void EncodePng(Stream stream, Image image, int bits, ColourEncoding encoding, float minimum, float maximum)
    {
        if (bits is not (8 or 16) || image.Channels is not (1 or 2 or 3 or 4) || !(maximum > minimum))
        {
            throw new ArgumentException($"PNG takes 8 or 16 bits, 1 to 4 channels and a positive range, not {bits}, {image.Channels}, [{minimum}, {maximum}].");
        }

        var srgb = encoding != ColourEncoding.Linear;
        var scale = 1 / (maximum - minimum);
        var alpha = image.Channels is 2 or 4 && srgb;
        PngEncoder.Encode(stream, image.Width, image.Height, image.Channels, bits, srgb, (y, bytes) =>
        {
            var row = image.Row(y);
            switch (bits, srgb)
            {
                case (8, true):
                    Srgb8(row, bytes, minimum, scale);
                    break;
                case (8, false):
                    Linear8(row, bytes, minimum, scale);
                    break;
                case (_, true):
                    Srgb16(row, bytes, minimum, scale);
                    break;
                default:
                    Linear16(row, bytes, minimum, scale);
                    break;
            }

            if (alpha)
            {
                LinearAlpha(row, bytes, image.Channels, bits);
            }
        });
    }

    private static void Srgb8(ReadOnlySpan<float> row, Span<byte> bytes, float minimum, float scale)
    {
        for (var i = 0; i < row.Length; i++)
        {
            bytes[i] = Srgb.FromLinearByte((row[i] - minimum) * scale);
        }
    }

    private static void Linear8(ReadOnlySpan<float> row, Span<byte> bytes, float minimum, float scale)
    {
        for (var i = 0; i < row.Length; i++)
        {
            bytes[i] = (byte)Code(row[i], minimum, scale, 255f);
        }
    }

    private static void Srgb16(ReadOnlySpan<float> row, Span<byte> bytes, float minimum, float scale)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < row.Length; i++)
        {
            words[i] = BinaryPrimitives.ReverseEndianness((ushort)((Srgb.FromLinear((row[i] - minimum) * scale) * 65535f) + 0.5f));
        }
    }

    private static void Linear16(ReadOnlySpan<float> row, Span<byte> bytes, float minimum, float scale)
    {
        var words = MemoryMarshal.Cast<byte, ushort>(bytes);
        for (var i = 0; i < row.Length; i++)
        {
            words[i] = BinaryPrimitives.ReverseEndianness((ushort)Code(row[i], minimum, scale, 65535f));
        }
    }

    // Opacity is a fraction, never light: it is stored linearly in every PNG.
    private static void LinearAlpha(ReadOnlySpan<float> row, Span<byte> bytes, int channels, int bits)
    {
        for (var i = channels - 1; i < row.Length; i += channels)
        {
            if (bits == 8)
            {
                bytes[i] = (byte)Code(row[i], 0, 1, 255f);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(bytes[(2 * i)..], (ushort)Code(row[i], 0, 1, 65535f));
            }
        }
    }

    // NaN fails the comparison and becomes 0.
    private static int Code(float value, float minimum, float scale, float largest)
    {
        var x = (value - minimum) * scale;
        return x > 0 ? (int)((MathF.Min(x, 1) * largest) + 0.5f) : 0;
    }
}
