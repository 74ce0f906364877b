namespace MoSar.Learning.Networks;

/// <summary>The size of a <see cref="PartGnn"/>.</summary>
public sealed record PartGnnOptions
{
    /// <summary>Coefficients of each part, in the order of the parts; their sum is α's length.</summary>
    public IReadOnlyList<int> Latents { get; init; } = [4, 7, 5, 6, 10, 8, 8, 112];

    /// <summary>
    /// The last part's encoder sees the whole head: what all parts have in common, size and width and age, is then coded once instead of by each. That each sees
    /// its own part only costs a linear code a fifth of its accuracy.
    /// </summary>
    public bool LastSeesAll { get; init; } = true;

    /// <summary>How many products of two linear maps of α the decoder's graph begins with.</summary>
    public int Products { get; init; } = 64;

    /// <summary>Channels of the graph convolutions on each level, the finest first; the decoder mirrors them (CoMA, Ranjan et al. 2018: 16, 16, 16, 32).</summary>
    public IReadOnlyList<int> Widths { get; init; } = [16, 16, 16, 32];

    /// <summary>The finest level that graph convolutions run on. What they add is smooth: from level 1 it is spread to all vertices at a quarter of the cost.</summary>
    public int FinestLevel { get; init; } = 1;

    /// <summary>K of the Chebyshev polynomials.</summary>
    public int Order { get; init; } = ChebyshevConvolution.DefaultOrder;

    /// <summary>The parts as the encoders see them.</summary>
    public MeshParts Seen(MeshParts parts) =>
        LastSeesAll ? parts with { Weights = [.. parts.Weights.SkipLast(1), [.. parts.Weights[^1].Select(_ => 1f)]] } : parts;
}
