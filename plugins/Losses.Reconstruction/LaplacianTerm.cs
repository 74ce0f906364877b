using System.ComponentModel;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Training;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

public sealed record LaplacianOptions
{
    [Description("Uniform: all neighbours alike. Cotangent: mean curvature alone, measured on the model's mean head; needs 'model'.")]
    public LaplacianKind Kind { get; init; } = LaplacianKind.Uniform;

    [Description("Compare with the mean head's Laplacian instead of with zero, so that a nose may be a nose; needs 'model'.")]
    public bool Relative { get; init; }

    [Description("Of vertices (with expression) or of the neutral head.")]
    public bool Neutral { get; init; }

    [Description("The face model whose mean is the reference, face.safetensors.")]
    [ManifestPath]
    public string? Model { get; init; }
}

/// <summary>L_lap of Eq. 2, see <see cref="LaplacianLoss"/>. Needs <c>vertices</c> [B, V, 3] (or <c>neutral</c>); unit: mm.</summary>
public sealed class LaplacianTerm : ILossTerm
{
    private readonly PerTemplate<LaplacianLoss> _loss;

    /// <exception cref="MoSarException"><c>loss-model</c>: a model is needed and not named, or of another topology; or it cannot be read.</exception>
    public LaplacianTerm(LaplacianOptions options)
    {
        if (options.Model is null && (options.Relative || options.Kind == LaplacianKind.Cotangent))
        {
            throw new MoSarException("loss-model", $"loss.laplacian with {(options.Relative ? "relative: true" : "kind: cotangent")} has no head to measure.", "Name one: model: samples/models/face.safetensors.");
        }

        Needs = [options.Neutral ? "neutral" : "vertices"];
        var mean = options.Model is { } path ? FaceModel.Load(path).Mean : null;
        _loss = new PerTemplate<LaplacianLoss>("loss.laplacian", template =>
        {
            if (mean is not null && mean.Length != template.VertexCount)
            {
                throw new MoSarException(
                    "loss-model", $"'{options.Model}' has {mean.Length} vertices, the learner's {template.Id} {template.VertexCount}.", "Name the model that the learner uses.");
            }

            return new LaplacianLoss(new MeshTopology(template), options.Kind, mean, options.Relative);
        });
    }

    public IReadOnlyList<string> Needs { get; }

    public double DefaultWeight => 0.1;

    public Tensor Evaluate(LossInput input) => _loss.Of(input).Of(input.Values[Needs[0]]);
}
