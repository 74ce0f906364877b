using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>The sRGB transfer curve of IEC 61966-2-1, in [0, 1]; inputs outside are clamped.</summary>
public static class Srgb
{
    private static readonly float[] Linear8 = MakeLinear(256);

    // The smallest linear value whose nearest 8-bit code is c or more: the curve at (c − ½)/255.
    private static readonly float[] Threshold8 = MakeThresholds();

    // A first guess of the code from the square root of the value; the thresholds make it exact.
    private static readonly byte[] Guess8 = MakeGuess();

    private static readonly Lazy<float[]> Linear16 = new(() => MakeLinear(65536));

    /// <summary>Decodes one encoded value in [0, 1].</summary>
    public static float ToLinear(float encoded) => (float)ToLinear((double)Math.Clamp(encoded, 0f, 1f));

    /// <summary>Encodes one linear value in [0, 1].</summary>
    public static float FromLinear(float linear)
    {
        var x = Math.Clamp(linear, 0f, 1f);
        return x <= 0.0031308f ? 12.92f * x : (1.055f * MathF.Pow(x, 1 / 2.4f)) - 0.055f;
    }

    public static Vector3 ToLinear(Vector3 encoded) => new(ToLinear(encoded.X), ToLinear(encoded.Y), ToLinear(encoded.Z));

    public static Vector3 FromLinear(Vector3 linear) => new(FromLinear(linear.X), FromLinear(linear.Y), FromLinear(linear.Z));

    /// <summary>The linear value of an 8-bit code.</summary>
    public static float ToLinear(byte code) => Linear8[code];

    /// <summary>Decodes 8-bit codes; both spans have the same length.</summary>
    public static void ToLinear(ReadOnlySpan<byte> codes, Span<float> linear)
    {
        var table = Linear8;
        for (var i = 0; i < codes.Length; i++)
        {
            linear[i] = table[codes[i]];
        }
    }

    /// <summary>Decodes 16-bit codes; both spans have the same length.</summary>
    public static void ToLinear(ReadOnlySpan<ushort> codes, Span<float> linear)
    {
        var table = Linear16.Value;
        for (var i = 0; i < codes.Length; i++)
        {
            linear[i] = table[codes[i]];
        }
    }

    /// <summary>Encodes to the nearest 8-bit code, exactly; NaN becomes 0.</summary>
    public static void FromLinear(ReadOnlySpan<float> linear, Span<byte> codes)
    {
        for (var i = 0; i < linear.Length; i++)
        {
            codes[i] = FromLinearByte(linear[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte FromLinearByte(float linear)
    {
        // Written so that NaN fails the first comparison.
        if (!(linear > 0))
        {
            return 0;
        }

        if (linear >= 1)
        {
            return 255;
        }

        int code = Guess8[(int)(MathF.Sqrt(linear) * GuessScale)];
        while (linear >= Threshold8[code + 1])
        {
            code++;
        }

        return (byte)code;
    }

    /// <summary>Encodes to the nearest 16-bit code.</summary>
    public static void FromLinear(ReadOnlySpan<float> linear, Span<ushort> codes)
    {
        for (var i = 0; i < linear.Length; i++)
        {
            codes[i] = (ushort)((FromLinear(linear[i]) * 65535f) + 0.5f);
        }
    }

    private const float GuessScale = 4096f;

    private static double ToLinear(double x) => x <= 0.04045 ? x / 12.92 : Math.Pow((x + 0.055) / 1.055, 2.4);

    private static float[] MakeLinear(int codes)
    {
        var table = new float[codes];
        for (var i = 0; i < codes; i++)
        {
            table[i] = (float)ToLinear(i / (codes - 1.0));
        }

        return table;
    }

    private static float[] MakeThresholds()
    {
        var table = new float[257];
        for (var c = 1; c < 256; c++)
        {
            table[c] = (float)ToLinear((c - 0.5) / 255);
        }

        table[256] = float.PositiveInfinity;
        return table;
    }

    private static byte[] MakeGuess()
    {
        var table = new byte[(int)GuessScale + 1];
        var code = 0;
        for (var i = 0; i < table.Length; i++)
        {
            var value = (float)Math.Pow(i / (double)GuessScale, 2);
            while (code < 255 && value >= Threshold8[code + 1])
            {
                code++;
            }

            // One below, because the square root may be rounded up across a threshold.
            table[i] = (byte)Math.Max(0, code - 1);
        }

        return table;
    }
}
