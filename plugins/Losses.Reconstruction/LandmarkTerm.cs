using MoSar.Learning;
using MoSar.Learning.Training;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

/// <summary>
/// L_landmark of Eq. 1, see <see cref="LandmarkLoss"/>. Needs <c>projected</c> [B, V, 2], <c>target.landmarks</c> [B, 68, 2] in pixels of the same picture
/// and <c>target.landmark_weights</c> [B, 68]; unit: pixels of the crop, so λ = 0.001 means the paper's 512² crops.
/// </summary>
public sealed class LandmarkTerm : ILossTerm
{
    private readonly PerTemplate<LandmarkLoss> _loss = new("loss.landmarks", t => new LandmarkLoss(t));

    public IReadOnlyList<string> Needs { get; } = ["projected", "target.landmarks", "target.landmark_weights"];

    public double DefaultWeight => 0.001;

    public Tensor Evaluate(LossInput input) => _loss.Of(input).Of(input.Values["projected"], input.Values["target.landmarks"], input.Values["target.landmark_weights"]);
}
