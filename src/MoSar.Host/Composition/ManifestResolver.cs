using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Learning.Data;
using MoSar.Learning.Training;

namespace MoSar.Host.Composition;

/// <summary>Checks a manifest against the stages that there are. Finds every problem before it gives up.</summary>
internal sealed partial class ManifestResolver(ManifestTree tree)
{
    private readonly List<ManifestProblem> problems = [];

    public IReadOnlyList<ManifestProblem> Problems => problems;

    /// <summary>Everything beside the pipeline; needed first, because it may name plugin folders.</summary>
    public ManifestHeader BindHeader() =>
        (ManifestHeader)new OptionsBinder(problems).Bind(tree.Root, typeof(ManifestHeader), "a manifest", "extends", "pipeline", "data", "training", "evaluation");

    /// <exception cref="ManifestException">There are problems, of the header's or the pipeline's.</exception>
    public ResolvedManifest Resolve(ManifestHeader header, PluginCatalog catalog)
    {
        // Only when both are sound: a value that could not be read stands here as its default.
        if (problems.Count == 0 && header.OutputResolution < header.TextureResolution)
        {
            problems.Add(new ManifestProblem(
                "manifest-range",
                (tree.Root["output_resolution"] ?? tree.Root["texture_resolution"])!.Value.Location,
                $"output_resolution {header.OutputResolution} is below texture_resolution {header.TextureResolution}",
                $"{header.TextureResolution} or more"));
        }

        var stages = new List<StageChoice>();
        var data = tree.Root["data"] is { } entry && AsMapping(entry.Value, "'data'", "a group with 'sources' and options") is { } group ? ResolveData(group, catalog) : null;
        var training = tree.Root["training"] is { } recipe && AsMapping(recipe.Value, "'training'", "a group with 'learner', 'losses' and options") is { } keys ? ResolveTraining(keys, catalog, data) : null;
        var shared = tree.Root["pipeline"]?.Value as MappingNode;
        if (shared is not null)
        {
            ResolveSlots(shared, catalog, stages);
        }

        var evaluation = tree.Root["evaluation"] is { } table && AsMapping(table.Value, "'evaluation'", "a group with 'evaluators', 'variants' and options") is { } parts ? ResolveEvaluation(parts, shared, catalog, data) : null;
        if (tree.Root["pipeline"] is not { } pipeline)
        {
            // Training data can be described without saying what they train.
            if (tree.Root["data"] is not null || tree.Root["training"] is not null)
            {
                return problems.Count == 0 ? new ResolvedManifest(tree, header, stages, data, training, evaluation) : throw new ManifestException(problems);
            }

            problems.Add(new ManifestProblem("manifest-key-missing", tree.Root.Location, "a manifest needs 'pipeline'", "a group of slots", [SlotNames]));
        }
        else
        {
            AsMapping(pipeline.Value, "'pipeline'", "a group of slots");
        }

        return problems.Count == 0 ? new ResolvedManifest(tree, header, stages, data, training, evaluation) : throw new ManifestException(problems);
    }

    /// <summary>One slot by itself, whatever is wrong elsewhere.</summary>
    /// <exception cref="ManifestException">That slot has problems.</exception>
    public StageChoice ResolveOnly(string name, PluginCatalog catalog)
    {
        var slot = Slot.All.Single(s => s.Name == name);
        var stages = new List<StageChoice>();
        if ((tree.Root["pipeline"]?.Value as MappingNode)?[name] is { } entry)
        {
            ResolveStage(entry.Value, slot, name, catalog, stages);
        }
        else
        {
            problems.Add(new ManifestProblem("manifest-slot-missing", tree.Root.Location, $"the pipeline has no '{name}'", $"'{name}:' with {slot.Noun}"));
        }

        return problems.Count == 0 ? stages.Single() : throw new ManifestException(problems);
    }

    private static string SlotNames => "slots: " + string.Join(", ", Slot.All.Select(s => s.Name));

    private void ResolveSlots(MappingNode slots, PluginCatalog catalog, List<StageChoice> stages)
    {
        var names = Slot.All.Select(s => s.Name).ToArray();
        foreach (var entry in slots.Entries.Where(e => !names.Contains(e.Key)))
        {
            problems.Add(new ManifestProblem(
                "manifest-slot-unknown", entry.KeyLocation, $"there is no slot '{entry.Key}'", "one of the pipeline's slots", [SlotNames, .. OptionsBinder.Suggested(entry.Key, names)]));
        }

        foreach (var slot in Slot.All)
        {
            if (slots[slot.Name] is not { } entry)
            {
                problems.Add(new ManifestProblem("manifest-slot-missing", slots.Location, $"the pipeline has no '{slot.Name}'", $"'{slot.Name}:' with {slot.Noun}"));
            }
            else if (!slot.IsMany)
            {
                ResolveStage(entry.Value, slot, slot.Name, catalog, stages);
            }
            else
            {
                ResolveMany(entry.Value, slot, catalog, stages);
            }
        }
    }

    private void ResolveMany(ManifestNode node, Slot slot, PluginCatalog catalog, List<StageChoice> stages, params string[] reserved)
    {
        if (AsMapping(node, $"'{slot.Name}'", $"a group of names, each with {slot.Noun}") is not { } many)
        {
            return;
        }

        foreach (var item in many.Entries)
        {
            if (item.Value is ScalarNode { IsNull: true })
            {
                var others = many.Entries.Where(e => e.Value is MappingNode).Select(e => e.Key).ToArray();
                problems.Add(new ManifestProblem(
                    "manifest-key-unknown", item.KeyLocation, $"null removes '{slot.Name}.{item.Key}', which is not there", "a name to remove", [.. OptionsBinder.Listed("there are", others), .. OptionsBinder.Suggested(item.Key, others)]));
                continue;
            }

            ResolveStage(item.Value, slot, $"{slot.Name}.{item.Key}", catalog, stages, reserved);
        }
    }

    private DataChoice ResolveData(MappingNode group, PluginCatalog catalog)
    {
        var options = (DataOptions)new OptionsBinder(problems).Bind(group, typeof(DataOptions), "'data'", Slot.Sources.Name);
        if (options.Split.Validation + options.Split.Test >= 1)
        {
            problems.Add(new ManifestProblem("manifest-range", group["split"]!.Value.Location, "validation and test together leave nothing to train on", "shares whose sum is below 1"));
        }

        var sources = new List<StageChoice>();
        if (group[Slot.Sources.Name]?.Value is not { } node || node is MappingNode { Entries.Count: 0 })
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'data' needs 'sources'", $"a group of names, each with {Slot.Sources.Noun}", [.. Listed(Slot.Sources, catalog)]));
        }
        else
        {
            ResolveMany(node, Slot.Sources, catalog, sources);
        }

        return new DataChoice(options, sources, group);
    }

    private TrainingChoice? ResolveTraining(MappingNode group, PluginCatalog catalog, DataChoice? data)
    {
        var before = problems.Count;
        var recipe = (TrainingRecipe)new OptionsBinder(problems).Bind(group, typeof(TrainingRecipe), "'training'", Slot.Learner.Name, Slot.Losses.Name);
        if (tree.Root["data"] is null)
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'training' needs data to learn from", "'data:' with 'sources'", ["extends: manifests/data/training.yaml gives it some"]));
        }

        var learner = new List<StageChoice>();
        if (group[Slot.Learner.Name] is { } entry)
        {
            ResolveStage(entry.Value, Slot.Learner, Slot.Learner.Name, catalog, learner);
        }
        else
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'training' needs 'learner'", $"'learner:' with {Slot.Learner.Noun}", [.. Listed(Slot.Learner, catalog)]));
        }

        var losses = new List<StageChoice>();
        if (group[Slot.Losses.Name]?.Value is not { } node || node is MappingNode { Entries.Count: 0 })
        {
            problems.Add(new ManifestProblem("manifest-key-missing", group.Location, "'training' needs 'losses'", $"a group of names, each with {Slot.Losses.Noun}", [.. Listed(Slot.Losses, catalog)]));
        }
        else
        {
            ResolveMany(node, Slot.Losses, catalog, losses, LossKeys);
        }

        var chosen = losses.Select(l => new LossChoice(l, LossOptionsOf(l))).ToArray();
        var sources = data?.Sources.Select(s => s.Path[(Slot.Sources.Name.Length + 1)..]).ToArray() ?? [];
        if (data is not null)
        {
            RefuseUnknownSources(group["mix"]?.Value is MappingNode mix ? mix.Entries.Select(e => (e.Key, e.KeyLocation)) : [], "'mix'", sources);
            foreach (var loss in chosen)
            {
                var names = loss.Stage.Node["sources"]?.Value is SequenceNode list ? list.Items.OfType<ScalarNode>().Select(i => (i.Text, i.Location)) : [];
                RefuseUnknownSources(names, $"'{loss.Stage.Path}'", sources);
            }
        }

        return problems.Count == before ? new TrainingChoice(recipe, learner.Single(), chosen, group) : null;
    }

    private static string[] LossKeys { get; } = [.. OptionKey.Of(typeof(LossOptions)).Select(k => k.Key)];

    private LossOptions LossOptionsOf(StageChoice loss) => (LossOptions)new OptionsBinder(problems).Bind(
        loss.Node with { Entries = [.. loss.Node.Entries.Where(e => LossKeys.Contains(e.Key))] }, typeof(LossOptions), $"'{loss.Path}'");

    private void RefuseUnknownSources(IEnumerable<(string Name, Location Where)> names, string owner, IReadOnlyList<string> known)
    {
        foreach (var (name, where) in names.Where(n => !known.Contains(n.Name)))
        {
            problems.Add(new ManifestProblem(
                "manifest-source-unknown", where, $"{owner} names a source '{name}' that the data do not have", "one of data.sources", [.. OptionsBinder.Listed("sources", known), .. OptionsBinder.Suggested(name, known)]));
        }
    }

    private void ResolveStage(ManifestNode node, Slot slot, string path, PluginCatalog catalog, List<StageChoice> stages, params string[] reserved)
    {
        if (AsMapping(node, $"'{path}'", "a group with 'stage' and its options") is not { } group)
        {
            return;
        }

        if (group["stage"]?.Value is not ScalarNode { IsNull: false } id)
        {
            problems.Add(new ManifestProblem("manifest-stage-missing", group["stage"]?.Value.Location ?? group.Location, $"'{path}' does not say its stage", $"'stage:' with {slot.Noun}", [.. Listed(slot, catalog)]));
        }
        else if (catalog.Find(id.Text) is not { } registration)
        {
            problems.Add(Unavailable(id, slot, catalog));
        }
        else if (registration.Role != slot.Role)
        {
            problems.Add(new ManifestProblem(
                "manifest-stage-role", id.Location, $"'{id.Text}' is {Slot.NounOf(registration.Role)}", slot.Noun, [.. Listed(slot, catalog)]));
        }
        else
        {
            var options = new OptionsBinder(problems).Bind(group, registration.Options, $"stage '{id.Text}'", ["stage", .. reserved]);
            stages.Add(new StageChoice(path, slot, registration, options, group));
        }
    }

    private static ManifestProblem Unavailable(ScalarNode id, Slot slot, PluginCatalog catalog)
    {
        if (catalog.Owner(id.Text)?.Failure is { } failure)
        {
            return new ManifestProblem(failure.Code, id.Location, $"the plugin of stage '{id.Text}' cannot be used", "a plugin that loads", [failure.Message, failure.Remedy ?? string.Empty]);
        }

        var nearest = OptionsBinder.Suggested(id.Text, catalog.StageIds);
        var broken = catalog.Plugins.Where(p => p.Failure is not null).Select(p => $"plugin '{p.Id}' cannot be used: {p.Failure!.Message}");
        return new ManifestProblem("manifest-stage-unknown", id.Location, $"there is no stage '{id.Text}'", slot.Noun, [.. Listed(slot, catalog), .. nearest, .. broken]);
    }

    /// <summary>All stages that fit. Loads every plugin, which is fine: something is wrong already.</summary>
    private static IEnumerable<string> Listed(Slot slot, PluginCatalog catalog)
    {
        catalog.LoadAll();
        var fitting = catalog.StageIds.Where(id => catalog.Find(id)?.Role == slot.Role).ToArray();
        return fitting.Length > 0 ? [$"there are: {string.Join(", ", fitting)}"] : [$"no plugin supplies {slot.Noun}"];
    }

    private MappingNode? AsMapping(ManifestNode node, string what, string expected)
    {
        if (node is MappingNode map)
        {
            return map;
        }

        problems.Add(new ManifestProblem("manifest-type", node.Location, $"{what} cannot be {node.Kind}", expected));
        return null;
    }
}
