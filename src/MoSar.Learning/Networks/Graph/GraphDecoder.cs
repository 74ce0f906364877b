using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// The graph half of 𝓕: products of α, from them features on the coarsest level, then up level by level with a convolution each. [B, K] → [V, B, 3]. Products,
/// because what heads have beside their linear basis is above all how much of a thing times where it lies: activated maps of α find them so slowly that
/// a graph without products stayed idle. Few, because thousands are learned by heart instead of understood (docs/graph.md).
/// </summary>
internal sealed class GraphDecoder : nn.Module<Tensor, Tensor>
{
    private readonly Linear amount, place, first;
    private readonly ModuleList<ChebyshevConvolution> convolutions;
    private readonly SparseMatrix[] _up;
    private readonly SparseMatrix? _spread;
    private readonly int _coarsest;

    public GraphDecoder(string name, MeshPyramid pyramid, int latents, PartGnnOptions options)
        : base(name)
    {
        var (finest, coarsest) = (options.FinestLevel, pyramid.Levels.Count - 1);
        _coarsest = pyramid.Levels[coarsest].Vertices.Length;
        var channels = options.Widths[coarsest - 1];
        (amount, place) = (nn.Linear(latents, options.Products), nn.Linear(latents, options.Products));
        first = nn.Linear(options.Products, _coarsest * channels);
        convolutions = new ModuleList<ChebyshevConvolution>();
        var up = new List<SparseMatrix>();
        for (var k = coarsest - 1; k >= finest; k--)
        {
            up.Add(SparseMatrix.UpSampling(pyramid.Steps[k]));
            convolutions.Add(Convolution(pyramid.Levels[k], channels, options.Widths[k]));
            channels = options.Widths[k];
        }

        convolutions.Add(Convolution(pyramid.Levels[finest], channels, 3));
        _up = [.. up];
        _spread = Product([.. pyramid.Steps.Take(finest).Select(SparseMatrix.UpSampling)]);
        RegisterComponents();
        PartGnn.Quieten(convolutions[convolutions.Count - 1].Weight);

        ChebyshevConvolution Convolution(MeshLevel level, int from, int to) =>
            new($"{name}.{convolutions.Count}", SparseMatrix.ScaledLaplacian(level.Vertices.Length, level.Edges), from, to, options.Order);
    }

    internal IReadOnlyList<ChebyshevConvolution> Convolutions => [.. convolutions];

    internal IReadOnlyList<SparseMatrix> Up => _up;

    internal SparseMatrix? Spread => _spread;

    public override Tensor forward(Tensor alpha)
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.elu(first.call(amount.call(alpha) * place.call(alpha)), 1).reshape(alpha.shape[0], _coarsest, -1).transpose(0, 1).contiguous();
        for (var k = 0; k < _up.Length; k++)
        {
            x = nn.functional.elu(convolutions[k].call(SparseProduct.Apply(_up[k], x)), 1);
        }

        x = convolutions[_up.Length].call(x);
        return (_spread is null ? x : SparseProduct.Apply(_spread, x)).MoveToOuterDisposeScope();
    }

    /// <summary>Steps from a level to the full mesh, the finest first, as one matrix.</summary>
    private static SparseMatrix? Product(SparseMatrix[] steps)
    {
        var product = steps.FirstOrDefault();
        foreach (var next in steps.Skip(1))
        {
            var before = product!;
            product = SparseMatrix.FromEntries(before.Rows, next.Columns, before.Entries().SelectMany(e =>
                Enumerable.Range(next.RowStart[e.Column], next.RowStart[e.Column + 1] - next.RowStart[e.Column]).Select(k => (e.Row, next.ColumnIndex[k], e.Value * next.Values[k]))));
        }

        return product;
    }
}
