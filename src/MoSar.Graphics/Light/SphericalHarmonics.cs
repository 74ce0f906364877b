using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Real orthonormal spherical harmonics up to l = 8: index l·l+l+m, no Condon–Shortley sign, polar axis +Z, so that Y₁₋₁, Y₁₀, Y₁₁ are
/// √(3/4π) times y, z, x. Directions are unit vectors of the head's frame.
/// </summary>
/// <remarks>
/// Y_lm = P_lm(z)·c_m(x, y) and Y_l,−m = P_lm(z)·s_m(x, y) with c_m + i·s_m = (x + iy)^m: polynomials without trigonometry or poles. P_lm carries
/// the normalisation and follows the three-term recursion of the associated Legendre functions.
/// </remarks>
public static class SphericalHarmonics
{
    /// <summary>The highest band: 81 functions.</summary>
    public const int MaximumBand = 8;

    // P_mm (with √2 for m > 0), and a, b of P_lm = a·(z·P_{l−1,m} − b·P_{l−2,m}).
    internal static readonly double[] Sectoral = MakeSectoral();
    internal static readonly double[] StepA = MakeStep((l, m) => Math.Sqrt(((4.0 * l * l) - 1) / ((l * l) - (m * m))));
    internal static readonly double[] StepB = MakeStep((l, m) => Math.Sqrt((((l - 1.0) * (l - 1)) - (m * m)) / ((4.0 * (l - 1) * (l - 1)) - 1)));

    /// <summary>How many functions the bands 0..l have.</summary>
    public static int Count(int bands) => (bands + 1) * (bands + 1);

    public static int Index(int l, int m) => (l * l) + l + m;

    /// <summary>All functions of the bands 0..<paramref name="bands"/> at a unit vector.</summary>
    /// <param name="basis">At least <see cref="Count"/> values.</param>
    public static void Evaluate(int bands, double x, double y, double z, Span<double> basis)
    {
        CheckBands(bands);
        double c = 1, s = 0;
        for (var m = 0; m <= bands; m++)
        {
            double before = 0, p = Sectoral[m];
            for (var l = m; l <= bands; l++)
            {
                if (l > m)
                {
                    var step = (l * 9) + m;
                    (before, p) = (p, StepA[step] * ((z * p) - (StepB[step] * before)));
                }

                basis[Index(l, m)] = p * c;
                if (m > 0)
                {
                    basis[Index(l, -m)] = p * s;
                }
            }

            (c, s) = ((x * c) - (y * s), (x * s) + (y * c));
        }
    }

    /// <summary>As the double version; computed in double, rounded once.</summary>
    public static void Evaluate(int bands, Vector3 direction, Span<float> basis)
    {
        Span<double> exact = stackalloc double[81];
        Evaluate(bands, direction.X, direction.Y, direction.Z, exact);
        for (var i = 0; i < Count(bands); i++)
        {
            basis[i] = (float)exact[i];
        }
    }

    /// <summary>
    /// The functions and their gradients with respect to x, y and z, taken as polynomials on all of space. On the sphere only the part of a
    /// gradient that is orthogonal to the direction has meaning.
    /// </summary>
    /// <param name="gradient">3 values a function: ∂/∂x, ∂/∂y, ∂/∂z.</param>
    public static void EvaluateWithGradient(int bands, double x, double y, double z, Span<double> basis, Span<double> gradient)
    {
        CheckBands(bands);
        double c = 1, s = 0, cBefore = 0, sBefore = 0;
        for (var m = 0; m <= bands; m++)
        {
            double before = 0, p = Sectoral[m], slopeBefore = 0, slope = 0;
            for (var l = m; l <= bands; l++)
            {
                if (l > m)
                {
                    var step = (l * 9) + m;
                    var (a, b) = (StepA[step], StepB[step]);
                    var next = a * ((z * p) - (b * before));
                    var nextSlope = a * (p + (z * slope) - (b * slopeBefore));
                    (before, p, slopeBefore, slope) = (p, next, slope, nextSlope);
                }

                // d(x+iy)^m = m·(x+iy)^(m−1)·(dx + i·dy).
                Put(basis, gradient, Index(l, m), p * c, p * m * cBefore, -p * m * sBefore, slope * c);
                if (m > 0)
                {
                    Put(basis, gradient, Index(l, -m), p * s, p * m * sBefore, p * m * cBefore, slope * s);
                }
            }

            (cBefore, sBefore) = (c, s);
            (c, s) = ((x * c) - (y * s), (x * s) + (y * c));
        }
    }

    /// <summary>A_l of Eq. 6: the Lambertian kernel max(cos θ, 0), for any l: π, 2π/3, π/4, 0, −π/24, 0 …</summary>
    public static double Lambertian(int l)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(l);
        if (l == 1)
        {
            return 2 * Math.PI / 3;
        }

        if (l % 2 == 1)
        {
            return 0;
        }

        // Ramamoorthi and Hanrahan 2001, Eq. 8: 2π·(−1)^(l/2−1)/((l+2)(l−1)) · l!/(2^l·((l/2)!)²).
        var central = 1.0;
        for (var k = 1; k <= l / 2; k++)
        {
            central *= ((2.0 * k) - 1) / (2.0 * k);
        }

        return 2 * Math.PI * (l / 2 % 2 == 0 ? -1 : 1) / ((l + 2.0) * (l - 1.0)) * central;
    }

    /// <summary>R_l of Eq. 8: exp(−(σl)²), a Gaussian lobe of roughness σ around the mirror direction.</summary>
    public static double Glossy(int l, double roughness) => Math.Exp(-(roughness * l * (roughness * l)));

    /// <summary>S_l of Eq. 7: exp(−l²/t⁴); value and slope are 0 in the limit t → 0.</summary>
    public static double Subsurface(int l, double translucency)
    {
        var t4 = translucency * translucency * translucency * translucency;
        return l == 0 ? 1 : t4 > 0 ? Math.Exp(-(l * l) / t4) : 0;
    }

    /// <summary>∂S_l/∂t = 4·l²/t⁵·S_l.</summary>
    public static double SubsurfaceSlope(int l, double translucency)
    {
        // Below t ≈ 0.19 S_l underflows even for l = 1, long before t⁵ does.
        var value = Subsurface(l, translucency);
        return l == 0 || value == 0 ? 0 : 4.0 * l * l / Math.Pow(translucency, 5) * value;
    }

    /// <summary>The radiance that the light has in one direction: Σ γ·Y.</summary>
    public static Vector3 Radiance(ShLight light, Vector3 direction) => Sum(light, direction, null);

    /// <summary>The irradiance on a surface with this unit normal, Σ A_l·γ·Y(n) over the bands l ≤ 2 as in Eq. 6: a white Lambertian surface's radiance times π.</summary>
    public static Vector3 Irradiance(ShLight light, Vector3 normal) => Sum(light, normal, Lambertian);

    private static Vector3 Sum(ShLight light, Vector3 d, Func<int, double>? kernel)
    {
        var bands = kernel is null ? light.Bands : Math.Min(light.Bands, 2);
        Span<double> basis = stackalloc double[81];
        Evaluate(bands, d.X, d.Y, d.Z, basis);
        var sum = Vector3.Zero;
        for (var l = 0; l <= bands; l++)
        {
            var factor = kernel?.Invoke(l) ?? 1;
            for (var i = l * l; i < (l + 1) * (l + 1); i++)
            {
                sum += light.Coefficients[i] * (float)(factor * basis[i]);
            }
        }

        return sum;
    }

    internal static void CheckBands(int bands)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bands);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bands, MaximumBand);
    }

    private static void Put(Span<double> basis, Span<double> gradient, int i, double value, double dx, double dy, double dz)
    {
        basis[i] = value;
        (gradient[3 * i], gradient[(3 * i) + 1], gradient[(3 * i) + 2]) = (dx, dy, dz);
    }

    private static double[] MakeSectoral()
    {
        var table = new double[MaximumBand + 1];
        table[0] = Math.Sqrt(1 / (4 * Math.PI));
        var value = table[0] * Math.Sqrt(2);
        for (var m = 1; m <= MaximumBand; m++)
        {
            value *= Math.Sqrt(((2.0 * m) + 1) / (2.0 * m));
            table[m] = value;
        }

        return table;
    }

    private static double[] MakeStep(Func<int, int, double> value)
    {
        var table = new double[81];
        for (var l = 1; l <= MaximumBand; l++)
        {
            for (var m = 0; m < l; m++)
            {
                table[(l * 9) + m] = value(l, m);
            }
        }

        return table;
    }
}
