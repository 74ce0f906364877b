using System.Reflection;
using System.Runtime.CompilerServices;

namespace MoSar.Host.Plugins;

public enum PluginState
{
    /// <summary>Its plugin.json is read; its assembly is not loaded because nothing needed it yet.</summary>
    Found,

    /// <summary>Its stages can be made.</summary>
    Loaded,

    /// <summary>It cannot be used; <see cref="Plugin.Failure"/> says why.</summary>
    Broken,
}

/// <summary>A folder below a plugin folder, and what became of it. A broken plugin is kept and shown; the others go on.</summary>
public sealed class Plugin
{
    private PluginLoadContext? context;
    private Dictionary<string, StageRegistration> registrations = [];

    internal Plugin(string folder)
    {
        Folder = folder;
        try
        {
            Description = PluginDescription.Read(folder);
            Description.RequireContract();
        }
        catch (MoSarException e)
        {
            Fail(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(new MoSarException("plugin-unreadable", $"'{folder}' cannot be read: {e.Message}", "Check the folder's permissions.", e));
        }
    }

    /// <summary>Absolute path.</summary>
    public string Folder { get; }

    /// <summary>Null when plugin.json is missing or invalid.</summary>
    public PluginDescription? Description { get; }

    public PluginState State { get; private set; }

    /// <summary>Why it is <see cref="PluginState.Broken"/>: reason and remedy.</summary>
    public MoSarException? Failure { get; private set; }

    public string Id => Description?.Id ?? Path.GetFileName(Folder);

    /// <summary>What plugin.json names; empty when it cannot be read.</summary>
    public IReadOnlyList<string> StageIds => Description?.Stages ?? [];

    /// <summary>Registered stages, in the order of plugin.json; empty unless loaded.</summary>
    public IEnumerable<StageRegistration> Stages => registrations.Count == 0 ? [] : StageIds.Select(id => registrations[id]);

    /// <summary>All files of the plugin that decide what it does, for hashing: its assemblies, native libraries and plugin.json.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
        .Where(f => Path.GetExtension(f) is ".dll" or ".so" or ".json")
        .Order(StringComparer.Ordinal);

    internal void Fail(MoSarException failure)
    {
        State = PluginState.Broken;
        Failure = failure;
    }

    /// <summary>Loads the entry assembly and lets its module register. Never throws for a bad plugin: see <see cref="State"/>.</summary>
    internal void Load()
    {
        if (State != PluginState.Found)
        {
            return;
        }

        try
        {
            LoadCore();
            State = PluginState.Loaded;
        }
        catch (MoSarException e)
        {
            Drop();
            Fail(e);
        }
        catch (Exception e)
        {
            Drop();
            Fail(Explain(e is TargetInvocationException { InnerException: { } inner } ? inner : e));
        }
    }

    internal StageRegistration? Find(string stageId) => registrations.GetValueOrDefault(stageId);

    /// <summary>Forgets the stages and lets the runtime collect the assemblies once nothing else holds them.</summary>
    internal void Unload()
    {
        if (State == PluginState.Loaded)
        {
            State = PluginState.Found;
        }

        Drop();
    }

    // Not inlined: locals of loaded types must not keep the context alive in the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LoadCore()
    {
        var entryPath = Path.Combine(Folder, Description!.EntryAssembly);
        if (!File.Exists(entryPath))
        {
            throw new MoSarException(
                "plugin-assembly-missing",
                $"Plugin '{Id}' names the entry assembly '{Description.EntryAssembly}', which is not in '{Folder}'.",
                "Build the plugin again, or correct entryAssembly in its plugin.json.");
        }

        context = new PluginLoadContext(Id, entryPath);
        var entry = context.LoadFromAssemblyPath(entryPath);
        if (context.FindMissing(entry) is { Count: > 0 } missing)
        {
            throw MissingDependency(string.Join(", ", missing));
        }

        // One explicit module, found among exported types only: there is no scan for stages.
        var modules = entry.GetExportedTypes().Where(t => t.IsClass && !t.IsAbstract && typeof(IPluginModule).IsAssignableFrom(t)).ToArray();
        if (modules.Length != 1)
        {
            throw new MoSarException(
                "plugin-module",
                $"'{entryPath}' has {modules.Length} public classes that implement IPluginModule; exactly one is needed.",
                "Make one public class implement IPluginModule and register every stage there.");
        }

        var registry = new Registry(this);
        ((IPluginModule)Activator.CreateInstance(modules[0])!).Register(registry);
        if (StageIds.FirstOrDefault(id => !registry.Stages.ContainsKey(id)) is { } absent)
        {
            throw new MoSarException(
                "plugin-stage-absent",
                $"Plugin '{Id}' names the stage '{absent}' in plugin.json but does not register it.",
                "Make plugin.json and the module's Register agree.");
        }

        registrations = registry.Stages;
    }

    private void Drop()
    {
        registrations = [];
        context?.Unload();
        context = null;
    }

    private MoSarException MissingDependency(string names) => new(
        "plugin-dependency-missing",
        $"Plugin '{Id}' needs {names}, which is neither in '{Folder}' nor part of the host.",
        "Build the plugin with EnableDynamicLoading and copy its whole output into the plugin folder.");

    private MoSarException Explain(Exception e) => e switch
    {
        FileNotFoundException { FileName: { } name } => MissingDependency(name.Split(',')[0]),
        BadImageFormatException => new MoSarException(
            "plugin-assembly-invalid", $"'{Description!.EntryAssembly}' of plugin '{Id}' is not a .NET assembly.", "Build the plugin again.", e),
        TypeLoadException or MissingMethodException or MissingFieldException => new MoSarException(
            "plugin-contract",
            $"Plugin '{Id}' was built for other contracts than this host's: {e.Message}",
            "Rebuild the plugin against this host's MoSar.Abstractions.",
            e),
        _ => new MoSarException(
            "plugin-failed",
            $"Plugin '{Id}' failed while it was loading: {e.GetType().Name}: {e.Message}",
            "This is a fault of the plugin; its author needs this message.",
            e),
    };

    private sealed class Registry(Plugin plugin) : IStageRegistry
    {
        public Dictionary<string, StageRegistration> Stages { get; } = [];

        public void Add<TRole, TOptions>(string id, string description, Func<TOptions, TRole> create)
            where TRole : class
            where TOptions : class, new()
        {
            if (!plugin.StageIds.Contains(id))
            {
                throw new MoSarException(
                    "plugin-stage-undeclared",
                    $"Plugin '{plugin.Id}' registers the stage '{id}', which its plugin.json does not name.",
                    "Add the id to 'stages' in plugin.json.");
            }

            if (!Stages.TryAdd(id, new StageRegistration(id, description, typeof(TRole), typeof(TOptions), o => create((TOptions)o), plugin)))
            {
                throw new MoSarException("plugin-stage-duplicate", $"Plugin '{plugin.Id}' registers the stage '{id}' twice.", "Remove one of the two.");
            }
        }
    }
}
