using MoSar.Learning;
using MoSar.Learning.Training;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

/// <summary>L_light of Eq. 2, see <see cref="LightLoss"/>. Needs <c>light</c> [B, 9, 3].</summary>
public sealed class LightTerm : ILossTerm
{
    public IReadOnlyList<string> Needs { get; } = ["light"];

    public double DefaultWeight => 0.001;

    public Tensor Evaluate(LossInput input) => LightLoss.Of(input.Values["light"]);
}

/// <summary>L_exp of Eq. 2, see <see cref="ExpressionLoss"/>. Needs <c>expression</c> [B, E].</summary>
public sealed class ExpressionTerm : ILossTerm
{
    public IReadOnlyList<string> Needs { get; } = ["expression"];

    public double DefaultWeight => 0.1;

    public Tensor Evaluate(LossInput input) => ExpressionLoss.Of(input.Values["expression"]);
}

/// <summary>L_alb of Eq. 2, see <see cref="AlbedoLoss"/>. Needs <c>albedo</c>, β, [B, N].</summary>
public sealed class AlbedoTerm : ILossTerm
{
    public IReadOnlyList<string> Needs { get; } = ["albedo"];

    public double DefaultWeight => 0.1;

    public Tensor Evaluate(LossInput input) => AlbedoLoss.Of(input.Values["albedo"]);
}
