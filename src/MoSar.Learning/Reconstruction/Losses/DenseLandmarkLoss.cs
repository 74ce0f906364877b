using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>What dense landmarks are learned by: distance in the picture and in depth, Laplace's likelihood of the doubts, and heatmaps that gather in one place.</summary>
public static class DenseLandmarkLoss
{
    // Depth is a guess from shading and habit, not a place that can be seen.
    private const double DepthWeight = 0.5, DoubtWeight = 0.05, SpreadWeight = 0.3;

    // A heatmap's cell and a half of 32, in parts of the side.
    private const double Spread = 1.5 / 32;

    /// <param name="points">[B, K, 3], parts of the crop's side: x, y, depth.</param>
    /// <param name="logError">[B, K, 2]: of the place and of the depth, see <see cref="Networks.DenseLandmarks"/>.</param>
    /// <param name="spread">[B, K], parts of the side.</param>
    /// <param name="truth">[B, K, 3].</param>
    /// <returns>Scalar; a mean error of the place of 1 % of the side is 1, with as much again for depth, doubts and spread.</returns>
    public static Tensor Of(Tensor points, Tensor logError, Tensor spread, Tensor truth)
    {
        using var scope = NewDisposeScope();
        var difference = points - truth;
        var place = (difference.narrow(2, 0, 2).square().sum(2) + 1e-8).sqrt();
        var depth = (difference.select(2, 2).square() + 1e-8).sqrt();

        // Positions do not see the likelihood, so that confidence never buys accuracy.
        var distances = stack([place, depth], 2).detach();
        var doubt = ((distances / logError.exp()) + logError).mean();
        var gathered = (spread - Spread).abs().mean();
        return ((100 * (place.mean() + (DepthWeight * depth.mean()) + (SpreadWeight * gathered))) + (DoubtWeight * doubt)).MoveToOuterDisposeScope();
    }
}
