using MoSar.Learning.Networks;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>𝓔 of 3.1: training steps with Adam and inference, float32 channels-last. encoder_twin.py has the same layers; its inference keeps the norms, as eager PyTorch does.</summary>
internal static class EncoderBenchmarks
{
    public static IReadOnlyList<Twin> Twins() =>
    [
        Training("compact 128x128, training step of 16", SceneBackbone.Compact, 16, 128),
        Inference("compact 128x128, inference of 1", SceneBackbone.Compact, 1, 128),
        Inference("compact 128x128, inference of 16", SceneBackbone.Compact, 16, 128),
        Training("ResNet-50 128x128, training step of 4", SceneBackbone.ResNet50, 4, 128),
        Inference("ResNet-50 224x224, inference of 1", SceneBackbone.ResNet50, 1, 224),
        DenseTraining("dense landmarks 192x192, training step of 8", 8),
        DenseInference("dense landmarks 192x192, inference of 1"),
        new("conv training step, channels-last", new ConvTraining(channelsLast: true, bfloat16: false).Step, 1),
    ];

    private static Twin Training(string name, SceneBackbone kind, int rows, int side)
    {
        (SceneEncoder Encoder, Adam Adam, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            var (encoder, adam, input) = made ??= Make(kind, rows, side);
            using var scope = NewDisposeScope();
            adam.zero_grad();
            encoder.call(input).square().mean().backward();
            adam.step();
        }, 1);
    }

    private static Twin Inference(string name, SceneBackbone kind, int rows, int side)
    {
        (SceneEncoder Encoder, Adam Adam, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            if (made is null)
            {
                made = Make(kind, rows, side);
                made.Value.Encoder.Fold();
            }

            using var frozen = no_grad();
            made.Value.Encoder.call(made.Value.Input).Dispose();
        }, 2);
    }

    /// <summary>What the shipped encoder stands on; its fit has no twin.</summary>
    private static Twin DenseTraining(string name, int rows)
    {
        (DenseLandmarkNetwork Network, Adam Adam, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            var (network, adam, input) = made ??= MakeDense(rows);
            using var scope = NewDisposeScope();
            adam.zero_grad();
            var found = network.call(input);
            (found.Points.square().mean() + found.LogError.square().mean() + found.Spread.square().mean()).backward();
            adam.step();
        }, 1);
    }

    private static Twin DenseInference(string name)
    {
        (DenseLandmarkNetwork Network, Adam Adam, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            if (made is null)
            {
                made = MakeDense(1);
                made.Value.Network.eval();
            }

            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            made.Value.Network.call(made.Value.Input);
        }, 2);
    }

    private static (DenseLandmarkNetwork Network, Adam Adam, Tensor Input) MakeDense(int rows)
    {
        manual_seed(1);
        var network = new DenseLandmarkNetwork(256, LandmarkSize.Small).to_channels_last();
        return (network, optim.Adam(network.parameters(), 5e-5), randn(rows, 3, 192, 192).to_channels_last());
    }

    private static (SceneEncoder Encoder, Adam Adam, Tensor Input) Make(SceneBackbone kind, int rows, int side)
    {
        manual_seed(1);
        var encoder = new SceneEncoder(kind, new SceneSizes(100, 53, 30)).to_channels_last();
        return (encoder, optim.Adam(encoder.parameters(), 5e-5), randn(rows, 3, side, side).to_channels_last());
    }
}
