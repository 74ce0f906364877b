using BenchmarkDotNet.Attributes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>What a call costs, and what training costs. torch_twin.py does the same work.</summary>
[MemoryDiagnoser]
public class TorchBenchmarks
{
    private readonly Tensor _small = ones(4);
    private readonly Tensor _tracked = ones(4, requires_grad: true);
    private readonly ConvTraining _plain = new(channelsLast: false, bfloat16: false);
    private readonly ConvTraining _channelsLast = new(channelsLast: true, bfloat16: false);
    private readonly ConvTraining _bfloat16 = new(channelsLast: true, bfloat16: true);
    private readonly AdamStep _adam = new();

    [Benchmark]
    public void Call()
    {
        using Tensor sum = _small + _small;
    }

    [Benchmark]
    public void CallWithGradient()
    {
        using Tensor sum = _tracked + _small;
    }

    [Benchmark]
    public void CallWithNumber()
    {
        using Tensor product = _small * 2.0;
    }

    [Benchmark]
    public void ConvTrainingNchw() => _plain.Step();

    [Benchmark]
    public void ConvTrainingChannelsLast() => _channelsLast.Step();

    [Benchmark]
    public void ConvTrainingChannelsLastBFloat16() => _bfloat16.Step();

    [Benchmark]
    public void AdamMillionParameters() => _adam.Step();
}

/// <summary>Three 3×3 convolutions with 64 channels on [4, 64, 56, 56]: forward, backward, Adam. 33 GFLOP with the backward passes.</summary>
internal sealed class ConvTraining
{
    private readonly Sequential _net;
    private readonly Adam _adam;
    private readonly Tensor _input;
    private readonly bool _bfloat16;

    internal ConvTraining(bool channelsLast, bool bfloat16)
    {
        _bfloat16 = bfloat16;
        manual_seed(1);
        _net = nn.Sequential(nn.Conv2d(64, 64, 3, padding: 1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding: 1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding: 1));
        _input = randn(4, 64, 56, 56);
        if (channelsLast)
        {
            _net.to_channels_last();
            _input = _input.to_channels_last();
        }
        _adam = optim.Adam(_net.parameters(), 1e-4);
    }

    internal void Step()
    {
        using DisposeScope scope = NewDisposeScope();
        _adam.zero_grad();
        Tensor output;
        using (_bfloat16 ? Precision.Autocast() : null)
            output = _net.call(_input);
        output.@float().square().mean().backward();
        _adam.step();
    }
}

/// <summary>One Adam step over 20 tensors of 50,000 float32.</summary>
internal sealed class AdamStep
{
    private readonly Adam _adam;

    internal AdamStep()
    {
        Parameter[] parameters = Enumerable.Range(0, 20).Select(_ => new Parameter(randn(50_000))).ToArray();
        foreach (Parameter p in parameters)
            p.grad = randn(50_000);
        _adam = optim.Adam(parameters, 1e-4);
    }

    internal void Step() => _adam.step();
}

/// <summary>The same work by the names that torch_twin.py prints.</summary>
internal static class TorchTwins
{
    internal static IReadOnlyList<Twin> All()
    {
        var b = new TorchBenchmarks();
        return
        [
            new("a call: add of 4 elements", b.Call, 2_000),
            new("a call that autograd records", b.CallWithGradient, 2_000),
            new("a call with a number: mul by 2.0", b.CallWithNumber, 2_000),
            new("Adam step, 1 M parameters", b.AdamMillionParameters, 1),
            new("conv training step, NCHW", b.ConvTrainingNchw, 1),
            new("conv training step, channels-last", b.ConvTrainingChannelsLast, 1),
            new("conv training step, channels-last bfloat16", b.ConvTrainingChannelsLastBFloat16, 1),
        ];
    }
}
