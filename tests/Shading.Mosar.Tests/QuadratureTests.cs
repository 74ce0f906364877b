using MoSar.Graphics;

namespace MoSar.Plugins.Shading.Tests;

/// <summary>A_l and R_l against integrals over the sphere: Gauss–Legendre in cos θ.</summary>
public sealed class QuadratureTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Lambert_factors_are_the_clamped_cosine(int l)
    {
        // Funk–Hecke: A_l = 2π ∫₀¹ x P_l(x) dx.
        var integral = 2 * Math.PI * Integrate(x => x * Zonal(l, x), 0, 1);
        Assert.Equal(integral, SphericalHarmonics.Lambertian(l), 1e-5);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void Roughness_factors_are_a_normalized_lobe(double sigma)
    {
        // R_l = exp(−(σl)²) defines the zonal kernel k(x) = Σ (2l+1)/4π R_l P_l(x); convolving with it multiplies band l by R_l.
        double Kernel(double x) => Enumerable.Range(0, 9).Sum(k => ((2 * k) + 1) / (4 * Math.PI) * Math.Exp(-Math.Pow(sigma * k, 2)) * Zonal(k, x));
        for (var l = 0; l <= 8; l++)
        {
            var integral = 2 * Math.PI * Integrate(x => Kernel(x) * Zonal(l, x), -1, 1);
            Assert.Equal(integral, SphericalHarmonics.Glossy(l, sigma), 1e-5);
        }
    }

    [Fact]
    public void Scatter_factors_vanish_with_the_translucency()
    {
        Assert.Equal(0, SphericalHarmonics.Subsurface(1, 0));
        Assert.Equal(Math.Exp(-1), SphericalHarmonics.Subsurface(1, 1), 1e-12);
        Assert.Equal(Math.Exp(-4 / 0.4096), SphericalHarmonics.Subsurface(2, 0.8), 1e-12);
    }

    private static double Zonal(int l, double x) => ReferenceShading.Y(l, 0, Math.Sqrt(1 - (x * x)), 0, x) / Math.Sqrt(((2 * l) + 1) / (4 * Math.PI));

    private static double Integrate(Func<double, double> f, double a, double b)
    {
        // Composite 3-point Gauss: exact to rounding for these polynomials at this step.
        const int steps = 400;
        var h = (b - a) / steps;
        var sum = 0.0;
        for (var i = 0; i < steps; i++)
        {
            var mid = a + ((i + 0.5) * h);
            var d = Math.Sqrt(0.6) * h / 2;
            sum += h * (((5 * f(mid - d)) + (8 * f(mid)) + (5 * f(mid + d))) / 18);
        }

        return sum;
    }
}
