using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Learning.Data;

/// <summary>Finite half-precision numbers in bulk: the runtime converts one at a time, which would be most of a cached sample's cost.</summary>
internal static class HalfFloats
{
    /// <summary>Whether every value survives the way to half precision and back.</summary>
    public static bool Hold(ReadOnlySpan<float> values)
    {
        foreach (var v in values)
        {
            if (BitConverter.SingleToInt32Bits((float)(Half)v) != BitConverter.SingleToInt32Bits(v) || !float.IsFinite(v))
            {
                return false;
            }
        }

        return true;
    }

    public static void Pack(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var codes = MemoryMarshal.Cast<byte, Half>(bytes);
        for (var i = 0; i < values.Length; i++)
        {
            codes[i] = (Half)values[i];
        }
    }

    public static void Unpack(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        var codes = MemoryMarshal.Cast<byte, ushort>(bytes);

        // Exponent and mantissa moved to a float's places are 2^112 too small (the biases are 127 and 15), denormals included.
        var rebias = new Vector<float>(BitConverter.Int32BitsToSingle((127 + 112) << 23));
        var (magnitude, sign) = (new Vector<uint>(0x7FFF), new Vector<uint>(0x8000));
        var i = 0;
        for (; i <= codes.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(codes[i..]), out var low, out var high);
            Widened(low).CopyTo(values[i..]);
            Widened(high).CopyTo(values[(i + Vector<float>.Count)..]);
        }

        for (; i < codes.Length; i++)
        {
            values[i] = (float)BitConverter.UInt16BitsToHalf(codes[i]);
        }

        Vector<float> Widened(Vector<uint> code) => Vector.AsVectorSingle(
            Vector.AsVectorUInt32(Vector.AsVectorSingle((code & magnitude) << 13) * rebias) | ((code & sign) << 16));
    }
}
