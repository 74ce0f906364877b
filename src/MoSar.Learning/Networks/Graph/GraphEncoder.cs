using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>One 𝒢ᵢ: convolutions on a part's share of each level, down to a few vertices, and a linear layer. [W, B, 3] → [B, latents].</summary>
internal sealed class GraphEncoder : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<ChebyshevConvolution> convolutions;
    private readonly Linear last;
    private readonly SparseMatrix[] _down;

    /// <param name="weights">V weights of the part; above 0 is in it.</param>
    public GraphEncoder(string name, MeshPyramid pyramid, float[] weights, int latents, PartGnnOptions options)
        : base(name)
    {
        var levels = pyramid.Levels.Skip(options.FinestLevel).Select(l => Share(l, weights)).ToArray();
        _down = [.. levels.SkipLast(1).Zip(levels.Skip(1), (fine, coarse) => SparseMatrix.Selection([.. coarse.Vertices.Select(v => Array.BinarySearch(fine.Vertices, v))], fine.Vertices.Length))];
        Vertices = levels[0].Vertices;
        convolutions = new ModuleList<ChebyshevConvolution>();
        var channels = 3;
        for (var k = 0; k + 1 < levels.Length; k++)
        {
            var width = options.Widths[options.FinestLevel + k];
            convolutions.Add(new ChebyshevConvolution($"{name}.{k}", SparseMatrix.ScaledLaplacian(levels[k].Vertices.Length, levels[k].Edges), channels, width, options.Order));
            channels = width;
        }

        last = nn.Linear(channels * levels[^1].Vertices.Length, latents);
        RegisterComponents();
        PartGnn.Quieten(last.weight, last.bias!);
    }

    /// <summary>The template's vertices that go in.</summary>
    public int[] Vertices { get; }

    internal IReadOnlyList<ChebyshevConvolution> Convolutions => [.. convolutions];

    internal IReadOnlyList<SparseMatrix> Down => _down;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var k = 0; k < _down.Length; k++)
        {
            x = SparseProduct.Apply(_down[k], nn.functional.elu(convolutions[k].call(x), 1));
        }

        return last.call(x.transpose(0, 1).reshape(x.shape[1], -1)).MoveToOuterDisposeScope();
    }

    /// <summary>The part's vertices of a level and the edges between them.</summary>
    private static (int[] Vertices, int[] Edges) Share(MeshLevel level, float[] weights)
    {
        var own = new Dictionary<int, int>();
        for (var i = 0; i < level.Vertices.Length; i++)
        {
            if (weights[level.Vertices[i]] > 0)
            {
                own.Add(i, own.Count);
            }
        }

        var edges = level.Edges.Chunk(2).Where(e => own.ContainsKey(e[0]) && own.ContainsKey(e[1])).SelectMany(e => (int[])[own[e[0]], own[e[1]]]);
        return ([.. own.Keys.Select(i => level.Vertices[i])], [.. edges]);
    }
}
