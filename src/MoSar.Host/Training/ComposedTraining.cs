using MoSar.Host.Composition;
using MoSar.Host.Data;
using MoSar.Host.Manifests;
using MoSar.Learning.Data;
using MoSar.Learning.Training;
using TorchSharp;

namespace MoSar.Host.Training;

/// <summary>The <c>training:</c> of a manifest made real: data listed, learner and losses constructed. Owns all of it.</summary>
public sealed class ComposedTraining : IDisposable
{
    private readonly ComposedData data;
    private readonly IReadOnlyDictionary<string, object> made;

    private ComposedTraining(ComposedData data, IReadOnlyDictionary<string, object> made)
    {
        (this.data, this.made) = (data, made);
        Learner = (ILearner)made[Choice.Learner.Path];
        Losses = [.. Choice.Losses.Select(l =>
        {
            var term = (ILossTerm)made[l.Stage.Path];
            return new WeighedLoss(l.Stage.Path[(Slot.Losses.Name.Length + 1)..], term, l.Options.Weight ?? term.DefaultWeight, l.Options.Sources);
        })];
        Mix = BatchStream.Rows(
            Choice.Recipe.Mix.Count > 0 ? [.. Choice.Recipe.Mix.Select(m => (m.Key, m.Value))] : [.. data.Dataset.Sources.Select(s => (s.Name, 1.0))], Choice.Recipe.Batch);
        var first = Mix[0];
        Steps = Choice.Recipe.Epochs is { } epochs
            ? (int)Math.Ceiling(epochs * data.Dataset.Entries(DatasetSplit.Train, first.Name).Count / first.Rows)
            : Choice.Recipe.Steps;
    }

    public ComposedData Data => data;

    public ResolvedManifest Manifest => data.Manifest;

    public TrainingChoice Choice => data.Manifest.Training!;

    public ILearner Learner { get; }

    public IReadOnlyList<WeighedLoss> Losses { get; }

    /// <summary>Rows of each source in a batch.</summary>
    public IReadOnlyList<(string Name, int Rows)> Mix { get; }

    /// <summary>Of the whole training.</summary>
    public int Steps { get; }

    /// <param name="tree">The merged manifest; needs <c>data:</c> and <c>training:</c>.</param>
    /// <exception cref="ManifestException">All that is wrong with it; nothing was decoded or written.</exception>
    /// <exception cref="MoSarException">The mixture or the networks' rates do not fit the batch or the learner.</exception>
    public static ComposedTraining Compose(ManifestTree tree, IReadOnlyList<string> pluginFolders)
    {
        if (tree.Root["training"] is null)
        {
            throw new ManifestException(new ManifestProblem("manifest-key-missing", tree.Root.Location, "this manifest has no 'training'", "'training:' with 'learner' and 'losses'"));
        }

        var data = ComposedData.Compose(tree, pluginFolders);
        IReadOnlyDictionary<string, object>? made = null;
        try
        {
            var training = data.Manifest.Training!;

            // The first weights are drawn while the learner is made.
            torch.random.manual_seed(training.Learner.SeedFor(data.Manifest.Header.Seed));
            made = new StageFactory().Make(training.Stages);
            return new ComposedTraining(data, made);
        }
        catch
        {
            Free(made);
            data.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Free(made);
        data.Dispose();
    }

    private static void Free(IReadOnlyDictionary<string, object>? made)
    {
        foreach (var stage in made?.Values.OfType<IDisposable>() ?? [])
        {
            stage.Dispose();
        }
    }
}
