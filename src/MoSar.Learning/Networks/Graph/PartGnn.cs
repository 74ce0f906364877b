using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// The part-based autoencoder of neutral heads (paper 3.1; Aliari et al. 2023): eight encoders 𝒢ᵢ, each of which sees its own part only, and one decoder 𝓕(α)
/// of the whole mesh. Both have a linear way on the full mesh, which a fit in closed form begins (<see cref="PartLinearFit"/>), and Chebyshev
/// convolutions on the levels below, which add what is not linear. Shapes are normalised by the training data's mean and deviation.
/// </summary>
public sealed class PartGnn : nn.Module<Tensor, Tensor>
{
    // Adam moves every weight by about the learning rate, however many act together. Of the linear ways thousands do, each small: they are kept in
    // these units, so that one rate fits them and the graphs (Karras et al. 2018, equalised learning rate).
    private const double FilterUnit = 1e-3;

    private readonly ModuleList<GraphEncoder> encoders;
    private readonly ParameterList filters;
    private readonly PartDecoder decoder;
    private readonly Tensor[] _own, _graph;

    /// <param name="pyramid">The template's levels.</param>
    /// <param name="parts">The template's parts, one a 𝒢ᵢ.</param>
    /// <exception cref="ArgumentException">The options do not fit them.</exception>
    public PartGnn(MeshPyramid pyramid, MeshParts parts, PartGnnOptions? options = null)
        : base("part-gnn")
    {
        options ??= new PartGnnOptions();
        if (options.Latents.Count != parts.Names.Count || options.Latents.Any(k => k < 1))
        {
            throw new ArgumentException($"{options.Latents.Count} numbers of coefficients are given for the parts {string.Join(", ", parts.Names)}; each has one from 1");
        }

        if (options.Widths.Count != pyramid.Levels.Count - 1 || options.FinestLevel < 0 || options.FinestLevel >= options.Widths.Count)
        {
            throw new ArgumentException($"{options.Widths.Count} widths from level {options.FinestLevel} are given for {pyramid.Levels.Count} levels; all but the coarsest have one");
        }

        (Options, VertexCount) = (options, pyramid.Levels[0].Vertices.Length);
        parts = options.Seen(parts);
        encoders = new ModuleList<GraphEncoder>();
        filters = new ParameterList();
        (_own, _graph) = (new Tensor[parts.Names.Count], new Tensor[parts.Names.Count]);
        for (var p = 0; p < parts.Names.Count; p++)
        {
            var weights = parts.Weights[p];
            encoders.Add(new GraphEncoder(parts.Names[p], pyramid, weights, options.Latents[p], options));
            _own[p] = Index([.. Enumerable.Range(0, VertexCount).Where(v => weights[v] > 0)]);
            _graph[p] = Index(encoders[p].Vertices);
            filters.Add(new Parameter(randn(3 * _own[p].shape[0], options.Latents[p]).div_(FilterUnit * Math.Sqrt(3.0 * _own[p].shape[0]))));
        }

        decoder = new PartDecoder(pyramid, options);
        RegisterComponents();
    }

    public PartGnnOptions Options { get; }

    public int VertexCount { get; }

    /// <summary>The length of α.</summary>
    public int LatentCount => Options.Latents.Sum();

    internal IReadOnlyList<GraphEncoder> Encoders => [.. encoders];

    /// <summary>𝓕; this network's own, do not dispose it.</summary>
    public PartDecoder Decoder => decoder;

    /// <summary>Positions in, positions out: [B, V, 3] mm.</summary>
    public override Tensor forward(Tensor positions)
    {
        using var alpha = Encode(positions);
        return decoder.call(alpha);
    }

    /// <summary>α of neutral heads in the template's own place and size, [B, K], the parts one after the other; about unit variance.</summary>
    /// <param name="positions">[B, V, 3] mm.</param>
    public Tensor Encode(Tensor positions)
    {
        using var scope = NewDisposeScope();
        var x = decoder.Normalised(positions);
        var alpha = new List<Tensor>();
        for (var p = 0; p < _own.Length; p++)
        {
            var own = x.index_select(1, _own[p]).reshape(x.shape[0], -1);
            var graph = x.index_select(1, _graph[p]).transpose(0, 1).contiguous();
            alpha.Add((own.matmul(filters[p]) * FilterUnit) + encoders[p].call(graph));
        }

        return cat(alpha, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Begins the linear ways with a fit; the graphs' weights stay as they are.</summary>
    public void Begin(PartLinearFit fit)
    {
        using var frozen = no_grad();
        decoder.Begin(fit);
        for (var p = 0; p < filters.Count; p++)
        {
            using var own = fit.Deviation.index_select(0, _own[p]).expand(_own[p].shape[0], 3).reshape(-1, 1);
            filters[p].copy_(fit.Filters[p] * own / FilterUnit);
        }
    }

    /// <summary>The graph ways begin as a whisper beside the linear ones.</summary>
    internal static void Quieten(params Parameter[] parameters)
    {
        using var frozen = no_grad();
        foreach (var p in parameters)
        {
            p.mul_(0.01);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var index in _own.Concat(_graph))
            {
                index.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private static Tensor Index(int[] values) => tensor([.. values.Select(v => (long)v)]).DetachFromDisposeScope();
}
