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
        Training("compact 128x128, training step of 16", () => Encoder(SceneBackbone.Compact), Input(16, 128)),
        Inference("compact 128x128, inference of 1", () => Encoder(SceneBackbone.Compact), Input(1, 128)),
        Inference("compact 128x128, inference of 16", () => Encoder(SceneBackbone.Compact), Input(16, 128)),
        Training("ResNet-50 128x128, training step of 4", () => Encoder(SceneBackbone.Resnet50), Input(4, 128)),
        Inference("ResNet-50 224x224, inference of 1", () => Encoder(SceneBackbone.Resnet50), Input(1, 224)),

        // What the shipped encoder stands on; its fit has no twin.
        Training("dense landmarks 192x192, training step of 8", Dense, Input(8, 192)),
        Inference("dense landmarks 192x192, inference of 1", Dense, Input(1, 192)),
        new("conv training step, channels-last", new ConvTraining(channelsLast: true, bfloat16: false).Step, 1),
    ];

    private static Twin Training(string name, Func<Network> make, Func<Tensor> draw)
    {
        (Network Network, Adam Adam, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            var (network, adam, input) = made ??= Made();
            using var scope = NewDisposeScope();
            adam.zero_grad();
            network.Look(input).Select(t => t.square().mean()).Aggregate((a, b) => a + b).backward();
            adam.step();
        }, 1);

        (Network, Adam, Tensor) Made()
        {
            var network = make();
            return (network, optim.Adam(network.Module.parameters(), 5e-5), draw());
        }
    }

    private static Twin Inference(string name, Func<Network> make, Func<Tensor> draw)
    {
        (Network Network, Tensor Input)? made = null;
        return new Twin(name, () =>
        {
            if (made is null)
            {
                made = (make(), draw());
                made.Value.Network.ForInference();
            }

            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            made.Value.Network.Look(made.Value.Input);
        }, 2);
    }

    private static Func<Tensor> Input(int rows, int side) => () => randn(rows, 3, side, side).to_channels_last();

    private static Network Encoder(SceneBackbone kind)
    {
        manual_seed(1);
        var encoder = new SceneEncoder(kind, new SceneSizes(100, 53, 30)).to_channels_last();
        return new Network(encoder, encoder.Fold, x => [encoder.call(x)]);
    }

    private static Network Dense()
    {
        manual_seed(1);
        var network = new DenseLandmarkNetwork(256, LandmarkSize.Small).to_channels_last();
        return new Network(network, network.eval, x =>
        {
            var found = network.call(x);
            return [found.Points, found.LogError, found.Spread];
        });
    }

    /// <param name="Look">What a loss would be of.</param>
    private sealed record Network(nn.Module Module, Action ForInference, Func<Tensor, Tensor[]> Look);
}
