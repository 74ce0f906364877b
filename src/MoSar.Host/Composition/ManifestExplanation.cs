using System.Text;
using MoSar.Host.Manifests;

namespace MoSar.Host.Composition;

/// <param name="Path">Dotted, as <c>--set</c> takes it.</param>
/// <param name="Value">As YAML writes it on one line.</param>
/// <param name="Origin">file:line:column, or <c>default</c>.</param>
public sealed record ExplainedValue(string Path, string Value, string Origin);

/// <summary>First or second is null when only the other manifest has the value.</summary>
public sealed record ManifestDifference(string Path, ExplainedValue? First, ExplainedValue? Second);

/// <summary>Where each value of a resolved manifest comes from.</summary>
public static class ManifestExplanation
{
    private const string Default = "default";

    /// <summary>Every leaf, in the manifest's order.</summary>
    public static IReadOnlyList<ExplainedValue> Of(ResolvedManifest manifest)
    {
        var values = new List<ExplainedValue>();
        foreach (var (key, value) in OptionsWriter.Write(manifest.Header))
        {
            Add(values, key, value, manifest.Tree.Root[key]?.Value);
        }

        if (manifest.Data is { } data)
        {
            foreach (var (key, value) in OptionsWriter.Write(data.Options))
            {
                Add(values, $"data.{key}", value, data.Node[key]?.Value);
            }

            AddStages(values, "data", data.Sources);
        }

        if (manifest.Training is { } training)
        {
            foreach (var (key, value) in OptionsWriter.Write(training.Recipe))
            {
                Add(values, $"training.{key}", value, training.Node[key]?.Value);
            }

            AddStages(values, "training", [training.Learner]);
            foreach (var loss in training.Losses)
            {
                AddStages(values, "training", [loss.Stage]);
                foreach (var (key, value) in OptionsWriter.Write(loss.Options))
                {
                    Add(values, $"training.{loss.Stage.Path}.{key}", value, loss.Stage.Node[key]?.Value);
                }
            }
        }

        if (manifest.Evaluation is { } evaluation)
        {
            AddEvaluation(values, evaluation, manifest.Stages);
        }

        AddStages(values, "pipeline", manifest.Stages);
        return values;
    }

    /// <summary>Of a variant only what differs from the pipeline.</summary>
    private static void AddEvaluation(List<ExplainedValue> values, EvaluationChoice evaluation, IReadOnlyList<StageChoice> pipeline)
    {
        foreach (var (key, value) in OptionsWriter.Write(evaluation.Options))
        {
            Add(values, $"evaluation.{key}", value, evaluation.Node[key]?.Value);
        }

        AddStages(values, "evaluation", evaluation.Evaluators);
        var shared = new List<ExplainedValue>();
        AddStages(shared, string.Empty, pipeline);
        var known = shared.ToDictionary(v => v.Path, v => v.Value);
        foreach (var variant in evaluation.Variants)
        {
            var path = $"evaluation.variants.{variant.Name}";
            foreach (var (key, value) in OptionsWriter.Write(variant.Options))
            {
                Add(values, $"{path}.{key}", value, variant.Node[key]?.Value);
            }

            var own = new List<ExplainedValue>();
            AddStages(own, string.Empty, variant.Stages);
            values.AddRange(own.Where(v => known.GetValueOrDefault(v.Path) != v.Value).Select(v => v with { Path = path + v.Path }));
        }
    }

    private static void AddStages(List<ExplainedValue> values, string group, IReadOnlyList<StageChoice> stages)
    {
        foreach (var stage in stages)
        {
            var path = $"{group}.{stage.Path}";
            Add(values, $"{path}.stage", stage.Registration.Id, stage.Node["stage"]!.Value);
            foreach (var (key, value) in OptionsWriter.Write(stage.Options))
            {
                Add(values, $"{path}.{key}", value, stage.Node[key]?.Value);
            }
        }
    }

    public static IReadOnlyList<ManifestDifference> Compare(IReadOnlyList<ExplainedValue> first, IReadOnlyList<ExplainedValue> second)
    {
        var a = first.ToDictionary(v => v.Path);
        var b = second.ToDictionary(v => v.Path);
        return [.. first.Concat(second).Select(v => v.Path).Distinct()
            .Select(p => new ManifestDifference(p, a.GetValueOrDefault(p), b.GetValueOrDefault(p)))
            .Where(d => d.First?.Value != d.Second?.Value)];
    }

    /// <summary>YAML with the origins as comments in one column.</summary>
    public static string Render(IReadOnlyList<ExplainedValue> values)
    {
        var lines = new List<(string Text, string? Origin)>();
        string[] open = [];
        foreach (var value in values)
        {
            var keys = value.Path.Split('.');
            var shared = 0;
            while (shared < keys.Length - 1 && shared < open.Length && keys[shared] == open[shared])
            {
                shared++;
            }

            for (var depth = shared; depth < keys.Length - 1; depth++)
            {
                lines.Add(($"{new string(' ', depth * 2)}{keys[depth]}:", null));
            }

            lines.Add(($"{new string(' ', (keys.Length - 1) * 2)}{keys[^1]}: {value.Value}", value.Origin));
            open = keys[..^1];
        }

        var column = Math.Min(72, lines.Max(l => l.Origin is null ? 0 : l.Text.Length));
        var text = new StringBuilder();
        foreach (var (line, origin) in lines)
        {
            text.Append(origin is null ? line : $"{line.PadRight(column)}  # {origin}").Append('\n');
        }

        return text.ToString();
    }

    public static string Render(IReadOnlyList<ManifestDifference> differences)
    {
        var text = new StringBuilder();
        foreach (var difference in differences)
        {
            text.Append(difference.Path).Append('\n');
            AddSide('-', difference.First);
            AddSide('+', difference.Second);
        }

        return text.ToString();

        void AddSide(char sign, ExplainedValue? value)
        {
            if (value is not null)
            {
                text.Append("  ").Append(sign).Append(' ').Append(value.Value).Append("  # ").Append(value.Origin).Append('\n');
            }
        }
    }

    private static void Add(List<ExplainedValue> values, string path, object? value, ManifestNode? node)
    {
        if (value is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } group)
        {
            foreach (var (key, inner) in group)
            {
                Add(values, $"{path}.{key}", inner, (node as MappingNode)?[key]?.Value);
            }
        }
        else
        {
            values.Add(new ExplainedValue(path, PlainData.Inline(value), node?.Location.ToString() ?? Default));
        }
    }
}
