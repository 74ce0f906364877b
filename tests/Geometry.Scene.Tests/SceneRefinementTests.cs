using MoSar.Faces;
using MoSar.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

/// <summary>Refined together, each photograph comes out as if it were alone.</summary>
public sealed class SceneRefinementTests
{
    private const int Side = 128;

    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Fact]
    public void TogetherIsAsAlone()
    {
        using var scope = NewDisposeScope();
        var options = new SceneOptions { Refinement = 60, Tolerance = 0.04, LandmarkWeight = 0.01, PriorWeight = 0.05, IdentityWeight = 1 };
        using var shape = SceneNetwork.LinearOf(Model);
        using var decoder = new SceneDecoder(Model, shape);
        using var refinement = new SceneRefinement(options, decoder, Model.Template, [], Side);
        var generator = new Generator(3);
        var start = zeros(3, decoder.Length);
        var images = rand([3, 3, Side, Side], generator: generator) * 0.5f;
        var principal = full([3, 2], Side / 2f, float32);

        // Where the mean head is, and ever farther away: they converge after different times.
        var marks = new LandmarkLoss(Model.Template).Project(decoder.Decode(start, principal, Side).Projected);
        marks = marks + (randn([3, 68, 2], generator: generator) * tensor(new[] { 0f, 2, 6 }).reshape(3, 1, 1));
        var evidence = new SceneEvidence(images, principal, marks, ones(3, 68), ones(3), null);

        var steps = new int[3];
        StageContext[] contexts = [.. Enumerable.Range(0, 3).Select(i => StageContext.None with { Progress = new Count(() => steps[i]++) })];
        var together = refinement.Run(start, evidence, contexts);
        for (var i = 0; i < 3; i++)
        {
            var alone = refinement.Run(start.narrow(0, i, 1), evidence.Only(tensor(new long[] { i })), [StageContext.None]);
            Assert.True((alone[0] - together[i]).abs().mean().item<float>() < 1e-3f, $"row {i}");
            Assert.True((alone[0] - start[i]).abs().mean().item<float>() > 5e-3f, $"row {i} did not move");
        }

        Assert.True(steps.Distinct().Count() > 1, $"all stopped together, {string.Join(" ", steps)}");
    }

    [Fact]
    public void ACancelledRowStopsAlone()
    {
        using var scope = NewDisposeScope();
        using var shape = SceneNetwork.LinearOf(Model);
        using var decoder = new SceneDecoder(Model, shape);
        using var refinement = new SceneRefinement(new SceneOptions { Refinement = 20, Tolerance = 0 }, decoder, Model.Template, [], Side);
        var start = zeros(2, decoder.Length);
        var evidence = new SceneEvidence(full([2, 3, Side, Side], 0.2f), full([2, 2], Side / 2f, float32), full([2, 68, 2], Side / 2f, float32), ones(2, 68), ones(2), null);
        var found = refinement.Run(start, evidence, [StageContext.None with { Cancellation = new CancellationToken(canceled: true) }, StageContext.None]);
        Assert.Equal(0, found[0].abs().max().item<float>());
        Assert.True(found[1].abs().max().item<float>() > 0.05f);
    }

    private sealed class Count(Action on) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => on();
    }
}
