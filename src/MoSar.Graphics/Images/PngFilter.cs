using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoSar.Graphics;

/// <summary>
/// Chooses a PNG filter (Sub, Up, Average or Paeth) for each row: the one with the smallest sum of absolute residuals, PNG specification
/// 12.8. Rows carry one pixel of zeros before and a vector of slack after, so that no filter has a border case.
/// </summary>
internal sealed class PngFilter
{
    private readonly int _rowBytes;
    private readonly int _pixelBytes;
    private readonly byte[][] _residuals;
    private byte[] _current;
    private byte[] _previous;

    public PngFilter(int rowBytes, int pixelBytes)
    {
        (_rowBytes, _pixelBytes) = (rowBytes, pixelBytes);
        var padded = rowBytes + pixelBytes + Vector256<byte>.Count;
        _current = new byte[padded];
        _previous = new byte[padded];
        _residuals = [new byte[padded], new byte[padded], new byte[padded], new byte[padded]];
    }

    /// <summary>Where to put the row to filter.</summary>
    public Span<byte> Current => _current.AsSpan(_pixelBytes, _rowBytes);

    /// <summary>The row above; zeros before the picture's first row.</summary>
    public Span<byte> Previous => _previous.AsSpan(_pixelBytes, _rowBytes);

    public void Advance() => (_current, _previous) = (_previous, _current);

    /// <summary>Writes the filter's number and the filtered row: row bytes + 1.</summary>
    public void Write(Span<byte> output)
    {
        Span<long> sums = stackalloc long[4];
        Filter(sums);
        var best = 0;
        for (var f = 1; f < 4; f++)
        {
            if (sums[f] < sums[best])
            {
                best = f;
            }
        }

        output[0] = (byte)(best + 1);
        _residuals[best].AsSpan(0, _rowBytes).CopyTo(output[1..]);
    }

    private void Filter(Span<long> sums)
    {
        ref var current = ref MemoryMarshal.GetArrayDataReference(_current);
        ref var previous = ref MemoryMarshal.GetArrayDataReference(_previous);
        ref var sub = ref MemoryMarshal.GetArrayDataReference(_residuals[0]);
        ref var up = ref MemoryMarshal.GetArrayDataReference(_residuals[1]);
        ref var average = ref MemoryMarshal.GetArrayDataReference(_residuals[2]);
        ref var paeth = ref MemoryMarshal.GetArrayDataReference(_residuals[3]);
        var (s0, s1, s2, s3) = (Vector256<ushort>.Zero, Vector256<ushort>.Zero, Vector256<ushort>.Zero, Vector256<ushort>.Zero);
        for (var i = 0; i < _rowBytes; i += Vector256<byte>.Count)
        {
            var x = Vector256.LoadUnsafe(ref current, (nuint)(i + _pixelBytes));
            var a = Vector256.LoadUnsafe(ref current, (nuint)i);
            var b = Vector256.LoadUnsafe(ref previous, (nuint)(i + _pixelBytes));
            var c = Vector256.LoadUnsafe(ref previous, (nuint)i);
            var r0 = x - a;
            var r1 = x - b;

            // floor((a + b) / 2) without a carry.
            var r2 = x - ((a & b) + (Vector256.ShiftRightLogical((a ^ b).AsUInt16(), 1).AsByte() & Vector256.Create((byte)0x7F)));
            var r3 = x - Predict(a, b, c);
            r0.StoreUnsafe(ref sub, (nuint)i);
            r1.StoreUnsafe(ref up, (nuint)i);
            r2.StoreUnsafe(ref average, (nuint)i);
            r3.StoreUnsafe(ref paeth, (nuint)i);
            s0 = Accumulate(s0, r0, ref sums[0], i);
            s1 = Accumulate(s1, r1, ref sums[1], i);
            s2 = Accumulate(s2, r2, ref sums[2], i);
            s3 = Accumulate(s3, r3, ref sums[3], i);
        }

        Drain(s0, ref sums[0]);
        Drain(s1, ref sums[1]);
        Drain(s2, ref sums[2]);
        Drain(s3, ref sums[3]);
    }

    // Sums |residual| as signed bytes in 16-bit lanes and empties these before they can overflow (128 · 2 · 128 < 65536).
    private static Vector256<ushort> Accumulate(Vector256<ushort> sum, Vector256<byte> residual, ref long total, int i)
    {
        var magnitude = Vector256.Min(residual, Vector256<byte>.Zero - residual);
        sum += (magnitude & Vector256.Create((ushort)0xFF).AsByte()).AsUInt16() + Vector256.ShiftRightLogical(magnitude.AsUInt16(), 8);
        if ((i & 0x0FE0) == 0x0FE0)
        {
            Drain(sum, ref total);
            sum = Vector256<ushort>.Zero;
        }

        return sum;
    }

    private static void Drain(Vector256<ushort> sum, ref long total)
    {
        var (low, high) = Vector256.Widen(sum);
        total += Vector256.Sum(low + high);
    }

    // Paeth's predictor: whichever of a (left), b (above), c (above left) is nearest to a + b − c, in this order on ties.
    private static Vector256<byte> Predict(Vector256<byte> a, Vector256<byte> b, Vector256<byte> c)
    {
        // Distances without widening: pa = |b − c|, pb = |a − c|; pc = |pa' ± pb'| saturates, which cannot change a comparison that it loses.
        var bc = Vector256.Max(b, c) - Vector256.Min(b, c);
        var ac = Vector256.Max(a, c) - Vector256.Min(a, c);

        // (a − c) and (b − c) have the same sign: pc = pa + pb ≥ both, so c never wins. Opposite signs: pc = |pa − pb|.
        var same = Vector256.Equals(Vector256.GreaterThanOrEqual(a, c), Vector256.GreaterThanOrEqual(b, c));
        var difference = Vector256.Max(bc, ac) - Vector256.Min(bc, ac);
        var pc = Vector256.ConditionalSelect(same, Vector256<byte>.AllBitsSet, difference);
        var takeA = Vector256.LessThanOrEqual(bc, ac) & Vector256.LessThanOrEqual(bc, pc);
        var takeB = Vector256.LessThanOrEqual(ac, pc);
        return Vector256.ConditionalSelect(takeA, a, Vector256.ConditionalSelect(takeB, b, c));
    }
}
