using BenchmarkDotNet.Attributes;
using MoSar.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>Eq. 5–8 on 512×512 texels with gradients of every input. shading_twin.py does the same in eager operators.</summary>
[MemoryDiagnoser]
public class ShadingBenchmarks
{
    private const int Side = 512;
    private readonly Tensor[] _inputs = MakeInputs();

    [Benchmark]
    public void Forward()
    {
        using var frozen = no_grad();
        using Tensor shaded = Shade(_inputs);
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] leaves = [.. _inputs.Select(t => t.detach().requires_grad_(true))];
        Shade(leaves).sum().backward();
    }

    /// <summary>The lines of the table.</summary>
    public static IReadOnlyList<Twin> Twins()
    {
        var work = new ShadingBenchmarks();
        return [new("shading 512x512, forward", work.Forward, 3), new("shading 512x512, forward and backward", work.ForwardAndBackward, 3)];
    }

    private static Tensor Shade(Tensor[] i) => DifferentiableShading.Shade(i[0], i[1], i[2], i[3], i[4], i[5], i[6]);

    private static Tensor[] MakeInputs()
    {
        manual_seed(1);
        static Tensor Unit(Tensor t) => t / (t * t).sum(1, keepdim: true).sqrt();
        return
        [
            rand(1, 3, Side, Side), rand(1, 1, Side, Side), rand(1, 1, Side, Side), (rand(1, 1, Side, Side) * 0.5) + 0.5,
            Unit(randn(1, 3, Side, Side)), Unit(randn(1, 3, Side, Side)), randn(1, 81, 3),
        ];
    }
}
