using System.Text.Json;
using MoSar.Graphics.Tests;
using MoSar.Learning;
using MoSar.Learning.Training;
using MoSar.Plugins.ReconstructionLosses;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses.Tests;

public sealed class LossTermTests
{
    private static readonly Mesh s_head = Bodies.Head(9, 12);

    /// <summary>λ of the supplementary, section 1; 1 for the dense landmarks, which it has not.</summary>
    [Fact]
    public void The_registered_terms_are_those_of_the_plugin_file_with_the_papers_weights()
    {
        var registry = new Registry();
        new LossesModule().Register(registry);
        using var file = JsonDocument.Parse(File.ReadAllText(MoSar.Testing.Repository.Folder("plugins", "Losses.Reconstruction", "plugin.json")));
        Assert.Equal(file.RootElement.GetProperty("stages").EnumerateArray().Select(s => s.GetString()!), registry.Made.Keys);
        Assert.Equal([0.1, 0.001, 1, 0.1, 0.001, 0.1, 0.1, 1, 0.1], registry.Made.Values.Select(t => t.DefaultWeight));
    }

    [Fact]
    public void Every_term_is_a_scalar_whose_gradient_reaches_its_estimates()
    {
        var registry = new Registry();
        new LossesModule().Register(registry);
        foreach (var (id, term) in registry.Made)
        {
            using var scope = NewDisposeScope();
            var values = Values();
            var loss = term.Evaluate(new LossInput(term.Needs.ToDictionary(n => n, n => values[n]), Template()));
            Assert.Equal(0, loss.dim());
            loss.backward();
            Assert.True(loss.isfinite().item<bool>(), id);
            Assert.Contains(term.Needs, n => values[n].requires_grad && values[n].grad is { } g && g.abs().max().item<float>() > 0);
            Assert.DoesNotContain(term.Needs, n => values[n].requires_grad && values[n].grad is { } g && !g.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void A_mask_takes_vertices_out_of_the_photo_term()
    {
        using var scope = NewDisposeScope();
        var values = Values();
        values["target.mask"] = zeros(2, 1, 32, 32);
        var term = new PhotoTerm(new PhotoOptions { Masked = true });
        Assert.Equal(0, term.Evaluate(new LossInput(values, null)).item<float>());
        values["target.mask"] = ones(2, 1, 32, 32);
        Assert.Equal(new PhotoTerm(new PhotoOptions()).Evaluate(new LossInput(values, null)).item<float>(), term.Evaluate(new LossInput(values, null)).item<float>(), 1e-6f);
    }

    [Fact]
    public void Regions_weigh_and_wrong_ones_are_named()
    {
        using var scope = NewDisposeScope();
        var values = Values();
        values["vertices"] = values["target.vertices"] + tensor(new float[] { 0, 3, 0 });
        Assert.Equal(3, new VertexTerm(new VertexOptions { Region = "face" }).Evaluate(new LossInput(values, Template())).item<float>(), 1e-3f);
        var error = Assert.Throws<MoSarException>(() => new VertexTerm(new VertexOptions { Region = "fase" }).Evaluate(new LossInput(values, Template())));
        Assert.Equal(("loss-region", "It has: face."), (error.Code, error.Remedy));
    }

    [Fact]
    public void What_is_missing_is_said()
    {
        Assert.Equal("loss-model", Assert.Throws<MoSarException>(() => new LaplacianTerm(new LaplacianOptions { Relative = true })).Code);
        var values = Values();
        Assert.Equal("loss-template", Assert.Throws<MoSarException>(() => new LaplacianTerm(new LaplacianOptions()).Evaluate(new LossInput(values, null))).Code);
    }

    private static FaceTemplate Template() => s_head.Template with
    {
        Regions = new Dictionary<string, float[]> { ["face"] = [.. s_head.Positions.Select(p => p.Z > 0 ? 1f : 0)] },
        Landmarks = [.. Enumerable.Range(0, 68).Select(i => new SurfacePoint(i, new(1, 0, 0)))],
        JawCandidates = [.. Enumerable.Range(0, 17).Select(i => new[] { new SurfacePoint(i, new(0, 1, 0)), new SurfacePoint(i + 40, new(0, 0, 1)) })],
    };

    private static Dictionary<string, Tensor> Values()
    {
        manual_seed(1);
        var v = s_head.Positions.Length;
        var truth = tensor(s_head.Positions.SelectMany(p => new[] { p.X, p.Y, p.Z }).ToArray(), [1, v, 3]).repeat(2, 1, 1);
        Tensor Leaf(Tensor t) => t.detach().requires_grad_(true);
        return new Dictionary<string, Tensor>
        {
            ["vertices"] = Leaf(truth + randn(2, v, 3)),
            ["neutral"] = Leaf(truth + randn(2, v, 3)),
            ["normals"] = Leaf(nn.functional.normalize(randn(2, v, 3), 2, 2)),
            ["colours"] = Leaf(rand(2, v, 3)),
            ["projected"] = Leaf((rand(2, v, 2) * 30) + 1),
            ["visible"] = ones(2, v),
            ["expression"] = Leaf(rand(2, 5)),
            ["albedo"] = Leaf(randn(2, 4)),
            ["light"] = Leaf(randn(2, 9, 3)),
            ["image"] = rand(2, 3, 32, 32),
            ["target.vertices"] = truth,
            ["target.neutral"] = truth,
            ["target.landmarks"] = rand(2, 68, 2) * 32,
            ["target.landmark_weights"] = ones(2, 68),
            ["dense"] = Leaf(rand(2, 6, 3)),
            ["dense_log_error"] = Leaf(randn(2, 6, 2)),
            ["dense_spread"] = Leaf(rand(2, 6)),
            ["target.dense"] = rand(2, 6, 3),
        };
    }

    private sealed class Registry : IStageRegistry
    {
        public Dictionary<string, ILossTerm> Made { get; } = [];

        public void Add<TRole, TOptions>(string id, string description, Func<TOptions, TRole> create)
            where TRole : class
            where TOptions : class, new() => Made.Add(id, (ILossTerm)create(new TOptions()));
    }
}
