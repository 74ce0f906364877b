using System.ComponentModel;
using MoSar.Learning;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

public sealed record VertexOptions : RegionOptions
{
    [Description("Compare neutral heads (neutral with target.neutral) instead of those with expression (vertices with target.vertices).")]
    public bool Neutral { get; init; }

    [Description("Compare after the best similarity, which a picture hardly says.")]
    public bool Aligned { get; init; }
}

/// <summary>L_supervised of Eq. 3, see <see cref="VertexLoss"/>. Needs <c>vertices</c> and <c>target.vertices</c> [B, V, 3] (or the neutral pair); unit: mm.</summary>
public sealed class VertexTerm(VertexOptions options) : ILossTerm
{
    private readonly PerTemplate<VertexWeights> _weights = new("loss.vertices", t => new VertexWeights(Regions.Weights(t, options.Region)));

    public IReadOnlyList<string> Needs { get; } = options.Neutral ? ["neutral", "target.neutral"] : ["vertices", "target.vertices"];

    public double DefaultWeight => 1;

    public Tensor Evaluate(LossInput input)
    {
        var (vertices, truth, weights) = (input.Values[Needs[0]], input.Values[Needs[1]], _weights.Of(input).Values);
        return options.Aligned ? VertexLoss.Aligned(vertices, truth, weights) : VertexLoss.Of(vertices, truth, weights);
    }
}

/// <summary>
/// L_nrm of Eq. 3, see <see cref="NormalLoss"/>. Needs <c>normals</c> [B, V, 3] and <c>target.vertices</c> [B, V, 3], whose normals it makes;
/// in [0, 2].
/// </summary>
public sealed class NormalTerm(RegionOptions options) : ILossTerm
{
    private readonly PerTemplate<VertexWeights> _weights = new("loss.normals", t => new VertexWeights(Regions.Weights(t, options.Region)));
    private readonly PerTemplate<MeshTopology> _topology = new("loss.normals", t => new MeshTopology(t));

    public IReadOnlyList<string> Needs { get; } = ["normals", "target.vertices"];

    public double DefaultWeight => 0.1;

    public Tensor Evaluate(LossInput input)
    {
        using var scope = NewDisposeScope();
        var truth = VertexNormals.Of(input.Values["target.vertices"].detach(), _topology.Of(input));
        return NormalLoss.Of(input.Values["normals"], truth, _weights.Of(input).Values).MoveToOuterDisposeScope();
    }
}

/// <param name="Values">[V] or null.</param>
internal sealed record VertexWeights(Tensor? Values);
