using MoSar.Learning.Networks;
using MoSar.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Training;

/// <summary>Trains <see cref="LandmarkNetwork"/> on synthetic heads and, where they are given, hand-pointed portraits, mixed half and half.</summary>
public static class LandmarkTrainer
{
    /// <summary>Spread of the heatmaps' target in cells.</summary>
    private const double HeatSigma = 1.0;

    private const double PositionWeight = 40, HeatWeight = 0.1, ErrorWeight = 0.1;

    /// <summary>The shipped recipe's first part, without paths; the second (its model card) begins with the first's weights and sees more.</summary>
    public static TrainerOptions Recipe { get; } = new() { Cutouts = 8000, Steps = 2400, Batch = 48, LearningRate = 2.5e-3 };

    private static readonly NetworkTrainer<LandmarkNetwork, LandmarkSample> Trainer = new(
        "landmarks",
        Seed: 1,
        options => new LandmarkNetwork(options.Begin is { } begin ? LandmarkNetwork.SizeOf(SafetensorsFile.Read(begin)) : LandmarkSize.Large),
        (material, options) => new LandmarkSamples(material, realShare: 0.5, options.Side).Draw,
        Loss);

    /// <exception cref="MoSarException">The face model or the portraits are missing or broken.</exception>
    public static void Train(TrainerOptions options, Action<string> report, CancellationToken cancellation = default) => Trainer.Train(options, report, cancellation);

    private static Tensor Loss(LandmarkNetwork network, LandmarkSample[] items)
    {
        const int K = Landmarks.Count;
        var side = (int)Math.Sqrt(items[0].Planes.Length / 3);
        var input = tensor(Batches<LandmarkSample>.Join(items, s => s.Planes), [items.Length, 3, side, side]).to_channels_last();
        var wanted = tensor(Batches<LandmarkSample>.Join(items, s => s.Points), [items.Length, K, 2]);
        var weight = tensor(Batches<LandmarkSample>.Join(items, s => s.Weights), [items.Length, K]);
        var (heat, logError) = network.call(input);
        using var exact = Precision.Full();
        (heat, logError) = (heat.to(ScalarType.Float32), logError.to(ScalarType.Float32));
        var cells = (int)heat.shape[3];
        var total = weight.sum() + 1e-6;
        var distance = ((HeatmapDecoder.Decode(heat) - wanted).square().sum(2) + 1e-8).sqrt();

        // A Gaussian target keeps the maps single-peaked; the mean alone would accept any map with the right mean.
        var centres = HeatmapDecoder.Centres(cells);
        var spread = -0.5 * (cells / HeatSigma) * (cells / HeatSigma);
        var gx = ((centres - wanted.select(2, 0).unsqueeze(2)).square() * spread).softmax(2);
        var gy = ((centres - wanted.select(2, 1).unsqueeze(2)).square() * spread).softmax(2);
        var target = (gy.unsqueeze(3) * gx.unsqueeze(2)).reshape(items.Length, K, cells * cells);
        var logHeat = heat.contiguous().reshape(items.Length, K, cells * cells).log_softmax(2);
        var crossEntropy = -(target * logHeat).sum(2);

        // Laplace's likelihood for the error's size; the position does not see it, so that confidence never buys accuracy.
        // The bound is soft: a hard one has no gradient beyond it, and points that start there stay there.
        var scale = nn.functional.softplus(logError + 7) - 7;
        var likelihood = (distance.detach() / scale.exp()) + scale;
        var each = (PositionWeight * distance) + (HeatWeight * crossEntropy) + (ErrorWeight * likelihood);
        return (each * weight).sum() / total;
    }
}
