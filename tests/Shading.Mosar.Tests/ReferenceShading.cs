using System.Numerics;

namespace MoSar.Plugins.Shading.Tests;

/// <summary>
/// Eq. 5–8 in double precision, written as the paper prints them and sharing nothing with the kernel: SH from factorials and the
/// Legendre polynomials' definition in θ and φ, directions normalized first.
/// </summary>
internal sealed class ReferenceShading(double sigma)
{
    public static double Y(int l, int m, double x, double y, double z)
    {
        var r = Math.Sqrt((x * x) + (y * y) + (z * z));
        var (cosTheta, phi, k) = (z / r, Math.Atan2(y, x), Math.Abs(m));
        var norm = Math.Sqrt(((2 * l) + 1) / (4 * Math.PI) * Factorial(l - k) / Factorial(l + k));
        var p = norm * Legendre(l, k, cosTheta);
        return m switch { 0 => p, > 0 => Math.Sqrt(2) * p * Math.Cos(m * phi), _ => Math.Sqrt(2) * p * Math.Sin(k * phi) };
    }

    /// <summary>Radiance of one point: albedo (3), specular, occlusion, translucency, normal (3), view (3); light in triples.</summary>
    public double[] Shade(double[] point, double[] light, string? term)
    {
        var (s, a, t) = (point[3], point[4], point[5]);
        var (n, v) = (Unit(point.AsSpan(6, 3)), Unit(point.AsSpan(9, 3)));
        var cos = (n[0] * v[0]) + (n[1] * v[1]) + (n[2] * v[2]);
        double[] r = [(2 * cos * n[0]) - v[0], (2 * cos * n[1]) - v[1], (2 * cos * n[2]) - v[2]];
        var f = s + ((1 - s) * Math.Pow(1 - Math.Clamp(cos, 0, 1), 5));
        double[] lambert = [Math.PI, 2 * Math.PI / 3, Math.PI / 4];
        var m = new double[3];
        for (var c = 0; c < 3; c++)
        {
            for (var l = 0; l <= 8; l++)
            {
                for (var k = -l; k <= l; k++)
                {
                    var i = (3 * ((l * l) + l + k)) + c;
                    if (i >= light.Length)
                    {
                        continue;
                    }

                    if (l <= 2 && term is null or "diffuse")
                    {
                        m[c] += l <= 2 ? point[c] * a * lambert[l] * light[i] * Y(l, k, n[0], n[1], n[2]) : 0;
                    }

                    if (l is 1 or 2 && term is null or "subsurface")
                    {
                        m[c] += l is 1 or 2 && t > 0 ? point[c] * Math.Exp(-(l * l) / Math.Pow(t, 4)) * light[i] * Y(l, k, n[0], n[1], n[2]) : 0;
                    }

                    if (term is null or "specular")
                    {
                        m[c] += f * Math.Exp(-Math.Pow(sigma * l, 2)) * light[i] * Y(l, k, r[0], r[1], r[2]);
                    }
                }
            }
        }

        return m;
    }

    private static double[] Unit(ReadOnlySpan<double> d)
    {
        var r = Math.Sqrt((d[0] * d[0]) + (d[1] * d[1]) + (d[2] * d[2]));
        return [d[0] / r, d[1] / r, d[2] / r];
    }

    // P_l^m without the Condon–Shortley sign, from its diagonal upwards.
    private static double Legendre(int l, int m, double x)
    {
        var p = 1.0;
        for (var k = 1; k <= m; k++)
        {
            p *= ((2 * k) - 1) * Math.Sqrt(Math.Max(0, 1 - (x * x)));
        }

        var before = 0.0;
        for (var k = m + 1; k <= l; k++)
        {
            (before, p) = (p, ((((2 * k) - 1) * x * p) - ((k + m - 1) * before)) / (k - m));
        }

        return p;
    }

    private static double Factorial(int n) => n <= 1 ? 1 : n * Factorial(n - 1);
}
