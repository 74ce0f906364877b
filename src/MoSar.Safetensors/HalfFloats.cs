using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoSar;

/// <summary>The two 16-bit float types as float32; both conversions are exact.</summary>
internal static class HalfFloats
{
    /// <summary>IEEE half: shifted into place and scaled by 2^112, which makes denormals right too; infinities and NaN get their exponent back.</summary>
    // The face model holds 20 million of these. Ahead-of-time code knows no AVX2, and a loop that is entered once never leaves it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ToSingle(ReadOnlySpan<Half> source, Span<float> target)
    {
        ReadOnlySpan<ushort> bits = MemoryMarshal.Cast<Half, ushort>(source);
        int i = 0;
        for (; i + 16 <= bits.Length; i += 16)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Create(bits.Slice(i, 16)));
            Expand(low).CopyTo(target[i..]);
            Expand(high).CopyTo(target[(i + 8)..]);
        }
        for (; i < bits.Length; i++)
            target[i] = (float)source[i];
    }

    internal static void BFloatToSingle(ReadOnlySpan<ushort> source, Span<float> target)
    {
        for (int i = 0; i < target.Length; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Expand(Vector256<uint> half)
    {
        Vector256<uint> exponent = Vector256.Create(0x7c00u);
        Vector256<uint> infinite = Vector256.Equals(half & exponent, exponent) & Vector256.Create(0x7f80_0000u);
        Vector256<float> magnitude = ((half & Vector256.Create(0x7fffu)) << 13).AsSingle() * Vector256.Create(BitConverter.UInt32BitsToSingle((254u - 15u) << 23));
        return (magnitude.AsUInt32() | infinite | ((half & Vector256.Create(0x8000u)) << 16)).AsSingle();
    }
}
