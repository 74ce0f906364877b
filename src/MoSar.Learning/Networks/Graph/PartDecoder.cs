using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>𝓕 of 3.1: the whole mesh from the coefficients of all parts, by a linear basis and what Chebyshev convolutions add to it.</summary>
public sealed class PartDecoder : ShapeDecoder
{
    /// <summary>In <see cref="ShapeDecoder.Description"/>.</summary>
    public const string Kind = "part-gnn";

    private const double BasisUnit = 0.02;

    private readonly GraphDecoder graph;
    private readonly Parameter basis;
    private readonly Tensor mean, deviation;
    private readonly PartGnnOptions options;

    public PartDecoder(MeshPyramid pyramid, PartGnnOptions options)
        : base("part-decoder")
    {
        this.options = options;
        var vertices = pyramid.Levels[0].Vertices.Length;
        graph = new GraphDecoder("graph", pyramid, LatentCount, options);
        basis = new Parameter(randn(LatentCount, 3L * vertices).mul_(0.1 / (BasisUnit * Math.Sqrt(LatentCount))));
        mean = zeros(vertices, 3).DetachFromDisposeScope();
        deviation = ones(vertices, 1).DetachFromDisposeScope();
        RegisterComponents();
        register_buffer("mean", mean);
        register_buffer("deviation", deviation);
    }

    public override int LatentCount => options.Latents.Sum();

    public override IReadOnlyDictionary<string, string> Description => new Dictionary<string, string>
    {
        ["shape"] = Kind,
        ["latents"] = Numbers(options.Latents),
        ["products"] = Numbers([options.Products]),
        ["widths"] = Numbers(options.Widths),
        ["finest_level"] = Numbers([options.FinestLevel]),
        ["order"] = Numbers([options.Order]),
    };

    internal GraphDecoder Graph => graph;

    public override Tensor forward(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        var linear = (alpha.matmul(basis) * BasisUnit).reshape(alpha.shape[0], -1, 3);
        var x = linear + graph.call(alpha).transpose(0, 1);
        return ((x * deviation) + mean).MoveToOuterDisposeScope();
    }

    /// <summary>What the graph adds to the linear part, [B, V, 3] mm.</summary>
    public Tensor Correction(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        return (graph.call(alpha).transpose(0, 1) * deviation).MoveToOuterDisposeScope();
    }

    internal static PartGnnOptions Options(IReadOnlyDictionary<string, string> description) => new()
    {
        Latents = Numbers(description["latents"]),
        Products = Numbers(description["products"])[0],
        Widths = Numbers(description["widths"]),
        FinestLevel = Numbers(description["finest_level"])[0],
        Order = Numbers(description["order"])[0],
    };

    internal Tensor Normalised(Tensor positions) => (positions - mean) / deviation;

    internal void Begin(PartLinearFit fit)
    {
        using var frozen = no_grad();
        mean.copy_(fit.Mean);
        deviation.copy_(fit.Deviation);
        using var spread = fit.Deviation.expand(mean.shape[0], 3).reshape(1, -1);
        basis.copy_(fit.Basis / (spread * BasisUnit));
    }

    private static string Numbers(IEnumerable<int> values) => string.Join(',', values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    private static int[] Numbers(string text) => [.. text.Split(',').Select(t => int.Parse(t, CultureInfo.InvariantCulture))];
}
