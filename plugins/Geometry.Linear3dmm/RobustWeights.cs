namespace MoSar.Plugins.Linear3dmm;

/// <summary>Iterative reweighting against hair, glasses, beards and highlights.</summary>
internal static class RobustWeights
{
    /// <summary>Weights times 1/(1 + (r/2.5m)⁴), m the median residual among the weighted.</summary>
    public static void Apply(ReadOnlySpan<double> residual, ReadOnlySpan<float> weights, Span<float> robust)
    {
        var used = new List<double>(residual.Length);
        for (var i = 0; i < residual.Length; i++)
        {
            if (weights[i] > 0)
            {
                used.Add(residual[i]);
            }
        }

        used.Sort();
        var limit = 2.5 * (used.Count > 0 ? used[used.Count / 2] : 1) + 1e-6;
        for (var i = 0; i < residual.Length; i++)
        {
            var d = residual[i] / limit;
            robust[i] = (float)(weights[i] / (1 + (d * d * d * d)));
        }
    }
}
