using System.Numerics;

namespace MoSar.Graphics.Tests;

/// <summary>
/// R_l = exp(−(σl)²) of Eq. 8 are the Legendre coefficients of the kernel K(θ) = Σ (2l+1)/4π · R_l · P_l(cos θ). The series is summed here
/// over all bands that count (l up to 6/σ, not the eight that are shaded with), so that integrals over K are a check and no identity.
/// </summary>
public sealed class GlossyKernelTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.35)]
    [InlineData(0.6)]
    public void FactorsAreTheKernelsQuadrature(double roughness)
    {
        // Funk and Hecke: R_l = 2π ∫ K(θ)·P_l(cos θ)·sin θ dθ, by the midpoint rule in θ: its error, h²/24·[(K·P_l·sin θ)'], is 3·10⁻⁸ of K(0).
        const int steps = 20_000;
        var sums = new double[9];
        for (var i = 0; i < steps; i++)
        {
            var (sin, cos) = Math.SinCos((i + 0.5) * Math.PI / steps);
            var k = Kernel(roughness, cos);
            for (var l = 0; l <= 8; l++)
            {
                sums[l] += 2 * Math.PI * k * Legendre(l, cos) * sin * Math.PI / steps;
            }
        }

        for (var l = 0; l <= 8; l++)
        {
            Assert.Equal(sums[l], SphericalHarmonics.Glossy(l, roughness), 1e-5);
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.35)]
    public void SpecularTermIsTheEnvironmentUnderTheKernelAroundTheMirrorDirection(double roughness)
    {
        var light = Lights.Random(8);
        var environment = new ShExpansion(light, 8);
        var glossy = new ShExpansion(light, 8, l => SphericalHarmonics.Glossy(l, roughness));

        // K of degree 6/σ times the light's eight bands: this quadrature is exact.
        var nodes = SphereQuadrature.Exact(Bands(roughness) + 8);
        var radiance = new Vector3[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
        {
            radiance[i] = environment.Evaluate(new Vector3((float)nodes[i].X, (float)nodes[i].Y, (float)nodes[i].Z));
        }

        var random = new Random(4);
        for (var sample = 0; sample < 4; sample++)
        {
            var (normal, view) = (Lights.Direction(random), Lights.Direction(random));
            view = Vector3.Dot(normal, view) < 0 ? -view : view;
            var mirror = (2 * Vector3.Dot(normal, view) * normal) - view;
            double red = 0, green = 0, blue = 0;
            for (var i = 0; i < nodes.Length; i++)
            {
                var (x, y, z, weight) = nodes[i];
                var k = weight * Kernel(roughness, (x * mirror.X) + (y * mirror.Y) + (z * mirror.Z));
                (red, green, blue) = (red + (k * radiance[i].X), green + (k * radiance[i].Y), blue + (k * radiance[i].Z));
            }

            foreach (var value in new[] { glossy.Evaluate(mirror), Shade(roughness, light, normal, view) })
            {
                Assert.Equal(red, value.X, 1e-5);
                Assert.Equal(green, value.Y, 1e-5);
                Assert.Equal(blue, value.Z, 1e-5);
            }
        }
    }

    /// <summary>
    /// The flat lobe exp(−θ²/4σ²)/4πσ² is what K tends to. With l² where the sphere's heat equation has l(l+1), K is the narrower and higher:
    /// 9 % at the peak for σ = 0.1, 19 % for 0.2, 35 % for 0.35, its half width 2, 4 and 7 % smaller; it dips to −0.1, −0.4 and −0.9 % of its peak.
    /// </summary>
    [Theory]
    [InlineData(0.02, 1.018, 0.018, 0.0002)]
    [InlineData(0.1, 1.092, 0.085, 0.0014)]
    [InlineData(0.2, 1.191, 0.161, 0.0037)]
    [InlineData(0.35, 1.351, 0.260, 0.0096)]
    public void KernelStandsForANarrowLobe(double roughness, double peakRatio, double greatestDifference, double deepestDip)
    {
        double Lobe(double theta) => Math.Exp(-theta * theta / (4 * roughness * roughness)) / (4 * Math.PI * roughness * roughness);
        var peak = Kernel(roughness, 1);
        Assert.Equal(peakRatio, peak / Lobe(0), 1e-3);
        for (var i = 0; i <= 1000; i++)
        {
            var theta = i * Math.PI / 1000;
            var value = Kernel(roughness, Math.Cos(theta));
            Assert.InRange(Math.Abs(value - Lobe(theta)) / peak, 0, greatestDifference);
            Assert.True(value / peak > -deepestDip);
        }
    }

    // Beyond 6/σ a band weighs less than e⁻³⁶.
    private static int Bands(double roughness) => (int)Math.Ceiling(6 / roughness);

    private static double Kernel(double roughness, double cosine)
    {
        var (sum, before, p) = (1 / (4 * Math.PI), 1.0, cosine);
        for (var l = 1; l <= Bands(roughness); l++)
        {
            sum += ((2 * l) + 1) / (4 * Math.PI) * Math.Exp(-(roughness * l * roughness * l)) * p;
            (before, p) = (p, ((((2.0 * l) + 1) * cosine * p) - (l * before)) / (l + 1));
        }

        return sum;
    }

    private static double Legendre(int l, double x)
    {
        double before = 1, p = x;
        for (var k = 1; k < l; k++)
        {
            (before, p) = (p, ((((2.0 * k) + 1) * x * p) - (k * before)) / (k + 1));
        }

        return l == 0 ? 1 : p;
    }

    // The specular term alone; s = 1 makes its Fresnel factor 1.
    private static unsafe Vector3 Shade(double roughness, ShLight light, Vector3 normal, Vector3 view)
    {
        float* point = stackalloc float[] { 0, 0, 0, 1, 1, 0, normal.X, normal.Y, normal.Z, view.X, view.Y, view.Z };
        var buffers = new ShadingBuffers
        {
            Albedo = point,
            Specular = point + 3,
            Occlusion = point + 4,
            Translucency = point + 5,
            Normals = point + 6,
            Views = point + 9,
            PointStride = 3,
            ChannelStride = 1,
        };
        Vector3 shaded;
        new ShadingKernel(roughness).Forward(buffers, 1, light.Coefficients, ShadingTerms.Specular, (float*)&shaded);
        return shaded;
    }
}
