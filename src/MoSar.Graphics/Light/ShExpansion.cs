using System.Numerics;
using System.Runtime.Intrinsics;

namespace MoSar.Graphics;

/// <summary>
/// A light times a kernel, Σ k_l·γ_lm·Y_lm(d) in three colours, for very many directions: 16 at a time in vector lanes, without tables or
/// allocation. Eq. 6 takes k = A_l up to l = 2, Eq. 8 takes k = R_l up to l = 8.
/// </summary>
public sealed class ShExpansion
{
    private const int Lanes = 16;

    private static readonly float[] Sectoral = Array.ConvertAll(SphericalHarmonics.Sectoral, v => (float)v);
    private static readonly float[] StepA = Array.ConvertAll(SphericalHarmonics.StepA, v => (float)v);
    private static readonly float[] StepB = Array.ConvertAll(SphericalHarmonics.StepB, v => (float)v);

    // For each (m, l ≥ m) in the order of evaluation: rgb of +m, then rgb of −m, kernel included.
    private readonly float[] _coefficients;
    private readonly float[] _kernel;

    /// <param name="light">Bands beyond <paramref name="bands"/> are ignored; missing ones count as 0.</param>
    /// <param name="bands">The highest band to sum.</param>
    /// <param name="kernel">k_l; null for 1.</param>
    public ShExpansion(ShLight light, int bands, Func<int, double>? kernel = null)
    {
        SphericalHarmonics.CheckBands(bands);
        Bands = Math.Min(bands, light.Bands);
        _kernel = new float[bands + 1];
        for (var l = 0; l <= bands; l++)
        {
            _kernel[l] = (float)(kernel?.Invoke(l) ?? 1);
        }

        _coefficients = new float[(Bands + 1) * (Bands + 2) / 2 * 6];
        var at = 0;
        for (var m = 0; m <= Bands; m++)
        {
            for (var l = m; l <= Bands; l++, at += 6)
            {
                var cosine = light.Coefficients[SphericalHarmonics.Index(l, m)] * _kernel[l];
                cosine.CopyTo(_coefficients, at);
                if (m > 0)
                {
                    (light.Coefficients[SphericalHarmonics.Index(l, -m)] * _kernel[l]).CopyTo(_coefficients, at + 3);
                }
            }
        }
    }

    /// <summary>The highest band that is summed.</summary>
    public int Bands { get; }

    /// <param name="directions">3N unit vectors, interleaved.</param>
    /// <param name="result">3N colours, interleaved; overwritten.</param>
    public void Evaluate(ReadOnlySpan<float> directions, Span<float> result)
    {
        Span<float> lanes = stackalloc float[3 * Lanes];
        for (var first = 0; first < directions.Length; first += 3 * Lanes)
        {
            var count = Math.Min(3 * Lanes, directions.Length - first);
            var (x, y, z) = Gather(directions.Slice(first, count), lanes);
            var (r, g, b) = Sum(x, y, z);
            Scatter(r, g, b, lanes, result.Slice(first, count));
        }
    }

    /// <summary>The colour for one direction.</summary>
    public Vector3 Evaluate(Vector3 direction)
    {
        Span<float> result = stackalloc float[3];
        Evaluate([direction.X, direction.Y, direction.Z], result);
        return new Vector3(result);
    }

    /// <summary>The vector–Jacobian product of <see cref="Evaluate(ReadOnlySpan{float}, Span{float})"/>.</summary>
    /// <param name="gradient">3N: ∂loss/∂result.</param>
    /// <param name="directionGradient">3N: ∂loss/∂direction, added; of the polynomials on all of space (project onto the tangent plane for unit vectors).</param>
    /// <param name="lightGradient">3·(Bands+1)²: ∂loss/∂γ, added, kernel included; may be empty.</param>
    public void Backward(ReadOnlySpan<float> directions, ReadOnlySpan<float> gradient, Span<float> directionGradient, Span<float> lightGradient)
    {
        Span<float> lanes = stackalloc float[3 * Lanes];
        Span<Vector512<float>> light = stackalloc Vector512<float>[lightGradient.IsEmpty ? 0 : 3 * SphericalHarmonics.Count(Bands)];
        light.Clear();
        for (var first = 0; first < directions.Length; first += 3 * Lanes)
        {
            var count = Math.Min(3 * Lanes, directions.Length - first);
            var (x, y, z) = Gather(directions.Slice(first, count), lanes);
            var (r, g, b) = Gather(gradient.Slice(first, count), lanes);
            var (dx, dy, dz) = Pull(x, y, z, r, g, b, light);
            AddScatter(dx, dy, dz, lanes, directionGradient.Slice(first, count));
        }

        for (var i = 0; i < light.Length; i++)
        {
            lightGradient[i] += Vector512.Sum(light[i]) * _kernel[(int)Math.Sqrt(i / 3)];
        }
    }

    private (Vector512<float> R, Vector512<float> G, Vector512<float> B) Sum(Vector512<float> x, Vector512<float> y, Vector512<float> z)
    {
        var (red, green, blue) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (c, s) = (Vector512<float>.One, Vector512<float>.Zero);
        var table = _coefficients;
        var at = 0;
        for (var m = 0; m <= Bands; m++)
        {
            var before = Vector512<float>.Zero;
            var p = Vector512.Create(Sectoral[m]);

            // Σ over l first: colours of cos and sin parts, so that c_m and s_m multiply once for each m.
            var (cr, cg, cb) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            var (sr, sg, sb) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            for (var l = m; l <= Bands; l++, at += 6)
            {
                if (l > m)
                {
                    (before, p) = (p, Next(l, m, z, p, before));
                }

                cr = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at]), cr);
                cg = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at + 1]), cg);
                cb = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at + 2]), cb);
                if (m > 0)
                {
                    sr = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at + 3]), sr);
                    sg = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at + 4]), sg);
                    sb = Vector512.FusedMultiplyAdd(p, Vector512.Create(table[at + 5]), sb);
                }
            }

            red += (c * cr) + (s * sr);
            green += (c * cg) + (s * sg);
            blue += (c * cb) + (s * sb);
            (c, s) = ((x * c) - (y * s), (x * s) + (y * c));
        }

        return (red, green, blue);
    }

    // Accumulates ∂loss/∂(k·γ) per lane into light and returns ∂loss/∂d.
    private (Vector512<float> X, Vector512<float> Y, Vector512<float> Z) Pull(
        Vector512<float> x, Vector512<float> y, Vector512<float> z, Vector512<float> r, Vector512<float> g, Vector512<float> b, Span<Vector512<float>> light)
    {
        var zero = Vector512<float>.Zero;
        var (dx, dy, dz) = (zero, zero, zero);
        var (c, s, cBefore, sBefore) = (Vector512<float>.One, zero, zero, zero);
        var at = 0;
        for (var m = 0; m <= Bands; m++)
        {
            var (before, p, slopeBefore, slope) = (zero, Vector512.Create(Sectoral[m]), zero, zero);
            for (var l = m; l <= Bands; l++, at += 6)
            {
                if (l > m)
                {
                    var step = (l * 9) + m;
                    var a = Vector512.Create(StepA[step]);
                    var decay = Vector512.Create(StepB[step]);
                    var nextSlope = a * (p + (z * slope) - (decay * slopeBefore));
                    (before, p) = (p, Next(l, m, z, p, before));
                    (slopeBefore, slope) = (slope, nextSlope);
                }

                var cosine = Weigh(at, r, g, b);
                var sine = Weigh(at + 3, r, g, b);
                dz += slope * ((c * cosine) + (s * sine));
                var pm = p * Vector512.Create((float)m);
                dx += pm * ((cBefore * cosine) + (sBefore * sine));
                dy += pm * ((cBefore * sine) - (sBefore * cosine));
                if (!light.IsEmpty)
                {
                    Add(light, SphericalHarmonics.Index(l, m), p * c, r, g, b);
                    if (m > 0)
                    {
                        Add(light, SphericalHarmonics.Index(l, -m), p * s, r, g, b);
                    }
                }
            }

            (cBefore, sBefore) = (c, s);
            (c, s) = ((x * c) - (y * s), (x * s) + (y * c));
        }

        return (dx, dy, dz);
    }

    private Vector512<float> Weigh(int at, Vector512<float> r, Vector512<float> g, Vector512<float> b) =>
        (r * Vector512.Create(_coefficients[at])) + (g * Vector512.Create(_coefficients[at + 1])) + (b * Vector512.Create(_coefficients[at + 2]));

    private static Vector512<float> Next(int l, int m, Vector512<float> z, Vector512<float> p, Vector512<float> before)
    {
        var step = (l * 9) + m;
        return Vector512.Create(StepA[step]) * ((z * p) - (Vector512.Create(StepB[step]) * before));
    }

    private static void Add(Span<Vector512<float>> light, int i, Vector512<float> basis, Vector512<float> r, Vector512<float> g, Vector512<float> b)
    {
        light[3 * i] += basis * r;
        light[(3 * i) + 1] += basis * g;
        light[(3 * i) + 2] += basis * b;
    }

    private static (Vector512<float> X, Vector512<float> Y, Vector512<float> Z) Gather(ReadOnlySpan<float> triples, Span<float> lanes)
    {
        if (triples.Length < lanes.Length)
        {
            lanes.Clear();
        }

        for (int i = 0, k = 0; i < triples.Length; i += 3, k++)
        {
            lanes[k] = triples[i];
            lanes[k + Lanes] = triples[i + 1];
            lanes[k + (2 * Lanes)] = triples[i + 2];
        }

        return (Vector512.Create<float>(lanes), Vector512.Create<float>(lanes[Lanes..]), Vector512.Create<float>(lanes[(2 * Lanes)..]));
    }

    private static void Scatter(Vector512<float> a, Vector512<float> b, Vector512<float> c, Span<float> lanes, Span<float> triples)
    {
        Store(a, b, c, lanes);
        for (int i = 0, k = 0; i < triples.Length; i += 3, k++)
        {
            triples[i] = lanes[k];
            triples[i + 1] = lanes[k + Lanes];
            triples[i + 2] = lanes[k + (2 * Lanes)];
        }
    }

    private static void AddScatter(Vector512<float> a, Vector512<float> b, Vector512<float> c, Span<float> lanes, Span<float> triples)
    {
        Store(a, b, c, lanes);
        for (int i = 0, k = 0; i < triples.Length; i += 3, k++)
        {
            triples[i] += lanes[k];
            triples[i + 1] += lanes[k + Lanes];
            triples[i + 2] += lanes[k + (2 * Lanes)];
        }
    }

    private static void Store(Vector512<float> a, Vector512<float> b, Vector512<float> c, Span<float> lanes)
    {
        a.CopyTo(lanes);
        b.CopyTo(lanes[Lanes..]);
        c.CopyTo(lanes[(2 * Lanes)..]);
    }
}
