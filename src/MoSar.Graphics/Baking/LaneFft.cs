using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Complex fast Fourier transforms of a power-of-two length, as many side by side as a vector has lanes: element i of all of them is
/// one vector, so every butterfly is whole-vector arithmetic without shuffles. Stockham's self-sorting scheme, radix 2.
/// </summary>
internal sealed class LaneFft
{
    private readonly float[] _cos;
    private readonly float[] _sin;

    public LaneFft(int length)
    {
        if (!BitOperations.IsPow2(length))
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A power of two is needed.");
        }

        Length = length;
        _cos = new float[length / 2];
        _sin = new float[length / 2];
        for (var k = 0; k < length / 2; k++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * k / length);
            (_cos[k], _sin[k]) = ((float)cos, (float)sin);
        }
    }

    public int Length { get; }

    /// <summary>
    /// Transforms (re, im) with exp(∓2πi·jk/N), unnormalized; the result replaces them. The scratch buffers are as long. The inverse is the forward
    /// transform with real and imaginary part exchanged, so callers exchange the arguments.
    /// </summary>
    public void Forward(Vector<float>[] re, Vector<float>[] im, Vector<float>[] scratchRe, Vector<float>[] scratchIm)
    {
        var (xr, xi, yr, yi) = (re, im, scratchRe, scratchIm);
        for (int half = Length / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
        {
            Pass(xr, xi, yr, yi, half, stride);
            (xr, xi, yr, yi) = (yr, yi, xr, xi);
        }

        if (!ReferenceEquals(xr, re))
        {
            Array.Copy(xr, re, Length);
            Array.Copy(xi, im, Length);
        }
    }

    private void Pass(ReadOnlySpan<Vector<float>> xr, ReadOnlySpan<Vector<float>> xi, Span<Vector<float>> yr, Span<Vector<float>> yi, int half, int stride)
    {
        for (var p = 0; p < half; p++)
        {
            var (wr, wi) = (new Vector<float>(_cos[p * stride]), new Vector<float>(_sin[p * stride]));
            for (var q = 0; q < stride; q++)
            {
                var (a, b, to) = (q + (stride * p), q + (stride * (p + half)), q + (stride * 2 * p));
                var (dr, di) = (xr[a] - xr[b], xi[a] - xi[b]);
                yr[to] = xr[a] + xr[b];
                yi[to] = xi[a] + xi[b];
                yr[to + stride] = (dr * wr) - (di * wi);
                yi[to + stride] = (dr * wi) + (di * wr);
            }
        }
    }
}
