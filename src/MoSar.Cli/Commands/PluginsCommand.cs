using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Host.Composition;
using MoSar.Host.Plugins;
using MoSar.Host.Runs;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar plugins list</c>: what there is, and what is wrong with what is broken.</summary>
internal static class PluginsCommand
{
    public static Command Create(Session session)
    {
        var list = new Command(
            "list",
            """
            Loads every plugin and lists its stages; broken ones with the reason and the remedy. Ends with 1 when one is broken.

            Example:
              mosar plugins list --plugins samples/plugins
            """)
        {
            session.Plugins, session.Json,
        };
        list.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var catalog = PluginCatalog.Discover(session.PluginFolders(parsed));
            catalog.LoadAll();
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonArray([.. catalog.Plugins.Select(ToJson)]));
            }
            else
            {
                Show(session, catalog);
            }

            return catalog.Plugins.Any(p => p.Failure is not null) ? ExitCodes.SomeFailed : ExitCodes.Ok;
        }));
        return new Command("plugins", "What stages there are.\n\nExample:\n  mosar plugins list") { list };
    }

    private static void Show(Session session, PluginCatalog catalog)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("stage", "is", "plugin", "version", "description");
        foreach (var (plugin, stage) in catalog.Plugins.SelectMany(p => p.Stages.Select(s => (p, s))).OrderBy(x => x.s.Id, StringComparer.Ordinal))
        {
            table.AddRow(Markup.Escape(stage.Id), Slot.NounOf(stage.Role), Markup.Escape(plugin.Id), Markup.Escape(plugin.Description!.Version), Markup.Escape(stage.Description));
        }

        if (table.Rows.Count > 0)
        {
            session.Terminal.Rich().Write(table);
        }

        foreach (var plugin in catalog.Plugins.Where(p => p.Failure is not null))
        {
            session.Terminal.Out.WriteLine($"broken: {plugin.Id} ({plugin.Failure!.Code}): {plugin.Failure.Message}");
            if (plugin.Failure.Remedy is { } remedy)
            {
                session.Terminal.Out.WriteLine($"  = {remedy}");
            }
        }

        if (catalog.Plugins.Count == 0)
        {
            session.Terminal.Out.WriteLine("no plugins; build them, or name a folder with --plugins");
        }
    }

    private static JsonObject ToJson(Plugin plugin) => new()
    {
        ["id"] = plugin.Id,
        ["version"] = plugin.Description?.Version,
        ["contract"] = plugin.Description?.Contract,
        ["description"] = plugin.Description?.Description,
        ["folder"] = plugin.Folder,
        ["state"] = plugin.State.ToString().ToLowerInvariant(),
        ["stages"] = new JsonArray([.. plugin.State == PluginState.Loaded
            ? plugin.Stages.Select(s => new JsonObject { ["id"] = s.Id, ["role"] = s.Role.Name, ["description"] = s.Description })
            : plugin.StageIds.Select(id => new JsonObject { ["id"] = id })]),
        ["failure"] = plugin.Failure is { } f ? new JsonObject { ["code"] = f.Code, ["message"] = f.Message, ["remedy"] = f.Remedy } : null,
    };
}
