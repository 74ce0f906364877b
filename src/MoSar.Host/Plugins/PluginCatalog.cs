namespace MoSar.Host.Plugins;

/// <summary>
/// Every plugin below the given folders. Making a catalog reads plugin.json files only; an assembly is loaded when a stage of its
/// plugin is first asked for, because loading all of them would be most of the program's start-up.
/// </summary>
public sealed class PluginCatalog : IDisposable
{
    private readonly Dictionary<string, Plugin> byStage = new(StringComparer.Ordinal);

    private PluginCatalog(IReadOnlyList<Plugin> plugins) => Plugins = plugins;

    /// <summary>In order of discovery: folders as given, plugins by name.</summary>
    public IReadOnlyList<Plugin> Plugins { get; }

    /// <summary>Ids that a manifest can name, sorted; a broken plugin's are not among them.</summary>
    public IReadOnlyList<string> StageIds =>
        [.. byStage.Where(p => p.Value.State != PluginState.Broken).Select(p => p.Key).Order(StringComparer.Ordinal)];

    /// <param name="folders">Each holds plugin folders, or is one itself (it has a plugin.json). Order matters only for clashes: the first wins.</param>
    /// <exception cref="MoSarException"><c>plugin-folder-missing</c>: a given folder does not exist.</exception>
    public static PluginCatalog Discover(IEnumerable<string> folders)
    {
        var plugins = new List<Plugin>();
        foreach (var folder in folders.Select(Path.GetFullPath).Distinct())
        {
            if (!Directory.Exists(folder))
            {
                throw new MoSarException("plugin-folder-missing", $"The plugin folder '{folder}' does not exist.", "Correct the path, or build the plugins.");
            }

            if (File.Exists(Path.Combine(folder, PluginDescription.FileName)))
            {
                plugins.Add(new Plugin(folder));
                continue;
            }

            plugins.AddRange(Directory.EnumerateDirectories(folder)
                .Where(d => !Path.GetFileName(d).StartsWith('.'))
                .Order(StringComparer.Ordinal)
                .Select(d => new Plugin(d)));
        }

        var catalog = new PluginCatalog(plugins);
        catalog.ClaimStages();
        return catalog;
    }

    /// <summary>The stage, loading its plugin if need be. Null when no plugin names it or its plugin is broken: see <see cref="Owner"/>.</summary>
    public StageRegistration? Find(string stageId)
    {
        if (!byStage.TryGetValue(stageId, out var plugin))
        {
            return null;
        }

        plugin.Load();
        return plugin.Find(stageId);
    }

    /// <summary>The plugin that names the stage, broken or not.</summary>
    public Plugin? Owner(string stageId) => byStage.GetValueOrDefault(stageId);

    public void LoadAll()
    {
        foreach (var plugin in Plugins)
        {
            plugin.Load();
        }
    }

    /// <summary>Unloads every plugin's context. Stages made from it must be dropped by then.</summary>
    public void Dispose()
    {
        foreach (var plugin in Plugins)
        {
            plugin.Unload();
        }
    }

    private void ClaimStages()
    {
        var ids = new Dictionary<string, Plugin>(StringComparer.OrdinalIgnoreCase);

        // Broken ones last: they own their ids only so that a manifest that names one is told why, and never shadow one that works.
        foreach (var plugin in Plugins.Where(p => p.Description is not null).OrderBy(p => p.State == PluginState.Broken))
        {
            if (!ids.TryAdd(plugin.Id, plugin))
            {
                FailIfSound(plugin, new MoSarException(
                    "plugin-id-duplicate",
                    $"'{plugin.Folder}' calls itself '{plugin.Id}', as '{ids[plugin.Id].Folder}' does.",
                    "Remove one of the two folders, or give one another id."));
                continue;
            }

            if (plugin.StageIds.FirstOrDefault(byStage.ContainsKey) is { } taken)
            {
                FailIfSound(plugin, new MoSarException(
                    "plugin-stage-duplicate",
                    $"Plugin '{plugin.Id}' supplies the stage '{taken}', which plugin '{byStage[taken].Id}' already does.",
                    "Rename the stage in one of them, or remove one of the two plugins."));
                continue;
            }

            foreach (var id in plugin.StageIds)
            {
                byStage.Add(id, plugin);
            }
        }
    }

    private static void FailIfSound(Plugin plugin, MoSarException failure)
    {
        if (plugin.State != PluginState.Broken)
        {
            plugin.Fail(failure);
        }
    }
}
