using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoSar.Plugins.SuperRes;

/// <summary>One output row at a time: four source rows are blended into one, then every output texel blends four neighbours of that.</summary>
internal sealed class BicubicScaler
{
    private const int Border = 2;

    private readonly Image _source;
    private readonly Image _target;
    private readonly int[] _offsets;
    private readonly Vector128<float>[] _columns;
    private readonly Vector128<float>[] _rows;
    private readonly int[] _rowOffsets;

    public BicubicScaler(Image source, Image target, float sharpness)
    {
        (_source, _target) = (source, target);
        (_offsets, _columns) = Taps(source.Width, target.Width, sharpness);
        (_rowOffsets, _rows) = Taps(source.Height, target.Height, sharpness);
    }

    /// <summary>A blended source row with its border repeated; four floats more, because texels are read as whole vectors.</summary>
    public float[] MakeScratch() => new float[((_source.Width + (2 * Border)) * _source.Channels) + 4];

    public void Row(int y, float[] scratch)
    {
        Blend(y, scratch);
        var row = _target.Row(y);
        switch (_source.Channels)
        {
            case 1:
                Spread1(scratch, row);
                break;
            case 3:
                Spread3(scratch, row);
                break;
            default:
                SpreadAny(scratch, row);
                break;
        }
    }

    // First of the four taps, in a source padded by Border, and their weights.
    private static (int[] Offsets, Vector128<float>[] Weights) Taps(int from, int to, float sharpness)
    {
        var (offsets, weights) = (new int[to], new Vector128<float>[to]);
        for (var i = 0; i < to; i++)
        {
            var x = ((i + 0.5) * from / to) - 0.5;
            var floor = Math.Floor(x);
            var t = (float)(x - floor);
            offsets[i] = (int)floor - 1 + Border;
            weights[i] = Vector128.Create(Keys(1 + t, sharpness), Keys(t, sharpness), Keys(1 - t, sharpness), Keys(2 - t, sharpness));
        }

        return (offsets, weights);
    }

    private static float Keys(float x, float s) => x <= 1
        ? ((((2 - s) * x) - (3 - s)) * x * x) + 1
        : ((((-s * x) + (5 * s)) * x) - (8 * s)) * x + (4 * s);

    private void Blend(int y, float[] scratch)
    {
        var (w, first, last) = (_rows[y], _rowOffsets[y] - Border, _source.Height - 1);
        var a = SourceRow(first, last);
        var b = SourceRow(first + 1, last);
        var c = SourceRow(first + 2, last);
        var d = SourceRow(first + 3, last);
        var channels = _source.Channels;
        var middle = scratch.AsSpan(Border * channels, _source.Width * channels);
        var (wa, wb, wc, wd) = (w.GetElement(0), w.GetElement(1), w.GetElement(2), w.GetElement(3));
        var i = 0;
        for (; i <= middle.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var sum = (new Vector<float>(a[i..]) * wa) + (new Vector<float>(b[i..]) * wb) + (new Vector<float>(c[i..]) * wc) + (new Vector<float>(d[i..]) * wd);
            sum.CopyTo(middle[i..]);
        }

        for (; i < middle.Length; i++)
        {
            middle[i] = (a[i] * wa) + (b[i] * wb) + (c[i] * wc) + (d[i] * wd);
        }

        for (var k = 0; k < Border; k++)
        {
            middle[..channels].CopyTo(scratch.AsSpan(k * channels));
            middle[^channels..].CopyTo(scratch.AsSpan((Border + _source.Width + k) * channels));
        }
    }

    private ReadOnlySpan<float> SourceRow(int y, int last) => _source.Row(Math.Clamp(y, 0, last));

    private void Spread1(float[] scratch, Span<float> row)
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(scratch);
        for (var x = 0; x < row.Length; x++)
        {
            row[x] = Vector128.Dot(Vector128.LoadUnsafe(ref from, (nuint)_offsets[x]), _columns[x]);
        }
    }

    private void Spread3(float[] scratch, Span<float> row)
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(scratch);
        ref var to = ref MemoryMarshal.GetReference(row);
        var last = _offsets.Length - 1;
        for (var x = 0; x <= last; x++)
        {
            var (at, w) = ((nuint)_offsets[x] * 3, _columns[x]);
            var sum = (Vector128.LoadUnsafe(ref from, at) * w.GetElement(0)) + (Vector128.LoadUnsafe(ref from, at + 3) * w.GetElement(1))
                + (Vector128.LoadUnsafe(ref from, at + 6) * w.GetElement(2)) + (Vector128.LoadUnsafe(ref from, at + 9) * w.GetElement(3));
            if (x < last)
            {
                sum.StoreUnsafe(ref to, (nuint)x * 3); // The fourth lane is overwritten by the next texel.
            }
            else
            {
                (row[^3], row[^2], row[^1]) = (sum.GetElement(0), sum.GetElement(1), sum.GetElement(2));
            }
        }
    }

    private void SpreadAny(float[] scratch, Span<float> row)
    {
        var channels = _source.Channels;
        for (var x = 0; x < _offsets.Length; x++)
        {
            var (at, w) = (_offsets[x] * channels, _columns[x]);
            for (var c = 0; c < channels; c++)
            {
                row[(x * channels) + c] = (scratch[at + c] * w.GetElement(0)) + (scratch[at + channels + c] * w.GetElement(1))
                    + (scratch[at + (2 * channels) + c] * w.GetElement(2)) + (scratch[at + (3 * channels) + c] * w.GetElement(3));
            }
        }
    }
}
