using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class SphericalHarmonicsTests
{
    [Fact]
    public void BasisIsOrthonormal()
    {
        var sums = new double[81 * 81];
        var basis = new double[81];
        foreach (var (x, y, z, weight) in SphereQuadrature.Exact(16))
        {
            SphericalHarmonics.Evaluate(8, x, y, z, basis);
            for (var i = 0; i < 81; i++)
            {
                for (var j = 0; j < 81; j++)
                {
                    sums[(i * 81) + j] += weight * basis[i] * basis[j];
                }
            }
        }

        for (var i = 0; i < 81; i++)
        {
            for (var j = 0; j < 81; j++)
            {
                Assert.Equal(i == j ? 1 : 0, sums[(i * 81) + j], 1e-12);
            }
        }
    }

    [Fact]
    public void FirstBandsHaveTheTextbookForm()
    {
        var d = Vector3.Normalize(new Vector3(0.3f, -0.5f, 0.8f));
        var basis = new float[9];
        SphericalHarmonics.Evaluate(2, d, basis);
        float[] expected =
        [
            0.2820948f, 0.4886025f * d.Y, 0.4886025f * d.Z, 0.4886025f * d.X,
            1.0925484f * d.X * d.Y, 1.0925484f * d.Y * d.Z, 0.3153916f * ((3 * d.Z * d.Z) - 1), 1.0925484f * d.X * d.Z, 0.5462742f * ((d.X * d.X) - (d.Y * d.Y)),
        ];
        for (var i = 0; i < 9; i++)
        {
            Assert.Equal(expected[i], basis[i], 1e-6f);
        }
    }

    [Fact]
    public void LambertianFactorsAreTheKernelsQuadrature()
    {
        // Funk and Hecke: k_l = 2π ∫ max(cos θ, 0)·P_l(cos θ) d(cos θ), by Simpson on [0, 1].
        for (var l = 0; l <= 8; l++)
        {
            const int steps = 2000;
            var sum = 0.0;
            for (var i = 0; i <= steps; i++)
            {
                var z = i / (double)steps;
                sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * z * Legendre(l, z);
            }

            Assert.Equal(2 * Math.PI * sum / (3 * steps), SphericalHarmonics.Lambertian(l), 1e-10);
        }
    }

    [Fact]
    public void SubsurfaceVanishesSmoothlyAtZero()
    {
        Assert.Equal(0, SphericalHarmonics.Subsurface(1, 0));
        Assert.Equal(0, SphericalHarmonics.SubsurfaceSlope(2, 0));
        Assert.Equal(0, SphericalHarmonics.SubsurfaceSlope(1, 1e-30));
        Assert.Equal(Math.Exp(-4), SphericalHarmonics.Subsurface(2, 1), 1e-15);
        foreach (var t in new[] { 0.3, 0.6, 1.0 })
        {
            var numeric = (SphericalHarmonics.Subsurface(2, t + 1e-6) - SphericalHarmonics.Subsurface(2, t - 1e-6)) / 2e-6;
            Assert.Equal(numeric, SphericalHarmonics.SubsurfaceSlope(2, t), 1e-6);
        }
    }

    [Fact]
    public void GradientsAreFiniteDifferences()
    {
        double[] d = [0.36, -0.48, 0.8];
        double[] basis = new double[81], gradient = new double[243], plus = new double[81], minus = new double[81];
        SphericalHarmonics.EvaluateWithGradient(8, d[0], d[1], d[2], basis, gradient);
        SphericalHarmonics.Evaluate(8, d[0], d[1], d[2], plus);
        Assert.Equal(plus, basis);
        for (var axis = 0; axis < 3; axis++)
        {
            const double h = 1e-6;
            var (a, b) = ((double[])d.Clone(), (double[])d.Clone());
            a[axis] += h;
            b[axis] -= h;
            SphericalHarmonics.Evaluate(8, a[0], a[1], a[2], plus);
            SphericalHarmonics.Evaluate(8, b[0], b[1], b[2], minus);
            for (var i = 0; i < 81; i++)
            {
                Assert.Equal((plus[i] - minus[i]) / (2 * h), gradient[(3 * i) + axis], 1e-7);
            }
        }
    }

    [Fact]
    public void RotationMovesRadianceExactly()
    {
        var light = Lights.Random(8);
        double[] r = Lights.Rotation(0.7, -1.1, 2.3);
        var turned = new ShRotation(r).Apply(light);
        var random = new Random(3);
        for (var k = 0; k < 50; k++)
        {
            var d = Lights.Direction(random);
            var moved = new Vector3(
                (float)((r[0] * d.X) + (r[1] * d.Y) + (r[2] * d.Z)),
                (float)((r[3] * d.X) + (r[4] * d.Y) + (r[5] * d.Z)),
                (float)((r[6] * d.X) + (r[7] * d.Y) + (r[8] * d.Z)));
            Assert.True((SphericalHarmonics.Radiance(light, d) - SphericalHarmonics.Radiance(turned, moved)).Length() < 2e-5f);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    public void ExpansionIsTheSumOverTheBasis(int bands)
    {
        var light = Lights.Random(8);
        var expansion = new ShExpansion(light, bands, l => SphericalHarmonics.Glossy(l, 0.2));
        var (directions, _) = Lights.Directions(37);
        var result = new float[directions.Length];
        expansion.Evaluate(directions, result);
        var basis = new double[81];
        for (var i = 0; i < 37; i++)
        {
            SphericalHarmonics.Evaluate(bands, directions[3 * i], directions[(3 * i) + 1], directions[(3 * i) + 2], basis);
            var expected = Vector3.Zero;
            for (var k = 0; k < SphericalHarmonics.Count(bands); k++)
            {
                expected += light.Coefficients[k] * (float)(basis[k] * SphericalHarmonics.Glossy((int)Math.Sqrt(k), 0.2));
            }

            Assert.True((expected - new Vector3(result.AsSpan(3 * i, 3))).Length() < 2e-5f);
        }
    }

    [Fact]
    public void ExpansionBackwardIsTheDerivative()
    {
        var light = Lights.Random(8);
        var (directions, upstream) = Lights.Directions(21);
        double Kernel(int l) => SphericalHarmonics.Glossy(l, 0.3);
        float[] direction = new float[63], coefficients = new float[243];
        new ShExpansion(light, 8, Kernel).Backward(directions, upstream, direction, coefficients);

        // In double, by the scalar functions, which are themselves tested against differences.
        double[] basis = new double[81], gradient = new double[243], expected = new double[243];
        for (var i = 0; i < 21; i++)
        {
            SphericalHarmonics.EvaluateWithGradient(8, directions[3 * i], directions[(3 * i) + 1], directions[(3 * i) + 2], basis, gradient);
            var g = new Vector3(upstream.AsSpan(3 * i, 3));
            for (var axis = 0; axis < 3; axis++)
            {
                var sum = 0.0;
                for (var k = 0; k < 81; k++)
                {
                    sum += Vector3.Dot(g, light.Coefficients[k]) * Kernel((int)Math.Sqrt(k)) * gradient[(3 * k) + axis];
                }

                Assert.Equal(sum, direction[(3 * i) + axis], 1e-4);
            }

            for (var k = 0; k < 243; k++)
            {
                expected[k] += g[k % 3] * basis[k / 3] * Kernel((int)Math.Sqrt(k / 3));
            }
        }

        for (var k = 0; k < 243; k++)
        {
            Assert.Equal(expected[k], coefficients[k], 1e-5);
        }
    }

    [Fact]
    public void UniformLightGivesAWhiteSurfaceItsIrradiance()
    {
        var e = SphericalHarmonics.Irradiance(ShLight.Uniform, Vector3.UnitZ);

        // Radiance 1/π from everywhere makes an irradiance of 1.
        Assert.Equal(1, e.X, 1e-6f);
    }

    private static double Legendre(int l, double z)
    {
        double before = 1, p = z;
        if (l == 0)
        {
            return 1;
        }

        for (var k = 2; k <= l; k++)
        {
            (before, p) = (p, ((((2.0 * k) - 1) * z * p) - ((k - 1) * before)) / k);
        }

        return p;
    }
}
