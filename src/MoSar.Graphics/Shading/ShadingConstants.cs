using System.Numerics;

namespace MoSar.Graphics;

/// <summary>The bands of the terms and the recurrence that the kernel evaluates the SH basis with, in single precision.</summary>
internal static class ShadingConstants
{
    /// <summary>Highest band of the diffuse and subsurface terms.</summary>
    public const int DiffuseBands = 2;

    /// <summary>Highest band of the specular term.</summary>
    public const int SpecularBands = 8;

    /// <summary>
    /// P̄_l^m(z) = α·z·P̄_{l−1}^m − β·P̄_{l−2}^m for the associated Legendre polynomials without their sin^m θ, normalized so that
    /// Y_l^{±m} = √2·P̄_l^m·{Re, Im}(x + iy)^m and Y_l^0 = P̄_l^0. α, β at index l·9+m; P̄_m^m at index m of the third.
    /// </summary>
    internal static (float[] Alpha, float[] Beta, float[] Diagonal) Legendre { get; } = MakeLegendre();

    private static (float[] Alpha, float[] Beta, float[] Diagonal) MakeLegendre()
    {
        const int n = SpecularBands + 1;
        var (alpha, beta, diagonal) = (new float[n * n], new float[n * n], new float[n]);
        var d = 1 / Math.Sqrt(4 * Math.PI);
        for (var m = 0; m < n; m++)
        {
            diagonal[m] = (float)d;
            d *= Math.Sqrt(((2 * m) + 3.0) / ((2 * m) + 2.0));
            for (var l = m + 1; l < n; l++)
            {
                var a = Math.Sqrt(((4.0 * l * l) - 1) / ((l * l) - (m * m)));
                alpha[(l * n) + m] = (float)a;
                beta[(l * n) + m] = (float)(a * Math.Sqrt(Math.Max(0, ((l - 1.0) * (l - 1)) - (m * m)) / ((4.0 * (l - 1) * (l - 1)) - 1)));
            }
        }

        return (alpha, beta, diagonal);
    }

    /// <summary>
    /// Coefficients of a light for the kernel, padded with zero to the bands wanted: triples at 3·(l·l+l+m), times factor(l), times √2
    /// for m ≠ 0 because the kernel's basis leaves that out.
    /// </summary>
    internal static float[] Fold(ReadOnlySpan<Vector3> light, int bands, Func<int, double> factor)
    {
        var folded = new float[3 * (bands + 1) * (bands + 1)];
        for (var l = 0; l <= bands; l++)
        {
            for (var m = -l; m <= l; m++)
            {
                var i = (l * l) + l + m;
                if (i >= light.Length)
                {
                    return folded;
                }

                var scale = factor(l) * (m == 0 ? 1 : Math.Sqrt(2));
                folded[3 * i] = (float)(scale * light[i].X);
                folded[(3 * i) + 1] = (float)(scale * light[i].Y);
                folded[(3 * i) + 2] = (float)(scale * light[i].Z);
            }
        }

        return folded;
    }
}
