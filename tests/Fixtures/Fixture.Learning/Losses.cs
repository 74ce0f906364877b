using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Fixture.Learning;

public sealed record ShadeLossOptions
{
    /// <summary>From this evaluation on it is not a number; 0: never.</summary>
    public int PoisonAt { get; init; }
}

public sealed class ShadeLoss(ShadeLossOptions options) : ILossTerm
{
    private int evaluations;

    public IReadOnlyList<string> Needs => ["shade", "target.shade"];

    public double DefaultWeight => 2;

    public Tensor Evaluate(LossInput input)
    {
        var error = (input.Values["shade"] - input.Values["target.shade"]).square().mean();
        return ++evaluations == options.PoisonAt ? error * float.NaN : error;
    }
}

public sealed class SmallLoss : ILossTerm
{
    public IReadOnlyList<string> Needs => ["shade"];

    public Tensor Evaluate(LossInput input) => input.Values["shade"].square().mean();
}
