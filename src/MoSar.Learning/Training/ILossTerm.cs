using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>A summand of what training minimises, weighed by the manifest. Its summands in the paper: Eq. 1 to 3.</summary>
public interface ILossTerm
{
    /// <summary>Names of the learner's estimates and the samples' arrays that it compares.</summary>
    IReadOnlyList<string> Needs { get; }

    /// <summary>λ where a manifest says none: the paper's (supplementary, section 1).</summary>
    double DefaultWeight => 1;

    /// <returns>A scalar, the mean over the rows, so that neither the batch's size nor the mixture changes what a weight means.</returns>
    Tensor Evaluate(LossInput input);
}

/// <param name="Values">[rows, …] each, at least those named in <see cref="ILossTerm.Needs"/>; only rows of the sources that the manifest lets the loss see.</param>
/// <param name="Template">The learner's topology; null without meshes.</param>
public sealed record LossInput(IReadOnlyDictionary<string, Tensor> Values, FaceTemplate? Template);
