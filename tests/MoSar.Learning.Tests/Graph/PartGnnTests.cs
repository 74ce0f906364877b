using MoSar.Learning.Networks;
using MoSar.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

/// <summary>The part-based autoencoder on a small sheet of two overlapping halves.</summary>
[ChecksTensorLeaks]
public sealed class PartGnnTests : IDisposable
{
    private const int Side = 9;

    private static readonly MeshPyramid Pyramid = Sheet();

    private static readonly MeshParts Halves = new(
        ["left", "right"],
        [[.. Enumerable.Range(0, Side * Side).Select(v => v % Side <= 5 ? 1f : 0f)], [.. Enumerable.Range(0, Side * Side).Select(v => v % Side >= 3 ? 1f : 0f)]]);

    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-gnn").FullName;

    [Fact]
    public void A_linear_family_comes_back_from_the_fit_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var shapes = randn(200, 6).matmul(randn(6, 3 * Side * Side)).reshape(200, -1, 3) + randn(1, Side * Side, 3);
        using var fit = PartLinearFit.Of(shapes, Halves, [3, 3]);
        using var network = Network();
        using var frozen = no_grad();
        network.Begin(fit);
        var deviation = shapes.std().item<float>();

        // The graphs whisper already.
        Assert.True((network.call(shapes) - shapes).abs().mean().item<float>() < 0.05f * deviation);
        var alpha = network.Encode(shapes);
        Assert.InRange(alpha.std().item<float>(), 0.9f, 1.1f);
    }

    [Fact]
    public void Each_coefficient_sees_its_own_part_only()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        manual_seed(2);
        using var network = Network();
        var shape = randn(2, Side * Side, 3);
        var moved = shape.clone();
        using (var corner = moved.narrow(1, Side - 1, 1))
        {
            corner.add_(1);
        }

        // Vertex 8 is the right end of the first row.
        var change = (network.Encode(moved) - network.Encode(shape)).abs().amax([0]);
        Assert.Equal(0, change.narrow(0, 0, 3).max().item<float>());
        Assert.True(change.narrow(0, 3, 3).min().item<float>() > 0);
    }

    [Fact]
    public void What_is_not_linear_is_learned_by_the_graph()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);

        // A sheet bent by one number: a circle's arc is no line.
        var (angle, place) = ((rand(256, 1) - 0.5) * 3, linspace(-1, 1, Side).repeat(Side).reshape(1, -1));
        var shapes = stack([(angle * place).sin() * 10, (angle * place).cos() * 10, place.expand(256, -1)], 2);
        using var fit = PartLinearFit.Of(shapes, Halves, [1, 1]);
        using var network = Network(1);
        network.Begin(fit);
        var linear = Error(network, shapes);

        // The linear ways stay as they are: what gets better is the graphs' doing.
        foreach (var (name, parameter) in network.named_parameters())
        {
            parameter.requires_grad = name != "decoder.basis" && !name.StartsWith("filters", StringComparison.Ordinal);
        }

        // At 60 steps it is at the start's error still or well below it, by what the processor rounds; at 300 between 0.3 and 0.65 of it.
        using var adam = optim.Adam(network.parameters().Where(p => p.requires_grad), 5e-3);
        for (var step = 0; step < 300; step++)
        {
            using var inner = NewDisposeScope();
            adam.zero_grad();
            (network.call(shapes) - shapes).square().mean().backward();
            adam.step();
        }

        var learned = Error(network, shapes);
        Assert.True(learned < 0.8f * linear, $"{learned} after, {linear} before");
    }

    [Fact]
    public void The_basis_is_refitted_to_what_the_graph_leaves()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        manual_seed(4);
        using var network = Network();
        var decoder = network.Decoder;
        var alpha = randn(50, 6);
        foreach (var weight in decoder.Graph.parameters())
        {
            weight.add_(0.1f * randn(weight.shape));
        }

        // Heads of this very graph and another basis: the refit finds that basis, whatever stood before.
        var heads = decoder.call(alpha);
        var basis = decoder.named_parameters().Single(p => p.name == "basis").parameter;
        var before = basis.clone();
        basis.add_(randn(basis.shape) * basis.std());
        Assert.True((decoder.call(alpha) - heads).abs().max().item<float>() > 0.1f);
        decoder.Refit([(alpha.narrow(0, 0, 30), heads.narrow(0, 0, 30)), (alpha.narrow(0, 30, 20), heads.narrow(0, 30, 20))]);
        Assert.True((basis - before).abs().max().item<float>() < 1e-4f * before.abs().max().item<float>());
    }

    [Fact]
    public void Weights_come_back_from_a_file()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using PartGnn first = Network(), second = Network();
        var path = Path.Combine(_folder, "w.safetensors");
        first.SaveWeights(path);
        second.LoadWeights(path);
        var shape = randn(2, Side * Side, 3);
        Assert.Equal(first.call(shape).bytes.ToArray(), second.call(shape).bytes.ToArray());
    }

    [Fact]
    public void Options_that_do_not_fit_are_named()
    {
        var e = Assert.Throws<ArgumentException>(() => new PartGnn(Pyramid, Halves, new PartGnnOptions { Latents = [3], Widths = [4, 8] }));
        Assert.Equal("1 numbers of coefficients are given for the parts left, right; each has one from 1", e.Message);
        e = Assert.Throws<ArgumentException>(() => new PartGnn(Pyramid, Halves, new PartGnnOptions { Latents = [3, 3] }));
        Assert.Equal("4 widths from level 1 are given for 3 levels; all but the coarsest have one", e.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static PartGnn Network(int latents = 3) => new(Pyramid, Halves, new PartGnnOptions { Latents = [latents, latents], Widths = [8, 16], FinestLevel = 1, LastSeesAll = false });

    private static float Error(PartGnn network, Tensor shapes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return (network.call(shapes) - shapes).square().sum([2]).sqrt().mean().item<float>();
    }

    /// <summary>A square grid of 9 × 9 vertices, then every second one, then every second one of those.</summary>
    private static MeshPyramid Sheet()
    {
        int[] sides = [Side, 5, 3];
        var levels = sides.Select((n, k) => new MeshLevel
        {
            Vertices = [.. Enumerable.Range(0, n * n).Select(i => ((i / n * Side) + (i % n)) << k)],
            Triangles = [.. Cells(n).SelectMany(c => (int[])[c, c + 1, c + n, c + 1, c + n + 1, c + n])],
            Edges = [.. Enumerable.Range(0, n * n).SelectMany(i => (int[])[.. i % n < n - 1 ? (int[])[i, i + 1] : [], .. i / n < n - 1 ? (int[])[i, i + n] : []])],
        }).ToArray();
        var steps = Enumerable.Range(0, 2).Select(k =>
        {
            var (fine, coarse) = (sides[k], sides[k + 1]);
            int[] down = [.. Enumerable.Range(0, coarse * coarse).Select(i => (2 * (i / coarse) * fine) + (2 * (i % coarse)))];
            int[] corners = [.. Enumerable.Range(0, fine * fine).SelectMany(i => (int[])[At(i / fine / 2, i % fine / 2), At((i / fine / 2) + (i / fine % 2), (i % fine / 2) + (i % fine % 2)), 0])];
            return new MeshStep(down, corners, [.. Enumerable.Repeat((float[])[.5f, .5f, 0], fine * fine).SelectMany(w => w)]);

            int At(int row, int column) => (row * coarse) + column;
        }).ToArray();
        return new MeshPyramid(levels, steps);

        static IEnumerable<int> Cells(int n) => Enumerable.Range(0, n * n).Where(i => i % n < n - 1 && i / n < n - 1);
    }
}
