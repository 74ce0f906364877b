using System.Numerics;

namespace MoSar;

/// <summary>
/// An image in memory: height × width × channels float32, interleaved (HWC), row 0 at the top. Colours are linear Rec.709 with
/// 1 = diffuse white; sRGB exists only at the file border. The centre of pixel (i, j) lies at (i + 0.5, j + 0.5).
/// </summary>
public sealed class Image
{
    /// <exception cref="ArgumentException">A size is not positive or the buffer does not hold exactly width·height·channels values.</exception>
    public Image(int width, int height, int channels, float[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        if (pixels.LongLength != (long)width * height * channels)
        {
            throw new ArgumentException($"{width}×{height}×{channels} needs {(long)width * height * channels} values, got {pixels.LongLength}.", nameof(pixels));
        }

        (Width, Height, Channels, Pixels) = (width, height, channels, pixels);
    }

    public Image(int width, int height, int channels)
        : this(width, height, channels, new float[checked(width * height * channels)])
    {
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    /// <summary>HWC values, length Width·Height·Channels. Whoever made the image may write; whoever receives it only reads.</summary>
    public float[] Pixels { get; }

    public ref float this[int x, int y, int channel] => ref Pixels[(((y * Width) + x) * Channels) + channel];

    /// <summary>The first three channels of a pixel.</summary>
    public Vector3 Rgb(int x, int y) => new(Pixels.AsSpan((((y * Width) + x) * Channels), 3));

    public Span<float> Row(int y) => Pixels.AsSpan(y * Width * Channels, Width * Channels);
}
