using MoSar.Learning;
using MoSar.Learning.Training;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

/// <summary>
/// Places, depths and doubts of dense landmarks, see <see cref="DenseLandmarkLoss"/>. Needs <c>dense</c> and <c>target.dense</c> [B, K, 3],
/// <c>dense_log_error</c> [B, K, 2] and <c>dense_spread</c> [B, K], all in parts of the crop's side; unit: percent of it.
/// </summary>
public sealed class DenseLandmarkTerm : ILossTerm
{
    public IReadOnlyList<string> Needs { get; } = ["dense", "dense_log_error", "dense_spread", "target.dense"];

    public double DefaultWeight => 1;

    public Tensor Evaluate(LossInput input) => DenseLandmarkLoss.Of(input.Values["dense"], input.Values["dense_log_error"], input.Values["dense_spread"], input.Values["target.dense"]);
}
