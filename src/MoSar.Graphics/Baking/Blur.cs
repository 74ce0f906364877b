namespace MoSar.Graphics;

/// <summary>Near-Gaussian means over covered texels: three box averages.</summary>
public static class Blur
{
    /// <param name="values">R² values; only those where mask ≥ 0 count.</param>
    /// <param name="mask">R²; −1 is left out.</param>
    /// <param name="sigma">Standard deviation in texels.</param>
    public static float[] Gaussian(float[] values, int[] mask, int size, float sigma)
    {
        // Three boxes of side w have the variance 3·(w² − 1)/12.
        var radius = Math.Max(1, (int)MathF.Round((MathF.Sqrt((4 * sigma * sigma) + 1) - 1) / 2));
        for (var pass = 0; pass < 3; pass++)
        {
            values = BoxAverage.Over(values, mask, size, radius);
        }

        return values;
    }
}
