using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests.Training;

public sealed class LearningStateTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    public void StepsAreThoseOfTorchsAdam(double decay)
    {
        using var scope = NewDisposeScope();
        var (ours, theirs) = (Network(), Network());
        var recipe = new OptimizerRecipe { GradientNorm = 1e9, WeightDecay = decay };
        using var state = new LearningState(new Dictionary<string, nn.Module> { ["net"] = ours }, recipe, 0);
        using var adam = optim.AdamW(theirs.parameters(), lr: 0.01, weight_decay: decay);
        for (var step = 1; step <= 20; step++)
        {
            foreach (var network in new[] { ours, theirs })
            {
                network.zero_grad();
                ((network.call(Input(step)) - 1).square().mean()).backward();
            }

            state.Update(step, 0.01, state.GradientNorm());
            adam.step();
        }

        foreach (var (a, b) in ours.parameters().Zip(theirs.parameters()))
        {
            Assert.True((a - b).abs().max().item<float>() < 2e-6, $"{(a - b).abs().max().item<float>()}");
        }
    }

    [Fact]
    public void GradientsAreCutToTheirNormTogether()
    {
        using var scope = NewDisposeScope();
        var network = Network();
        using var state = new LearningState(new Dictionary<string, nn.Module> { ["net"] = network }, new OptimizerRecipe { GradientNorm = 0.5 }, 0);
        (network.call(Input(1)) * 1000).sum().backward();
        var before = Math.Sqrt(network.parameters().Sum(p => p.grad!.square().sum().item<float>()));
        Assert.Equal(before, state.GradientNorm(), before * 1e-6);
        state.Update(1, 0, before);
        Assert.Equal(0.5, Math.Sqrt(network.parameters().Sum(p => p.grad!.square().sum().item<float>())), 4);
    }

    [Fact]
    public void TheAverageIsPutInAndTakenOutBitForBit()
    {
        using var scope = NewDisposeScope();
        var network = Network();
        using var state = new LearningState(new Dictionary<string, nn.Module> { ["net"] = network }, new OptimizerRecipe(), 0.5);
        var start = network.parameters().Select(p => p.detach().clone()).ToArray();
        network.call(Input(1)).sum().backward();
        state.Update(1, 0.1, state.GradientNorm());
        var after = network.parameters().Select(p => p.detach().clone()).ToArray();
        using (state.Averaged())
        {
            // (1 + 1) / (10 + 1) is kept of the start at the first step.
            foreach (var (p, (s, a)) in network.parameters().Zip(start.Zip(after)))
            {
                Assert.True((p - ((s * (2.0 / 11)) + (a * (9.0 / 11)))).abs().max().item<float>() < 1e-6);
            }

            Assert.Throws<InvalidOperationException>(() => state.Averaged());
        }

        Assert.All(network.parameters().Zip(after), x => Assert.True(x.First.eq(x.Second).all().item<bool>()));
    }

    [Fact]
    public void AForeignCheckpointChangesNothing()
    {
        using var scope = NewDisposeScope();
        var network = Network();
        using var state = new LearningState(new Dictionary<string, nn.Module> { ["net"] = network }, new OptimizerRecipe(), 0.5);
        var stored = state.Tensors().ToDictionary(t => t.Key, t => t.Value.detach().clone() + 1);
        stored["value.net.weight"] = zeros(1);
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():n}.safetensors");
        Weights.SaveTensors(path, stored);
        var before = network.parameters().Select(p => p.detach().clone()).ToArray();
        Assert.Equal("checkpoint-foreign", Assert.Throws<MoSarException>(() => state.Restore(path)).Code);
        File.Delete(path);
        Assert.All(network.parameters().Zip(before), x => Assert.True(x.First.eq(x.Second).all().item<bool>()));
    }

    [Fact]
    public void ARateForNoNetworkIsRefused()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<MoSarException>(() => new LearningState(
            new Dictionary<string, nn.Module> { ["encoder"] = Network() }, new OptimizerRecipe { Rates = new Dictionary<string, double> { ["decoder"] = 1 } }, 0));
        Assert.Equal("training-rate-unknown", e.Code);
        Assert.Contains("encoder", e.Remedy);
    }

    private static TorchSharp.Modules.Linear Network()
    {
        random.manual_seed(5);
        return nn.Linear(3, 2);
    }

    private static Tensor Input(int step)
    {
        random.manual_seed(step);
        return randn(4, 3);
    }
}
