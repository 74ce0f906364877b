using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Derivatives of an image per texel along u and v by multiplication with i·k in Fourier space (3.4). Along one axis the other's frequency
/// plays no part, so rows and columns are transformed on their own: the same numbers as a two-dimensional transform at a fraction of
/// its work. Two real lines ride in one complex one.
///
/// The transform sees a periodic line. So that a jump from the last texel to the first does not ring through the image, each line is padded to
/// a power of two with a cubic that joins both ends in value and slope; near the Nyquist frequency an exponential filter of order 16
/// (the usual cure for Gibbs' phenomenon in spectral methods) takes what is left of ringing at creases.
/// </summary>
internal sealed class SpectralDerivative
{
    private readonly int _length;
    private readonly LaneFft _fft;
    private readonly float[] _factor;

    public SpectralDerivative(int length)
    {
        _length = length;
        _fft = new LaneFft((int)BitOperations.RoundUpToPowerOf2((uint)(length + Math.Max(8, length / 16))));
        var n = _fft.Length;
        _factor = new float[n];
        for (var k = 1; k < n; k++)
        {
            var frequency = k <= n / 2 ? k : k - n;
            var relative = Math.Abs(frequency) / (n / 2.0);
            var filter = Math.Exp(-36 * Math.Pow(relative, 16));
            _factor[k] = k == n / 2 ? 0 : (float)(2 * Math.PI * frequency / n * filter / n);
        }
    }

    /// <summary>∂/∂(texel) along rows (u) into <paramref name="du"/> and along columns (v, downwards) into <paramref name="dv"/>; all length².</summary>
    public void Differentiate(float[] values, float[] du, float[] dv, CancellationToken cancellation)
    {
        var lines = 2 * Vector<float>.Count;
        var batches = (_length + lines - 1) / lines;
        Parallel.For(0, 2 * batches, new ParallelOptions { CancellationToken = cancellation }, () => new Workspace(_fft.Length), (b, _, work) =>
        {
            var alongRows = b < batches;
            var first = (alongRows ? b : b - batches) * lines;
            var (along, across) = alongRows ? (1, _length) : (_length, 1);
            Load(values, first, along, across, work);
            Join(work);
            _fft.Forward(work.Re, work.Im, work.ScratchRe, work.ScratchIm);
            for (var k = 0; k < _fft.Length; k++)
            {
                var f = new Vector<float>(_factor[k]);
                (work.Re[k], work.Im[k]) = (-f * work.Im[k], f * work.Re[k]);
            }

            _fft.Forward(work.Im, work.Re, work.ScratchIm, work.ScratchRe);
            Store(alongRows ? du : dv, first, along, across, work);
            return work;
        }, _ => { });
    }

    private void Load(float[] values, int first, int along, int across, Workspace work)
    {
        var w = Vector<float>.Count;
        Span<float> line = stackalloc float[2 * w];
        for (var i = 0; i < _length; i++)
        {
            for (var j = 0; j < 2 * w; j++)
            {
                // The last batch repeats the last line: harmless, and Store skips it.
                line[j] = values[(i * along) + (Math.Min(first + j, _length - 1) * across)];
            }

            (work.Re[i], work.Im[i]) = (new Vector<float>(line), new Vector<float>(line[w..]));
        }
    }

    private void Join(Workspace work)
    {
        Join(work.Re);
        Join(work.Im);
    }

    private void Join(Vector<float>[] line)
    {
        var gap = line.Length - _length + 1;
        var (v0, v1) = (line[_length - 1], line[0]);
        var (s0, s1) = ((v0 - line[_length - 2]) * gap, (line[1] - v1) * gap);
        for (var i = 1; i < gap; i++)
        {
            var t = (float)i / gap;
            var (t2, t3) = (t * t, t * t * t);
            line[_length - 1 + i] = (v0 * ((2 * t3) - (3 * t2) + 1)) + (s0 * (t3 - (2 * t2) + t)) + (v1 * ((3 * t2) - (2 * t3))) + (s1 * (t3 - t2));
        }
    }

    private void Store(float[] target, int first, int along, int across, Workspace work)
    {
        var w = Vector<float>.Count;
        var count = Math.Min(2 * w, _length - first);
        for (var i = 0; i < _length; i++)
        {
            for (var j = 0; j < count; j++)
            {
                target[(i * along) + ((first + j) * across)] = j < w ? work.Re[i][j] : work.Im[i][j - w];
            }
        }
    }

    private sealed class Workspace(int length)
    {
        public Vector<float>[] Re { get; } = new Vector<float>[length];

        public Vector<float>[] Im { get; } = new Vector<float>[length];

        public Vector<float>[] ScratchRe { get; } = new Vector<float>[length];

        public Vector<float>[] ScratchIm { get; } = new Vector<float>[length];
    }
}
