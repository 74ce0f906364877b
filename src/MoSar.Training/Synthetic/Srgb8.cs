using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>sRGB bytes to linear values and back, by tables: the banks of skins and cut-outs are bytes.</summary>
internal static class Srgb8
{
    private const int Steps = 4096;

    private static readonly byte[] Encoded = MakeEncoded();

    /// <summary>256 linear values.</summary>
    public static float[] Linear { get; } = MakeLinear();

    public static byte Encode(float linear) => Encoded[(int)(Math.Clamp(MathF.Sqrt(MathF.Max(linear, 0)), 0, 1) * (Steps - 1))];

    public static void Encode(Vector3 linear, Span<byte> rgb)
    {
        rgb[0] = Encode(linear.X);
        rgb[1] = Encode(linear.Y);
        rgb[2] = Encode(linear.Z);
    }

    private static float[] MakeLinear()
    {
        var table = new float[256];
        for (var i = 0; i < table.Length; i++)
        {
            var s = i / 255f;
            table[i] = s <= 0.04045f ? s / 12.92f : MathF.Pow((s + 0.055f) / 1.055f, 2.4f);
        }

        return table;
    }

    /// <summary>Over the square root of the linear value, where sRGB's curve is nearly straight.</summary>
    private static byte[] MakeEncoded()
    {
        var table = new byte[Steps];
        for (var i = 0; i < Steps; i++)
        {
            var v = i / (Steps - 1f);
            v *= v;
            var s = v <= 0.0031308f ? 12.92f * v : (1.055f * MathF.Pow(v, 1 / 2.4f)) - 0.055f;
            table[i] = (byte)MathF.Round(255 * s);
        }

        return table;
    }
}
