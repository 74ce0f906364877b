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

    /// <summary>
    /// As <see cref="Of"/> after the best similarity of each row (least squares over the weighted vertices; Umeyama 1991): a picture says little of a head's size and distance, and nothing
    /// of where its origin is. The similarity is a constant to the gradient.
    /// </summary>
    public static Tensor Aligned(Tensor vertices, Tensor truth, Tensor? weights = null)
    {
        using var scope = NewDisposeScope();
        var (turn, move) = Similarity(vertices.detach(), truth.detach(), weights);
        return Of(vertices.matmul(turn) + move, truth, weights).MoveToOuterDisposeScope();
    }

    /// <returns>[B, 3, 3] and [B, 1, 3]: vertices · first + second is nearest to the truth.</returns>
    private static (Tensor Turn, Tensor Move) Similarity(Tensor vertices, Tensor truth, Tensor? weights)
    {
        using var frozen = no_grad();
        var share = weights is null ? full([1, vertices.shape[1], 1], 1.0 / vertices.shape[1], float32) : (weights / weights.sum()).reshape(1, -1, 1);
        var (from, to) = ((vertices * share).sum(1, keepdim: true), (truth * share).sum(1, keepdim: true));
        var (a, b) = (vertices - from, truth - to);
        var (u, s, vh) = linalg.svd((a * share).transpose(1, 2).matmul(b));

        // No mirror images.
        var sign = linalg.det(u.matmul(vh)).sign();
        var signs = stack([ones_like(sign), ones_like(sign), sign], 1);
        var size = (s * signs).sum(1) / (a.square() * share).sum([1, 2]);
        var turn = (u * signs.unsqueeze(1)).matmul(vh) * size.reshape(-1, 1, 1);
        return (turn, to - from.matmul(turn));
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
