using System.Text.RegularExpressions;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;

namespace MoSar.Host.Composition;

/// <summary><c>evaluation:</c>.</summary>
internal sealed partial class ManifestResolver
{
    private const string Variants = "variants";

    private static string[] VariantKeys { get; } = [.. OptionKey.Of(typeof(VariantOptions)).Select(k => k.Key)];

    private EvaluationChoice? ResolveEvaluation(MappingNode group, MappingNode? pipeline, PluginCatalog catalog, DataChoice? data)
    {
        var before = problems.Count;
        var options = (EvaluationOptions)new OptionsBinder(problems).Bind(group, typeof(EvaluationOptions), "'evaluation'", Slot.Evaluators.Name, Variants);
        if (tree.Root["data"] is null)
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'evaluation' needs data to measure on", "'data:' with 'sources'"));
        }

        if (data is not null && group["sources"]?.Value is SequenceNode list)
        {
            RefuseUnknownSources(list.Items.OfType<ScalarNode>().Select(i => (i.Text, i.Location)), "'evaluation'", [.. data.Sources.Select(s => s.Path[(Slot.Sources.Name.Length + 1)..])]);
        }

        var evaluators = new List<StageChoice>();
        if (group[Slot.Evaluators.Name]?.Value is not { } node || node is MappingNode { Entries.Count: 0 })
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'evaluation' needs 'evaluators'", $"a group of names, each with {Slot.Evaluators.Noun}", [.. Listed(Slot.Evaluators, catalog)]));
        }
        else
        {
            ResolveMany(node, Slot.Evaluators, catalog, evaluators);
        }

        var variants = group[Variants]?.Value is { } many && AsMapping(many, $"'{Variants}'", "a group of names, each with slots to change") is { } named ? ResolveVariants(named, pipeline, catalog) : [];
        if (variants.Count == 0 && problems.Count == before)
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group[Variants]?.KeyLocation ?? group.Location, $"'evaluation' needs '{Variants}'", "a name for each row, with the slots that it changes; {} for the pipeline as it is"));
        }

        return problems.Count == before ? new EvaluationChoice(options, evaluators, variants, group) : null;
    }

    private IReadOnlyList<VariantChoice> ResolveVariants(MappingNode named, MappingNode? pipeline, PluginCatalog catalog)
    {
        var result = new List<VariantChoice>();
        var found = new List<(ManifestProblem Problem, VariantChoice Row)>();
        foreach (var entry in named.Entries)
        {
            if (!VariantName().IsMatch(entry.Key))
            {
                problems.Add(new ManifestProblem("manifest-range", entry.KeyLocation, $"a variant cannot be called '{entry.Key}'", "letters, digits, '-' and '_': it names a folder", ["'label:' may be any text"]));
            }
            else if (Whole(entry, named, []) is { } node)
            {
                var own = node with { Entries = [.. node.Entries.Where(e => VariantKeys.Contains(e.Key))] };
                var options = (VariantOptions)new OptionsBinder(problems).Bind(own, typeof(VariantOptions), $"variant '{entry.Key}'");
                if (!options.Skip)
                {
                    var before = problems.Count;
                    var row = ResolveVariant(entry.Key, options, node, pipeline, catalog);
                    found.AddRange(problems.Skip(before).Select(p => (p, row)));
                    problems.RemoveRange(before, problems.Count - before);
                    result.Add(row);
                }
            }
        }

        Report(found);
        return result;
    }

    /// <summary>A variant's keys on top of those of the one that it is like; that one's label and absence are its own.</summary>
    private MappingNode? Whole(ManifestEntry entry, MappingNode named, IReadOnlyList<string> asked)
    {
        if (AsMapping(entry.Value, $"variant '{entry.Key}'", "a group of slots to change, such as {geometry: {refinement: 0}}") is not { } node || node["like"]?.Value is not ScalarNode { IsNull: false } like)
        {
            return entry.Value as MappingNode;
        }

        if (named[like.Text] is not { } other || asked.Contains(like.Text) || like.Text == entry.Key)
        {
            var others = named.Entries.Select(e => e.Key).Where(k => k != entry.Key).ToArray();
            problems.Add(new ManifestProblem(
                "manifest-variant-unknown",
                like.Location,
                named[like.Text] is null ? $"there is no variant '{like.Text}'" : $"variant '{entry.Key}' is like itself",
                "another variant",
                [.. OptionsBinder.Listed("variants", others), .. OptionsBinder.Suggested(like.Text, others)]));
            return null;
        }

        string[] notInherited = ["label", "skip", "like"];
        return Whole(other, named, [.. asked, entry.Key]) is { } under
            ? (MappingNode)ManifestTree.Merge(under with { Entries = [.. under.Entries.Where(e => !notInherited.Contains(e.Key))] }, node)
            : null;
    }

    private VariantChoice ResolveVariant(string name, VariantOptions options, MappingNode node, MappingNode? pipeline, PluginCatalog catalog)
    {
        var slots = Slot.Reconstruction.Select(s => s.Name).ToArray();
        foreach (var entry in node.Entries.Where(e => !VariantKeys.Contains(e.Key) && !slots.Contains(e.Key)))
        {
            var known = VariantKeys.Concat(slots).ToArray();
            var isLater = Slot.All.Any(s => s.Name == entry.Key);
            problems.Add(new ManifestProblem(
                "manifest-key-unknown",
                entry.KeyLocation,
                isLater ? $"variant '{name}' changes '{entry.Key}', which comes after what is measured" : $"variant '{name}' has no option '{entry.Key}'",
                $"one of {string.Join(", ", known)}",
                [.. isLater ? [] : OptionsBinder.Suggested(entry.Key, known)]));
        }

        var changes = node with { Entries = [.. node.Entries.Where(e => slots.Contains(e.Key))] };
        var merged = pipeline is null ? changes : (MappingNode)ManifestTree.Merge(pipeline, changes);
        var stages = new List<StageChoice>();
        foreach (var slot in Slot.Reconstruction)
        {
            if (merged[slot.Name] is { } entry)
            {
                ResolveStage(entry.Value, slot, slot.Name, catalog, stages);
            }
            else
            {
                problems.Add(new ManifestProblem("manifest-slot-missing", node.Location, $"variant '{name}' has no '{slot.Name}', and there is no pipeline that it could have it from", $"'{slot.Name}:' with {slot.Noun}"));
            }
        }

        return new VariantChoice(name, options, stages, node);
    }

    /// <summary>A mistake that several rows share is said once; what is missing, with the command that makes it.</summary>
    private void Report(IEnumerable<(ManifestProblem Problem, VariantChoice Row)> found)
    {
        foreach (var same in found.GroupBy(f => (f.Problem.Code, f.Problem.Where, f.Problem.Message)).Where(g => !problems.Any(p => (p.Code, p.Where, p.Message) == g.Key)))
        {
            var (problem, rows) = (same.First().Problem, same.Select(f => f.Row).ToArray());
            if (problem.Code == "file-missing")
            {
                var made = rows.Select(r => r.Options.TrainedBy).OfType<string>().Distinct().Select(c => $"made by: {c}");
                var skips = string.Join(' ', rows.Select(r => $"--set evaluation.{Variants}.{r.Name}.skip=true"));
                problem = problem with { Notes = [.. problem.Notes ?? [], .. made, $"to leave {(rows.Length == 1 ? "its row" : "its rows")} out: {skips}"] };
            }

            problems.Add(problem);
        }
    }

    [GeneratedRegex(@"^\w[\w-]*$")]
    private static partial Regex VariantName();
}
