using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Host.Composition;
using MoSar.Host.Data;
using MoSar.Host.Evaluation;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Host.Runs;
using MoSar.Host.Training;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar manifest …</c>: check, explain, compare, and the schema for editors.</summary>
internal static class ManifestCommand
{
    public static Command Create(Session session) => new("manifest", "Check, explain and compare manifests.\n\nExample:\n  mosar manifest explain manifests/default.yaml")
    {
        Validate(session), Explain(session), Diff(session), Schema(session),
    };

    private static Argument<string?> FileArgument(string name = "FILE") => new(name) { Description = "A manifest; default: the shipped one.", Arity = ArgumentArity.ZeroOrOne };

    private static Command Validate(Session session)
    {
        var file = FileArgument();
        var command = new Command(
            "validate",
            """
            Checks a manifest as a run would: keys, types, ranges, stages, files, weights, the order of maps, and dataset folders. All errors
            are shown at once. Ends with 2 when there are any.

            Example:
              mosar manifest validate my.yaml --set texture_resolution=2048
            """)
        {
            file, session.Set, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var tree = session.LoadManifest(parsed, parsed.GetValue(file));
            var folders = session.PluginFolders(parsed);
            var (catalog, manifest) = ComposedManifest.Resolve(tree, folders);
            catalog.Dispose();
            if (manifest.HasPipeline)
            {
                ComposedManifest.Compose(tree, folders).Dispose();
            }

            if (manifest.Training is not null)
            {
                ComposedTraining.Compose(tree, folders).Dispose();
            }
            else if (manifest.Evaluation is not null)
            {
                ComposedEvaluation.Compose(tree, folders).Dispose();
            }
            else if (manifest.Data is not null)
            {
                ComposedData.Compose(tree, folders).Dispose();
            }

            var sources = manifest.Data?.Sources.Count ?? 0;
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject { ["errors"] = new JsonArray(), ["stages"] = manifest.Stages.Count, ["sources"] = sources });
            }
            else
            {
                var what = new[] { manifest.HasPipeline ? $"{manifest.Stages.Count} stages" : null, sources > 0 ? $"{sources} dataset {(sources == 1 ? "source" : "sources")}" : null, manifest.Training is { } t ? $"a training of {t.Learner.Registration.Id}" : null, manifest.Evaluation is { } e ? $"an evaluation of {e.Variants.Count} {(e.Variants.Count == 1 ? "variant" : "variants")}" : null };
                session.Terminal.Out.WriteLine($"ok: {manifest.Header.Name}, {string.Join(" and ", what.OfType<string>())}");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Explain(Session session)
    {
        var file = FileArgument();
        var command = new Command(
            "explain",
            """
            Prints the resolved manifest, each value with the place that it comes from.

            Example:
              mosar manifest explain my.yaml --set seed=7
            """)
        {
            file, session.Set, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var (catalog, manifest) = ComposedManifest.Resolve(session.LoadManifest(parsed, parsed.GetValue(file)), session.PluginFolders(parsed));
            using (catalog)
            {
                var values = ManifestExplanation.Of(manifest);
                if (parsed.GetValue(session.Json))
                {
                    session.WriteJson(new JsonArray([.. values.Select(v => new JsonObject { ["path"] = v.Path, ["value"] = v.Value, ["origin"] = v.Origin })]));
                }
                else
                {
                    session.Terminal.Out.Write(ManifestExplanation.Render(values));
                }
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Diff(Session session)
    {
        var first = new Argument<string>("A") { Description = "A manifest." };
        var second = new Argument<string>("B") { Description = "Another." };
        var command = new Command(
            "diff",
            """
            Compares two manifests by what they resolve to, not by how they are written. Ends with 1 when they differ.

            Example:
              mosar manifest diff manifests/default.yaml my.yaml
            """)
        {
            first, second, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            IReadOnlyList<ExplainedValue> Values(string path)
            {
                var (catalog, manifest) = ComposedManifest.Resolve(session.LoadManifest(parsed, path), session.PluginFolders(parsed));
                using (catalog)
                {
                    return ManifestExplanation.Of(manifest);
                }
            }

            var differences = ManifestExplanation.Compare(Values(parsed.GetValue(first)!), Values(parsed.GetValue(second)!));
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonArray([.. differences.Select(d => new JsonObject { ["path"] = d.Path, ["a"] = d.First?.Value, ["b"] = d.Second?.Value })]));
            }
            else
            {
                session.Terminal.Out.Write(ManifestExplanation.Render(differences));
            }

            return differences.Count == 0 ? ExitCodes.Ok : ExitCodes.SomeFailed;
        }));
        return command;
    }

    private static Command Schema(Session session)
    {
        var command = new Command(
            "schema",
            """
            Prints the JSON Schema of manifests with the options of every stage there is, so that an editor completes and checks.

            Example:
              mosar manifest schema > build/manifest.schema.json
            """)
        {
            session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var catalog = PluginCatalog.Discover(session.PluginFolders(parsed));
            session.WriteJson(ManifestSchema.Of(catalog));
            return ExitCodes.Ok;
        }));
        return command;
    }
}
