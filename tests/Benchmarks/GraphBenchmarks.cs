using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using MoSar.Faces;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>Graph convolutions and the part-based autoencoder on the shipped template's levels. graph_twin.py does the same work with torch.sparse.</summary>
internal sealed class GraphBenchmarks
{
    internal const int Batch = 16, Channels = 16;

    private readonly PartGnn _network;
    private readonly ChebyshevConvolution _convolution;
    private readonly SparseMatrix _laplacian;
    private readonly MeshParts _parts;
    private readonly Tensor _positions, _features, _tracked, _upstream;

    internal GraphBenchmarks()
    {
        var (pyramid, parts) = FaceModel.Load("samples/models/face.safetensors").RequireLevels();
        _parts = new PartGnnOptions().Seen(parts);
        manual_seed(1);
        _network = new PartGnn(pyramid, parts);
        var level = pyramid.Levels[0];
        _laplacian = SparseMatrix.ScaledLaplacian(level.Vertices.Length, level.Edges);
        _convolution = new ChebyshevConvolution("full", _laplacian, Channels, Channels);
        _positions = randn(Batch, level.Vertices.Length, 3);
        _features = randn(level.Vertices.Length, Batch, Channels);
        _tracked = randn(level.Vertices.Length, Batch, Channels).requires_grad_();
        _upstream = randn(level.Vertices.Length, Batch, Channels);
    }

    internal IReadOnlyList<Twin> Twins() =>
    [
        new("sparse product, 13636 vertices, 256 wide", Product, 1),
        new("Chebyshev 16 to 16, K = 6, forward", Convolve, 1),
        new("Chebyshev 16 to 16, K = 6, with backward", ConvolveBack, 1),
        new("part GNN, batch 16, forward", Forward, 1),
        new("part GNN, batch 16, forward and backward", ForwardAndBack, 1),
    ];

    /// <summary>The graphs, for the twin.</summary>
    internal void WriteScene(string path)
    {
        var writer = new SafetensorsWriter();
        Add("full", _laplacian);
        for (var p = 0; p < _network.Encoders.Count; p++)
        {
            var encoder = _network.Encoders[p];
            Index($"own{p}", Enumerable.Range(0, _network.VertexCount).Where(v => _parts.Weights[p][v] > 0));
            Index($"graph{p}", encoder.Vertices);
            for (var k = 0; k < encoder.Down.Count; k++)
            {
                Add($"encoder{p}.{k}", encoder.Convolutions[k].Laplacian);
                Index($"down{p}.{k}", encoder.Down[k].ColumnIndex);
            }
        }

        for (var k = 0; k < _network.Decoder.Graph.Convolutions.Count; k++)
        {
            Add($"decoder.{k}", _network.Decoder.Graph.Convolutions[k].Laplacian);
        }

        for (var k = 0; k < _network.Decoder.Graph.Up.Count; k++)
        {
            Add($"up.{k}", _network.Decoder.Graph.Up[k]);
        }

        Add("spread", _network.Decoder.Graph.Spread!);
        writer.Metadata["latents"] = string.Join(',', _network.Options.Latents);
        writer.Save(path);

        void Add(string name, SparseMatrix matrix)
        {
            Index($"{name}.rows", matrix.Entries().Select(e => e.Row));
            Index($"{name}.columns", matrix.ColumnIndex);
            writer.Add(name + ".values", matrix.Values, matrix.Values.Length);
            Index($"{name}.size", [matrix.Rows, matrix.Columns]);
        }

        void Index(string name, IEnumerable<int> values)
        {
            long[] all = [.. values.Select(v => (long)v)];
            writer.Add(name, all, all.Length);
        }
    }

    /// <summary>The kernels beside what this machine can do: bytes from and to memory at best, and multiply-adds in registers.</summary>
    internal int PrintShares()
    {
        const int k = ChebyshevConvolution.DefaultOrder;
        double plane = 4.0 * _laplacian.Rows * Batch * Channels;
        double copy = Best(Copy), product = Best(Product), forward = Best(Convolve), flops = Flops();
        var bandwidth = 2 * plane / copy;

        // A term reads the two before it and is written, and the output is read and written beside each; neighbours come from the cache.
        var traffic = plane * (1 + 1 + ((k - 1) * 5.0));
        var work = 2.0 * _laplacian.Rows * Batch * Channels * ((k * Channels) + ((k - 1) * (double)_laplacian.Values.Length / _laplacian.Rows));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"copying a plane of {plane / 1e6:f0} MB: {bandwidth / 1e9:f1} GB/s; multiply-adds in registers: {flops / 1e9:f0} GFLOP/s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sparse product: {2 * plane / product / bandwidth:p0} of the bandwidth"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"convolution forward: {traffic / forward / bandwidth:p0} of the bandwidth, {work / forward / 1e9:f1} GFLOP/s ({work / forward / flops:p0} of the peak)"));
        return 0;
    }

    private void Product()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        SparseProduct.Apply(_laplacian, _features);
    }

    private void Convolve()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        _convolution.call(_features);
    }

    private void ConvolveBack()
    {
        using var scope = NewDisposeScope();
        _convolution.zero_grad();
        _tracked.grad = null;
        (_convolution.call(_tracked) * _upstream).sum().backward();
    }

    private void Forward()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        _network.call(_positions);
    }

    private void ForwardAndBack()
    {
        using var scope = NewDisposeScope();
        _network.zero_grad();
        _network.call(_positions).square().mean().backward();
    }

    private void Copy()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        _upstream.copy_(_features);
    }

    private static double Best(Action run)
    {
        run();
        var best = double.PositiveInfinity;
        for (var i = 0; i < 30; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Independent chains of fused multiply-adds on all cores.</summary>
    private static double Flops()
    {
        const int rounds = 2_000_000;
        var sink = new float[Environment.ProcessorCount];
        var seconds = Best(() => Parallel.For(0, sink.Length, core =>
        {
            var (x, y) = (Vector512.Create(1.0001f), Vector512.Create(0.5f));
            Vector512<float> a = x, b = y, c = x, d = y, e = x, f = y, g = x, h = y;
            for (var i = 0; i < rounds; i++)
            {
                a = Vector512.FusedMultiplyAdd(a, x, y);
                b = Vector512.FusedMultiplyAdd(b, x, y);
                c = Vector512.FusedMultiplyAdd(c, x, y);
                d = Vector512.FusedMultiplyAdd(d, x, y);
                e = Vector512.FusedMultiplyAdd(e, x, y);
                f = Vector512.FusedMultiplyAdd(f, x, y);
                g = Vector512.FusedMultiplyAdd(g, x, y);
                h = Vector512.FusedMultiplyAdd(h, x, y);
            }

            sink[core] = Vector512.Sum(a + b + c + d + e + f + g + h);
        }));
        return 8.0 * 16 * 2 * rounds * sink.Length / seconds;
    }
}
