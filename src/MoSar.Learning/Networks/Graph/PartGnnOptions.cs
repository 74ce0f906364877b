namespace MoSar.Learning.Networks;

/// <summary>The size of a <see cref="PartGnn"/>.</summary>
public sealed record PartGnnOptions
{
    /// <summary>
    /// Coefficients of each part, in the order of the parts; their sum is α's length. The default follows the variance of the light stage's neutral shapes (the
    /// 160 strongest of all parts' own principal components).
    /// </summary>
    public IReadOnlyList<int> Latents { get; init; } = [8, 15, 10, 13, 22, 17, 17, 58];

    /// <summary>Channels of the graph convolutions on each level, the finest first; the decoder mirrors them (CoMA, Ranjan et al. 2018: 16, 16, 16, 32).</summary>
    public IReadOnlyList<int> Widths { get; init; } = [16, 16, 16, 32];

    /// <summary>The finest level that graph convolutions run on. What they add is smooth: from level 1 it is spread to all vertices at a quarter of the cost.</summary>
    public int FinestLevel { get; init; } = 1;

    /// <summary>K of the Chebyshev polynomials.</summary>
    public int Order { get; init; } = ChebyshevConvolution.DefaultOrder;
}
