using MoSar.Learning.Networks;
using MoSar.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Training;

/// <summary>Trains <see cref="LocatorNetwork"/> on whole pictures with none to three faces.</summary>
public static class LocatorTrainer
{
    private const double ValueWeight = 1.0;

    /// <summary>The shipped recipe, without paths.</summary>
    public static TrainerOptions Recipe { get; } = new() { Cutouts = 8000, Steps = 1500, Batch = 32, LearningRate = 2.5e-3 };

    private static readonly NetworkTrainer<LocatorNetwork, LocatorSample> Trainer = new(
        "locator",
        Seed: 2,
        _ =>
        {
            var network = new LocatorNetwork();
            network.StartRare();
            return network;
        },
        (material, _) => new LocatorSamples(material.Cutouts, material.Backgrounds, material.Portraits).Draw,
        Loss);

    /// <exception cref="MoSarException">The face model or the portraits are missing or broken.</exception>
    public static void Train(TrainerOptions options, Action<string> report, CancellationToken cancellation = default) => Trainer.Train(options, report, cancellation);

    private static Tensor Loss(LocatorNetwork network, LocatorSample[] items)
    {
        const int Side = LocatorNetwork.InputSide, Grid = LocatorNetwork.GridSide;
        var n = items.Length;
        var input = tensor(Batches<LocatorSample>.Join(items, s => s.Planes), [n, 3, Side, Side]).to_channels_last();
        var heat = tensor(Batches<LocatorSample>.Join(items, s => s.Heat), [n, Grid, Grid]);
        var near = tensor(Batches<LocatorSample>.Join(items, s => s.Near), [n, 1, Grid, Grid]);
        var values = tensor(Batches<LocatorSample>.Join(items, s => s.Values), [n, 5, Grid, Grid]);
        var answer = network.call(input);
        using var exact = Precision.Full();
        var output = answer.to(ScalarType.Float32);

        // CenterNet's focal loss (Zhou et al. 2019): exact at the centre, forgiving beside it, blind to the easy rest.
        var logit = output.select(1, 0);
        var p = logit.sigmoid();
        var logP = nn.functional.logsigmoid(logit);
        var logQ = nn.functional.logsigmoid(-logit);
        var isCentre = heat.eq(1).to_type(ScalarType.Float32);
        var positive = isCentre * (1 - p).square() * logP;
        var negative = (1 - isCentre) * (1 - heat).square().square() * p.square() * logQ;
        var faces = isCentre.sum() + 1;
        var focal = -(positive + negative).sum() / faces;
        var error = ((output.narrow(1, 1, 5) - values).abs() * near).sum() / (near.sum() + 1);
        return focal + (ValueWeight * error);
    }
}
