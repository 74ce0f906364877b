using System.Reflection;
using System.Runtime.Loader;

namespace MoSar.Host.Plugins;

/// <summary>
/// One plugin's private assemblies. Contracts, the tensor engine and everything the framework holds are always the host's copy:
/// a type that two sides exchange must be one type, so a private copy of a shared assembly is never used, not even as a fallback.
/// </summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private static readonly HashSet<string> Contracts = new(StringComparer.OrdinalIgnoreCase)
    {
        "MoSar.Abstractions", "MoSar.Safetensors", "MoSar.Torch", "MoSar.Graphics", "MoSar.Learning", "MoSar.FaceModel", "TorchSharp",
    };

    /// <summary>Names of the assemblies that the runtime itself was started with: framework and host.</summary>
    private static readonly Lazy<HashSet<string>> Trusted = new(() =>
        (((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")) ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(p => Path.GetFileNameWithoutExtension(p))
            .ToHashSet(StringComparer.OrdinalIgnoreCase));

    private readonly AssemblyDependencyResolver resolver;
    private readonly string folder;
    private readonly string pluginId;

    public PluginLoadContext(string pluginId, string entryPath)
        : base(pluginId, isCollectible: true)
    {
        this.pluginId = pluginId;
        folder = Path.GetDirectoryName(entryPath)!;
        resolver = new AssemblyDependencyResolver(entryPath);
    }

    /// <summary>
    /// Names of assemblies that the entry assembly needs, directly or not, and that nobody has. Read from metadata, so that a missing
    /// dependency is found when the plugin loads and not in the middle of a run, when the first method that uses it is compiled.
    /// </summary>
    public IReadOnlyList<string> FindMissing(Assembly entry)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<Assembly>([entry]);
        while (open.TryDequeue(out var assembly))
        {
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (!seen.Add(reference.Name!) || IsShared(reference.Name!))
                {
                    continue;
                }

                if (PrivatePath(reference) is { } path)
                {
                    open.Enqueue(LoadFromAssemblyPath(path));
                }
                else
                {
                    missing.Add(reference.Name!);
                }
            }
        }

        return [.. missing];
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Contracts.Contains(assemblyName.Name!))
        {
            try
            {
                return Default.LoadFromAssemblyName(assemblyName);
            }
            catch (Exception e) when (e is FileNotFoundException or FileLoadException)
            {
                throw new MoSarException(
                    "plugin-shared-assembly",
                    $"Plugin '{pluginId}' needs {assemblyName.Name} {assemblyName.Version}, which this host cannot give: {e.Message}",
                    "Rebuild the plugin against this host.",
                    e);
            }
        }

        // Null hands the request to the default context, which holds the framework's and the host's own assemblies.
        return !IsShared(assemblyName.Name!) && PrivatePath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        if (resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path)
        {
            return LoadUnmanagedDllFromPath(path);
        }

        var beside = Path.Combine(folder, $"lib{unmanagedDllName}.so");
        return File.Exists(beside) ? LoadUnmanagedDllFromPath(beside) : 0;
    }

    private static bool IsShared(string name) => Contracts.Contains(name) || Trusted.Value.Contains(name);

    private string? PrivatePath(AssemblyName name)
    {
        if (resolver.ResolveAssemblyToPath(name) is { } path && File.Exists(path))
        {
            return path;
        }

        var beside = Path.Combine(folder, name.Name + ".dll");
        return File.Exists(beside) ? beside : null;
    }
}
