using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Turns spherical-harmonic coefficients by any rotation, exactly: each band's matrix is the projection ∫ Y_i(R·d)·Y_j(d) dω by a quadrature that is
/// exact for its polynomials (Gauss–Legendre in z, uniform in azimuth), in double.
/// </summary>
public sealed class ShRotation
{
    private static readonly Lazy<(double X, double Y, double Z, double Weight)[]> Nodes = new(() => SphereQuadrature.Exact(2 * SphericalHarmonics.MaximumBand));

    private readonly double[][] _bands;

    /// <param name="rotation">3×3 row-major, proper and orthonormal; the light turns along with d → R·d.</param>
    /// <param name="bands">The highest band to prepare.</param>
    public ShRotation(ReadOnlySpan<double> rotation, int bands = SphericalHarmonics.MaximumBand)
    {
        SphericalHarmonics.CheckBands(bands);
        _bands = new double[bands + 1][];
        for (var l = 0; l <= bands; l++)
        {
            _bands[l] = new double[((2 * l) + 1) * ((2 * l) + 1)];
        }

        Span<double> before = stackalloc double[81];
        Span<double> after = stackalloc double[81];
        var r = rotation;
        foreach (var (x, y, z, weight) in Nodes.Value)
        {
            SphericalHarmonics.Evaluate(bands, x, y, z, before);
            SphericalHarmonics.Evaluate(
                bands, (r[0] * x) + (r[1] * y) + (r[2] * z), (r[3] * x) + (r[4] * y) + (r[5] * z), (r[6] * x) + (r[7] * y) + (r[8] * z), after);
            for (var l = 0; l <= bands; l++)
            {
                var (n, first) = ((2 * l) + 1, l * l);
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < n; j++)
                    {
                        _bands[l][(i * n) + j] += weight * after[first + i] * before[first + j];
                    }
                }
            }
        }
    }

    /// <summary>A rotation about +Y; positive turns +Z towards +X.</summary>
    public static ShRotation Yaw(double radians, int bands = SphericalHarmonics.MaximumBand)
    {
        var (s, c) = Math.SinCos(radians);
        return new ShRotation([c, 0, s, 0, 1, 0, -s, 0, c], bands);
    }

    /// <summary>The turned light: its radiance in the direction R·d is what the given light has in d.</summary>
    public ShLight Apply(ShLight light)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(light.Bands, _bands.Length - 1);
        var result = new Vector3[light.Coefficients.Length];
        for (var l = 0; l <= light.Bands; l++)
        {
            var (n, first) = ((2 * l) + 1, l * l);
            for (var i = 0; i < n; i++)
            {
                double x = 0, y = 0, z = 0;
                for (var j = 0; j < n; j++)
                {
                    var (weight, c) = (_bands[l][(i * n) + j], light.Coefficients[first + j]);
                    x += weight * c.X;
                    y += weight * c.Y;
                    z += weight * c.Z;
                }

                result[first + i] = new Vector3((float)x, (float)y, (float)z);
            }
        }

        return new ShLight(result);
    }
}
