using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Learning.Data;
using MoSar.Learning.Training;

namespace MoSar.Host.Composition;

/// <summary>The keys of a manifest beside <c>pipeline</c>, <c>data</c>, <c>training</c>, <c>evaluation</c> and <c>extends</c>.</summary>
public sealed record ManifestHeader
{
    [Required]
    [AllowedValues(ManifestTree.Schema)]
    [Description("Version of the manifest's format.")]
    public string Schema { get; init; } = ManifestTree.Schema;

    [Description("A short name, shown in reports.")]
    public string Name { get; init; } = "unnamed";

    [Description("What it is for, one line.")]
    public string Description { get; init; } = string.Empty;

    [Range(0, int.MaxValue)]
    [Description("The only source of randomness of a run.")]
    public int Seed { get; init; } = 1;

    [Range(16, 8192)]
    [Description("Side in texels at which the texture is projected, completed and estimated from.")]
    public int TextureResolution { get; init; } = 1024;

    [Range(16, 16384)]
    [Description("Side in texels of the maps that are written.")]
    public int OutputResolution { get; init; } = 4096;

    [ManifestPath]
    [Description("Further folders with plugins.")]
    public IReadOnlyList<string> Plugins { get; init; } = [];
}

/// <summary>A stage that a manifest chose.</summary>
/// <param name="Path">Where: <c>geometry</c>, <c>maps.baked</c>.</param>
/// <param name="Slot">Its place in the pipeline.</param>
/// <param name="Registration">The stage.</param>
/// <param name="Options">Bound and checked.</param>
/// <param name="Node">The keys as written.</param>
public sealed record StageChoice(string Path, Slot Slot, StageRegistration Registration, object Options, MappingNode Node)
{
    /// <summary>Where the stage's id is written, for problems that the stage itself finds.</summary>
    public Location Location => Node["stage"]!.Value.Location;

    /// <summary>The stage's own seed: another stage added or removed before it changes nothing for it.</summary>
    public int SeedFor(int runSeed)
    {
        // FNV-1a over the path, then mixed with the run's seed. Stable across processes, which string.GetHashCode is not.
        var hash = 2166136261u;
        foreach (var c in Path)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)((hash ^ ((uint)runSeed * 2654435769u)) & 0x7fffffff);
    }
}

/// <summary>What <c>data:</c> says: where samples come from and how they are delivered.</summary>
/// <param name="Options">Bound and checked.</param>
/// <param name="Sources">The dataset sources; their paths are <c>sources.NAME</c>.</param>
/// <param name="Node">The keys as written.</param>
public sealed record DataChoice(DataOptions Options, IReadOnlyList<StageChoice> Sources, MappingNode Node);

/// <summary>The keys of a loss beside its stage's options.</summary>
public sealed record LossOptions
{
    [Range(0.0, 1e9)]
    [Description("Its weight λ in the sum. Nothing: the paper's.")]
    public double? Weight { get; init; }

    [Description("Names of the sources whose samples it sees. Nothing: all.")]
    public IReadOnlyList<string> Sources { get; init; } = [];
}

/// <param name="Stage">The loss term; its path is <c>losses.NAME</c>.</param>
/// <param name="Options">Bound and checked.</param>
public sealed record LossChoice(StageChoice Stage, LossOptions Options);

/// <summary>What <c>training:</c> says.</summary>
/// <param name="Recipe">Bound and checked.</param>
/// <param name="Learner">What is trained.</param>
/// <param name="Losses">In the manifest's order; at least one.</param>
/// <param name="Node">The keys as written.</param>
public sealed record TrainingChoice(TrainingRecipe Recipe, StageChoice Learner, IReadOnlyList<LossChoice> Losses, MappingNode Node)
{
    public IEnumerable<StageChoice> Stages => Losses.Select(l => l.Stage).Prepend(Learner);
}

/// <summary>A manifest whose every key is known, typed and in range, and whose every stage exists.</summary>
/// <param name="Stages">The pipeline's; empty when the manifest has data only.</param>
/// <param name="Data">Null without <c>data:</c>.</param>
/// <param name="Training">Null without <c>training:</c>.</param>
/// <param name="Evaluation">Null without <c>evaluation:</c>.</param>
public sealed record ResolvedManifest(
    ManifestTree Tree, ManifestHeader Header, IReadOnlyList<StageChoice> Stages, DataChoice? Data = null, TrainingChoice? Training = null, EvaluationChoice? Evaluation = null)
{
    /// <summary>Whether it can be run on a photograph.</summary>
    public bool HasPipeline => Stages.Count > 0;

    public IEnumerable<StageChoice> In(string slot) => Stages.Where(s => s.Slot.Name == slot);

    /// <summary>Files that the stages' options name, absolute: weights and models.</summary>
    public IEnumerable<(StageChoice Stage, string Key, string Path)> Files =>
        Stages.Concat(Training?.Stages ?? []).Concat(Evaluation?.Evaluators ?? []).SelectMany(s => OptionsBinder.Files(s.Options).Select(f => (s, f.Key, f.Path)));

    /// <summary>
    /// The whole manifest as plain data: nothing inherited, every default said, every path absolute. Reading it back gives the same
    /// pipeline, wherever it lies; that is what a run folder keeps.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, object?>> ToPlain()
    {
        List<KeyValuePair<string, object?>> plain = [.. OptionsWriter.Write(Header)];
        if (Data is { } data)
        {
            plain.Add(Group("data", [.. OptionsWriter.Write(data.Options), Group(Slot.Sources.Name, Named(Slot.Sources, data.Sources))]));
        }

        if (Training is { } training)
        {
            plain.Add(Group(
                "training",
                [
                    .. OptionsWriter.Write(training.Recipe),
                    Group(Slot.Learner.Name, Keys(training.Learner)),
                    Group(Slot.Losses.Name, [.. training.Losses.Select(l => Group(Last(l.Stage, Slot.Losses), [.. Keys(l.Stage), .. OptionsWriter.Write(l.Options)]))]),
                ]));
        }

        if (Evaluation is { } evaluation)
        {
            plain.Add(Group(
                "evaluation",
                [
                    .. OptionsWriter.Write(evaluation.Options),
                    Group(Slot.Evaluators.Name, Named(Slot.Evaluators, evaluation.Evaluators)),
                    Group("variants", [.. evaluation.Variants.Select(v => Group(v.Name, [.. OptionsWriter.Write(v.Options with { Like = null }), .. v.Stages.Select(s => Group(s.Path, Keys(s)))]))]),
                ]));
        }

        if (HasPipeline)
        {
            plain.Add(Group("pipeline", [.. Slot.All.Select(slot => Group(slot.Name, slot.IsMany ? Named(slot, In(slot.Name)) : Keys(In(slot.Name).Single())))]));
        }

        return plain;
    }

    private static KeyValuePair<string, object?> Group(string key, IReadOnlyList<KeyValuePair<string, object?>> keys) => KeyValuePair.Create(key, (object?)keys);

    private static IReadOnlyList<KeyValuePair<string, object?>> Named(Slot slot, IEnumerable<StageChoice> stages) =>
        [.. stages.Select(s => Group(Last(s, slot), Keys(s)))];

    private static string Last(StageChoice stage, Slot slot) => stage.Path[(slot.Name.Length + 1)..];

    private static IReadOnlyList<KeyValuePair<string, object?>> Keys(StageChoice stage) =>
        [KeyValuePair.Create("stage", (object?)stage.Registration.Id), .. OptionsWriter.Write(stage.Options)];
}
