using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Takes the ringing out of a truncated expansion: a sun in nine bands casts rings of negative light over the far side of a head. Each band is
/// divided by 1 + λ·l²(l+1)², the least squares fit under a bound on the squared Laplacian, with the smallest λ that leaves no
/// direction darker than a small share of the mean (Sloan, "Stupid spherical harmonics tricks", 2008).
/// </summary>
public static class ShWindow
{
    private static readonly Lazy<float[]> Probes = new(MakeProbes);

    /// <summary>The smoothed light; the same coefficients when it has no negative radiance.</summary>
    /// <param name="light">As projected from an environment.</param>
    /// <param name="kernel">k_l that the light will be weighed with, so that no more is smoothed than this kernel needs; null for 1.</param>
    public static ShLight Dering(ShLight light, Func<int, double>? kernel = null)
    {
        if (!Rings(light, kernel, 0))
        {
            return light;
        }

        double low = 0, high = 1e-5;
        while (Rings(light, kernel, high) && high < 1e6)
        {
            (low, high) = (high, high * 4);
        }

        for (var step = 0; step < 20; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = Rings(light, kernel, middle) ? (middle, high) : (low, middle);
        }

        return Apply(light, high);
    }

    private static bool Rings(ShLight light, Func<int, double>? kernel, double lambda)
    {
        var smoothed = Apply(light, lambda);
        var colours = new float[Probes.Value.Length];
        new ShExpansion(smoothed, light.Bands, kernel).Evaluate(Probes.Value, colours);
        var mean = light.Coefficients[0] * (float)((kernel?.Invoke(0) ?? 1) * SphericalHarmonics.Sectoral[0]);
        for (var i = 0; i < colours.Length; i++)
        {
            // A channel that has no light at all cannot be mended and need not be.
            var floor = mean[i % 3];
            if (colours[i] < -1e-3f * floor && floor > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static ShLight Apply(ShLight light, double lambda)
    {
        var result = new Vector3[light.Coefficients.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var l = (int)Math.Sqrt(i);
            result[i] = light.Coefficients[i] * (float)(1 / (1 + (lambda * l * l * (l + 1) * (l + 1))));
        }

        return new ShLight(result);
    }

    // A Fibonacci sphere: 1000 directions 6° apart, a quarter of the finest band's wavelength.
    private static float[] MakeProbes()
    {
        var probes = new float[3 * 1000];
        for (var i = 0; i < 1000; i++)
        {
            var z = 1 - ((2 * i) + 1) / 1000.0;
            var (sin, cos) = Math.SinCos(i * Math.PI * (3 - Math.Sqrt(5)));
            var r = Math.Sqrt(1 - (z * z));
            (probes[3 * i], probes[(3 * i) + 1], probes[(3 * i) + 2]) = ((float)(r * cos), (float)(r * sin), (float)z);
        }

        return probes;
    }
}
