using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Host.Manifests;

namespace MoSar.Host.Composition;

/// <summary>The keys of a manifest's <c>evaluation:</c> beside <c>evaluators</c> and <c>variants</c>.</summary>
public sealed record EvaluationOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model whose mean face is the row to compare with; its template is the data's.")]
    public string Model { get; init; } = string.Empty;

    [Description("Share of the subjects to measure on: train, validation or test.")]
    public DatasetSplit Split { get; init; } = DatasetSplit.Test;

    [Range(1, 1_000_000)]
    [Description("Subjects of that share at most, evenly spread. Nothing: all.")]
    public int? Subjects { get; init; }

    [Range(1, 1_000_000)]
    [Description("Photographs of each subject at most, evenly spread. Nothing: all.")]
    public int? Photographs { get; init; }

    [Description("Names of the sources to take photographs from. Nothing: all.")]
    public IReadOnlyList<string> Sources { get; init; } = [];
}

/// <summary>The keys of a variant beside the pipeline's slots that it changes.</summary>
public sealed record VariantOptions
{
    [Description("What tables call it. Nothing: its name.")]
    public string? Label { get; init; }

    [Description("Another variant, which this one changes: its slots count first.")]
    public string? Like { get; init; }

    [Description("The command that makes its weights, shown when they are missing.")]
    public string? TrainedBy { get; init; }

    [Description("Leave the row out; others may still be like it.")]
    public bool Skip { get; init; }
}

/// <summary>What <c>evaluation:</c> says.</summary>
/// <param name="Options">Bound and checked.</param>
/// <param name="Evaluators">At least one; their paths are <c>evaluators.NAME</c>.</param>
/// <param name="Variants">In the manifest's order, without those that are left out; at least one.</param>
/// <param name="Node">The keys as written.</param>
public sealed record EvaluationChoice(EvaluationOptions Options, IReadOnlyList<StageChoice> Evaluators, IReadOnlyList<VariantChoice> Variants, MappingNode Node);

/// <summary>A row: the pipeline with a variant's changes.</summary>
/// <param name="Stages">Of <see cref="Slot.Reconstruction"/>, in that order; paths are the slots' names.</param>
/// <param name="Node">The keys as written, those of the variant that it is like included.</param>
public sealed record VariantChoice(string Name, VariantOptions Options, IReadOnlyList<StageChoice> Stages, MappingNode Node)
{
    public string Label => Options.Label ?? Name;
}
