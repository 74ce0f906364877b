using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Learning.Data;

/// <summary>Finite half-precision numbers in bulk: the runtime converts one at a time, which would be most of a cached sample's cost.</summary>
internal static class HalfFloats
{
    // A half's exponent and mantissa moved to a float's places are 2^112 too small (the biases are 127 and 15), denormals included.
    private static readonly float Rebias = BitConverter.Int32BitsToSingle((127 + 112) << 23);
    private static readonly float Unbias = BitConverter.Int32BitsToSingle((127 - 112) << 23);

    /// <summary>Each value to the nearest half, to even in the middle, as a cast does.</summary>
    /// <returns>False, and the result is unfinished, when a value is not finite or beyond half's range.</returns>
    public static bool TryRound(ReadOnlySpan<float> values, Span<float> rounded)
    {
        var (sign, one, below, mask) = (new Vector<uint>(0x8000_0000), Vector<uint>.One, new Vector<uint>(0xFFF), new Vector<uint>(0xFFFF_E000));
        var (smallest, half, largest) = (new Vector<float>(MathF.Pow(2, -14)), new Vector<float>(0.5f), new Vector<float>((float)Half.MaxValue));
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var bits = Vector.AsVectorUInt32(new Vector<float>(values[i..]));
            var magnitude = bits & ~sign;
            var normal = (magnitude + below + ((magnitude >> 13) & one)) & mask;

            // Denormal halves are multiples of 2^-24, which is what a float just above a half counts in.
            var tiny = Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) + half - half);
            var result = Vector.ConditionalSelect(Vector.AsVectorUInt32(Vector.LessThan(Vector.AsVectorSingle(magnitude), smallest)), tiny, normal);
            if (!Vector.LessThanOrEqualAll(Vector.AsVectorSingle(result), largest))
            {
                return false;
            }

            Vector.AsVectorSingle(result | (bits & sign)).CopyTo(rounded[i..]);
        }

        for (; i < values.Length; i++)
        {
            rounded[i] = (float)(Half)values[i];
            if (!float.IsFinite(rounded[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Finite values as halves.</summary>
    /// <returns>False, and the bytes are unfinished, when a value is no half.</returns>
    public static bool TryPack(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var codes = MemoryMarshal.Cast<byte, ushort>(bytes);
        var (magnitude, unbias) = (new Vector<uint>(0x7FFF_FFFF), new Vector<float>(Unbias));
        var i = 0;
        for (; i <= values.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var (low, high) = (new Vector<float>(values[i..]), new Vector<float>(values[(i + Vector<float>.Count)..]));
            var (lowCode, highCode) = (Code(low), Code(high));
            if (!Vector.EqualsAll(Vector.AsVectorUInt32(low), Widened(lowCode)) || !Vector.EqualsAll(Vector.AsVectorUInt32(high), Widened(highCode)))
            {
                return false;
            }

            Vector.Narrow(lowCode, highCode).CopyTo(codes[i..]);
        }

        for (; i < codes.Length; i++)
        {
            codes[i] = BitConverter.HalfToUInt16Bits((Half)values[i]);
            if (!float.IsFinite(values[i]) || BitConverter.SingleToInt32Bits((float)(Half)values[i]) != BitConverter.SingleToInt32Bits(values[i]))
            {
                return false;
            }
        }

        return true;

        // What does not fit into 16 bits has lost bits, which the comparison sees.
        Vector<uint> Code(Vector<float> value)
        {
            var bits = Vector.AsVectorUInt32(value);
            var scaled = Vector.AsVectorUInt32(Vector.AsVectorSingle(bits & magnitude) * unbias) >> 13;
            return (scaled & new Vector<uint>(0x7FFF)) | ((bits & ~magnitude) >> 16);
        }
    }

    public static void Unpack(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var codes = MemoryMarshal.Cast<byte, ushort>(bytes);
        var i = 0;
        for (; i <= codes.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(codes[i..]), out var low, out var high);
            Vector.AsVectorSingle(Widened(low)).CopyTo(values[i..]);
            Vector.AsVectorSingle(Widened(high)).CopyTo(values[(i + Vector<float>.Count)..]);
        }

        for (; i < codes.Length; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(codes[i]);
        }
    }

    /// <summary>The bits of a float from those of a finite half.</summary>
    private static Vector<uint> Widened(Vector<uint> code) =>
        Vector.AsVectorUInt32(Vector.AsVectorSingle((code & new Vector<uint>(0x7FFF)) << 13) * new Vector<float>(Rebias)) | ((code & new Vector<uint>(0x8000)) << 16);
}
