using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>Positions from heatmaps as the mean of their softmax (integral regression, Sun et al. 2018): exact below a cell.</summary>
public static class HeatmapDecoder
{
    /// <param name="heatmaps">[N, K, H, W] logits.</param>
    /// <returns>[N, K, 2] x, y in parts of the map's side: the middle of cell (i, j) is ((i + ½)/W, (j + ½)/H).</returns>
    public static Tensor Decode(Tensor heatmaps)
    {
        using var scope = NewDisposeScope();
        var (n, k, h, w) = (heatmaps.shape[0], heatmaps.shape[1], heatmaps.shape[2], heatmaps.shape[3]);
        var p = heatmaps.reshape(n, k, h * w).softmax(2).reshape(n, k, h, w);
        var x = (p.sum(2) * Centres(w)).sum(2);
        var y = (p.sum(3) * Centres(h)).sum(2);
        return stack([x, y], 2).MoveToOuterDisposeScope();
    }

    /// <summary>The middles of cells: (i + ½)/n.</summary>
    public static Tensor Centres(long n) => (arange(n, dtype: ScalarType.Float32) + 0.5) / n;
}
