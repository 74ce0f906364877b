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

    private const double BasisUnit = 0.02, Ridge = 1e-6;

    private readonly GraphDecoder graph;
    private readonly Parameter basis;
    private readonly Tensor mean, deviation, usual, habits;
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
        usual = zeros(LatentCount).DetachFromDisposeScope();
        habits = eye(LatentCount).DetachFromDisposeScope();
        RegisterComponents();
        register_buffer("mean", mean);
        register_buffer("usual", usual);
        register_buffer("habits", habits);
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

    /// <summary>Of the heads that it was trained with: parts of one face go together, so that their coefficients do.</summary>
    public override (Tensor Mean, Tensor Factor)? Habits => (usual, habits);

    public override Tensor forward(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        var linear = (alpha.matmul(basis) * BasisUnit).reshape(alpha.shape[0], -1, 3);
        var x = linear + graph.call(alpha).transpose(0, 1);
        return ((x * deviation) + mean).MoveToOuterDisposeScope();
    }

    public override (Tensor Mean, Tensor Basis) LinearPart(Tensor vertices)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var spread = deviation.index_select(0, vertices);
        var directions = basis.reshape(LatentCount, -1, 3).index_select(1, vertices) * spread * BasisUnit;
        return (mean.index_select(0, vertices).MoveToOuterDisposeScope(), directions.MoveToOuterDisposeScope());
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

    /// <summary>Learns <see cref="Habits"/>.</summary>
    /// <param name="alpha">Of many heads, [N, K].</param>
    public void Expect(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var middle = alpha.mean([0]);
        var centred = (alpha - middle).to(ScalarType.Float64);
        var covariance = centred.t().matmul(centred) / alpha.shape[0];

        // A coefficient that no head uses is still allowed a hundredth.
        usual.copy_(middle);
        habits.copy_(linalg.cholesky(covariance + (1e-4 * eye(LatentCount, dtype: ScalarType.Float64))).t());
    }

    /// <summary>Puts the linear basis where, with what the graph adds, squared errors are least: once the graph has learned, what it left is no longer what the first basis was fitted to.</summary>
    /// <param name="batches">Of many heads: α [B, K], and the positions that belong to it [B, V, 3] mm.</param>
    public void Refit(IEnumerable<(Tensor Alpha, Tensor Positions)> batches)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var moments = zeros(LatentCount, LatentCount, dtype: ScalarType.Float64);
        var cross = zeros(basis.shape);
        foreach (var (alpha, positions) in batches)
        {
            using var batch = NewDisposeScope();
            var left = Normalised(positions) - graph.call(alpha).transpose(0, 1);
            var exact = alpha.to(ScalarType.Float64);
            moments.add_(exact.t().matmul(exact));
            cross.add_(alpha.t().matmul(left.reshape(alpha.shape[0], -1)));
        }

        // A coefficient that no head uses keeps no way.
        moments.add_(eye(LatentCount, dtype: ScalarType.Float64) * (Ridge * moments.diagonal().mean()));
        basis.copy_(linalg.solve(moments, cross.to(ScalarType.Float64)).to(float32) / BasisUnit);
    }

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
