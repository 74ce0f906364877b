using System.Numerics;
using System.Security.Cryptography;

namespace MoSar.Graphics;

/// <summary>How the numbers of a file stand for light.</summary>
public enum ColourEncoding
{
    /// <summary>For PNG, JPEG and integer TIFF their ICC profile (of matrix type, such as Display P3 or Adobe RGB), else sRGB; linear for EXR, HDR and float TIFF.</summary>
    Auto,

    /// <summary>The sRGB curve.</summary>
    Srgb,

    /// <summary>Proportional to light, or no light at all but data.</summary>
    Linear,
}

/// <param name="Bits">Of one channel: 8 or 16 whole numbers, 16 or 32 floats.</param>
/// <param name="HasAlpha">The last of the channels is opacity.</param>
public readonly record struct StoredForm(int Width, int Height, int Channels, int Bits, bool IsFloat, bool HasAlpha);

/// <summary>
/// Pictures from and to files: PNG, JPEG, TIFF, OpenEXR and Radiance HDR through OpenImageIO, recognised by content. Every way in which a
/// file can be bad ends in a MoSarException that names it (codes below); nothing partially decoded is ever returned.
/// </summary>
/// <remarks>
/// Codes: <c>file-missing</c>, <c>file-is-folder</c>, <c>file-unreadable</c>, <c>image-empty</c> (zero bytes), <c>image-unknown</c> (not a
/// picture), <c>image-truncated</c>, <c>image-broken</c>, <c>image-too-small</c>, <c>image-too-large</c>.
/// </remarks>
public static partial class ImageFile
{
    /// <summary>The longest side that is read, in pixels.</summary>
    public const int MaximumSide = 20_000;

    /// <summary>The largest picture that is read, in millions of pixels: 1.4 GB in memory as linear float RGB.</summary>
    public const int MaximumMegapixels = 120;

    /// <summary>The shortest side of a photograph, in pixels: below it no face can be fitted.</summary>
    public const int MinimumPhotographSide = 64;

    /// <summary>Loads OpenImageIO (about 0.25 s), so that a host can do so on another thread while it starts.</summary>
    public static void Warm() => _ = NativeImage.Version();

    /// <summary>Reads a picture as H×W×3 linear Rec.709: upright, grey spread over three channels, CMYK converted.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">How to take the numbers.</param>
    /// <remarks>Alpha: composited over black in linear light. Map files have none; a photograph is composited over mid-grey, see <see cref="ReadPhotograph"/>.</remarks>
    /// <exception cref="MoSarException">See <see cref="ImageFile"/>.</exception>
    public static Image Read(string path, ColourEncoding encoding = ColourEncoding.Auto) =>
        Decode(path, ReadBytes(path), 1, encoding, 0f).Image;

    /// <summary>Reads numbers as they are stored, channels kept, alpha as one of them: integers over their largest value, floats unchanged. For maps and masks.</summary>
    /// <exception cref="MoSarException">See <see cref="ImageFile"/>.</exception>
    public static Image ReadData(string path)
    {
        var bytes = ReadBytes(path);
        var format = Recognise(path, bytes);
        return Guard(path, format, bytes, () =>
        {
            using var reader = new NativeImage.Reader(format.Plugin, bytes);
            CheckSize(path, reader.Info, 1);
            CheckWhole(path, format, bytes);
            return Load(reader, reader.Info.Channels, srgb: false);
        });
    }

    /// <summary>How a picture is stored; its pixels are not decoded.</summary>
    /// <exception cref="MoSarException">See <see cref="ImageFile"/>.</exception>
    public static StoredForm Describe(string path)
    {
        var bytes = ReadBytes(path);
        var format = Recognise(path, bytes);
        return Guard(path, format, bytes, () =>
        {
            using var reader = new NativeImage.Reader(format.Plugin, bytes);
            var info = reader.Info;
            CheckSize(path, info, 1);
            return new StoredForm(
                info.Width, info.Height, info.Channels, info.Kind switch { NativeImage.KindByte => 8, NativeImage.KindFloat => 32, _ => 16 },
                info.Kind is NativeImage.KindHalf or NativeImage.KindFloat, info.AlphaChannel >= 0);
        });
    }

    /// <summary>Reads an input portrait. Pixels with alpha are composited over mid-grey (0.18), which a cut-out portrait stands before best.</summary>
    /// <exception cref="MoSarException">See <see cref="ImageFile"/>; also <c>image-too-small</c> below <see cref="MinimumPhotographSide"/>.</exception>
    public static Photograph ReadPhotograph(string path)
    {
        var bytes = ReadBytes(path);
        var (image, focal) = Decode(path, bytes, MinimumPhotographSide, ColourEncoding.Auto, 0.18f);
        return new Photograph(Path.GetFileNameWithoutExtension(path), path, image, focal, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>Reads a picture from memory, as <see cref="Read"/> does; the name is for messages.</summary>
    public static Image Decode(string name, byte[] bytes, ColourEncoding encoding = ColourEncoding.Auto) => Decode(name, bytes, 1, encoding, 0f).Image;

    private static (Image Image, double? Focal) Decode(string path, byte[] bytes, int minimumSide, ColourEncoding encoding, float background)
    {
        var format = Recognise(path, bytes);
        return Guard(path, format, bytes, () =>
        {
            using var reader = new NativeImage.Reader(format.Plugin, bytes);
            var info = reader.Info;
            CheckSize(path, info, minimumSide);
            CheckWhole(path, format, bytes);
            var isFloat = info.Kind is not (NativeImage.KindByte or NativeImage.KindUshort);
            var srgb = encoding == ColourEncoding.Srgb || (encoding == ColourEncoding.Auto && format.IsSrgb && !isFloat);
            var stored = Load(reader, Math.Min(info.Channels, 4), srgb, info.AlphaChannel, encoding == ColourEncoding.Auto);
            var image = Orientation.Apply(ToRgb(stored, info.AlphaChannel, background), info.Orientation);
            return (image, ExifFocal.InPixels(info));
        });
    }

    private static byte[] ReadBytes(string path)
    {
        if (Directory.Exists(path))
        {
            throw new MoSarException("file-is-folder", $"'{path}' is a folder, not a picture.", "Name a file in it.");
        }

        if (!File.Exists(path))
        {
            throw new MoSarException("file-missing", $"There is no file '{path}'.", "Check the name.");
        }

        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("file-unreadable", $"Cannot read '{path}': {e.Message}", "Check the file's permissions.", e);
        }
    }

    private static ImageFormat Recognise(string path, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            throw new MoSarException("image-empty", $"'{path}' is empty (0 bytes).", "Copy or download the picture again.");
        }

        return ImageFormat.Recognise(bytes) ?? throw new MoSarException(
            "image-unknown", $"'{path}' is not a picture that can be read.", "Give a PNG, JPEG, TIFF, OpenEXR or Radiance HDR file.");
    }

    // Turns what OpenImageIO says into our error; a decoder that fails on an incomplete file fails because it is incomplete.
    private static T Guard<T>(string path, ImageFormat format, byte[] bytes, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (NativeImageException e)
        {
            throw format.IsComplete(bytes) && !SaysTruncated(e.Message)
                ? Broken(path, format, e.Message, e)
                : Truncated(path, format, e);
        }
    }

    private static MoSarException Broken(string path, ImageFormat format, string reason, Exception? inner) => new(
        "image-broken", $"'{path}' is a broken {format.Name} file: {reason}.", "Copy the picture again or save it anew.", inner);

    private static bool SaysTruncated(string message) =>
        Array.Exists(["premature", "end of file", "truncated", "early end", "read error", "not enough data", "short", "bytes, got", "past end", "eof"], word => message.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static MoSarException Truncated(string path, ImageFormat format, Exception? inner) => new(
        "image-truncated", $"'{path}' is truncated: the {format.Name} data end before the picture does.", "Copy or download the picture again.", inner);

    // Decoders hand out half a picture without a word, or write to the terminal.
    private static void CheckWhole(string path, ImageFormat format, byte[] bytes)
    {
        if (!format.IsComplete(bytes))
        {
            throw Truncated(path, format, null);
        }

        if (format.FindDamage(bytes) is { } damage)
        {
            throw Broken(path, format, damage, null);
        }
    }

    private static void CheckSize(string path, in NativeImage.Info info, int minimumSide)
    {
        var (w, h) = (info.Width, info.Height);
        if (w < minimumSide || h < minimumSide)
        {
            throw new MoSarException(
                "image-too-small", $"'{path}' is {w}×{h} pixels; a photograph needs at least {minimumSide} on each side.", "Use a larger picture.");
        }

        if (w > MaximumSide || h > MaximumSide || (long)w * h > MaximumMegapixels * 1_000_000L)
        {
            throw new MoSarException(
                "image-too-large",
                $"'{path}' is {w}×{h} pixels; the limits are {MaximumSide:N0} a side and {MaximumMegapixels} megapixels.",
                "Scale the picture down first.");
        }
    }

    private static Image Load(NativeImage.Reader reader, int channels, bool srgb, int alpha = -1, bool useProfile = false)
    {
        var info = reader.Info;
        var image = new Image(info.Width, info.Height, channels);
        switch (info.Kind)
        {
            case NativeImage.KindByte:
                LoadCodes<byte>(reader, image, srgb, alpha, Profile(256), Srgb.ToLinear);
                break;
            case NativeImage.KindUshort:
                LoadCodes<ushort>(reader, image, srgb, alpha, Profile(65536), Srgb.ToLinear);
                break;
            default:
                reader.Read<float>(NativeImage.KindFloat, channels, image.Pixels);
                if (srgb)
                {
                    Parallel.For(0, image.Height, y => DecodeRow(image.Row(y), channels, alpha));
                }

                break;
        }

        return image;

        IccProfile? Profile(int codes) => srgb && useProfile && channels >= 3 ? IccProfile.Parse(reader.Icc(), codes) : null;
    }

    private static void LoadCodes<T>(
        NativeImage.Reader reader, Image image, bool srgb, int alpha, IccProfile? profile, Action<ReadOnlySpan<T>, Span<float>> toLinear)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        var codes = GC.AllocateUninitializedArray<T>(image.Pixels.Length);
        reader.Read<T>(reader.Info.Kind, image.Channels, codes);
        var unit = 1 / float.CreateTruncating(T.MaxValue);
        Parallel.For(0, image.Height, y =>
        {
            var row = image.Row(y);
            var source = codes.AsSpan(y * row.Length, row.Length);
            if (profile is not null)
            {
                for (var i = 0; i < row.Length; i += image.Channels)
                {
                    profile.ToLinear(int.CreateTruncating(source[i]), int.CreateTruncating(source[i + 1]), int.CreateTruncating(source[i + 2])).CopyTo(row[i..]);
                }
            }
            else if (srgb)
            {
                toLinear(source, row);
            }

            for (int i = srgb ? (alpha < 0 ? row.Length : alpha) : 0, step = srgb ? image.Channels : 1; i < row.Length; i += step)
            {
                row[i] = float.CreateTruncating(source[i]) * unit;
            }
        });
    }

    private static void DecodeRow(Span<float> row, int channels, int alpha)
    {
        for (var i = 0; i < row.Length; i++)
        {
            if (i % channels != alpha)
            {
                row[i] = Srgb.ToLinear(row[i]);
            }
        }
    }

    // Grey to three channels; alpha (unassociated in the buffer) over a grey background.
    private static Image ToRgb(Image stored, int alpha, float background)
    {
        var n = stored.Channels;
        if (n == 3 && alpha < 0)
        {
            return stored;
        }

        var grey = n < 3;
        var image = new Image(stored.Width, stored.Height, 3);
        Parallel.For(0, image.Height, y =>
        {
            var source = stored.Row(y);
            var row = image.Row(y);
            for (var x = 0; x < image.Width; x++)
            {
                var opacity = alpha >= 0 && alpha < n ? source[(x * n) + alpha] : 1f;
                for (var c = 0; c < 3; c++)
                {
                    row[(x * 3) + c] = (source[(x * n) + (grey ? 0 : c)] * opacity) + (background * (1 - opacity));
                }
            }
        });
        return image;
    }
}
