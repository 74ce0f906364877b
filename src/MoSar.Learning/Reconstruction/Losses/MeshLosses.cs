using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>L_supervised of Eq. 3: distance between the estimated and the true vertices.</summary>
public static class VertexLoss
{
    /// <param name="vertices">[B, V, 3] mm.</param>
    /// <param name="truth">[B, V, 3] mm, the same topology.</param>
    /// <param name="weights">[V] ≥ 0, a region's; null: all alike.</param>
    /// <returns>Scalar, mm: the (weighted) mean over rows and vertices of the ℓ2 distance.</returns>
    public static Tensor Of(Tensor vertices, Tensor truth, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        // µm² under the root: a distance of 0 has a derivative.
        var distances = ((vertices - truth).square().sum(2) + 1e-6).sqrt();
        return WeightedMean.Of(distances, weights).MoveToOuterDisposeScope();
    }
}

/// <summary>L_nrm of Eq. 3: cosine distance between the estimated and the true normals.</summary>
public static class NormalLoss
{
    /// <param name="normals">[B, V, 3] unit vectors.</param>
    /// <param name="truth">[B, V, 3] unit vectors.</param>
    /// <param name="weights">[V] ≥ 0, a region's; null: all alike.</param>
    /// <returns>Scalar in [0, 2]: the (weighted) mean over rows and vertices of 1 − cos.</returns>
    public static Tensor Of(Tensor normals, Tensor truth, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        return (1 - WeightedMean.Of((normals * truth).sum(2), weights)).MoveToOuterDisposeScope();
    }
}

internal static class WeightedMean
{
    /// <param name="values">[B, V].</param>
    /// <param name="weights">[V].</param>
    public static Tensor Of(Tensor values, Tensor? weights) =>
        weights is null ? values.mean() : (values.mean([0]) * weights).sum() / weights.sum().clamp_min(1e-6);
}
