namespace MoSar.Host;

/// <summary>Where this program's own files are.</summary>
public static class Installation
{
    /// <summary>Environment variable with further plugin folders, separated as PATH is.</summary>
    public const string PluginsVariable = "MOSAR_PLUGINS";

    /// <summary>The folder that holds manifests/ and samples/; found upwards from the program.</summary>
    public static string Root { get; } = Above("manifests") ?? Above("MoSar.Host.sln") ?? AppContext.BaseDirectory;

    public static string DefaultManifest => Path.Combine(Root, "manifests", "default.yaml");

    /// <summary>The shipped plugins, then those of the environment, then the given ones.</summary>
    public static IReadOnlyList<string> PluginFolders(IEnumerable<string> further)
    {
        // Beside the bin folder that the program runs from, so that a build against another tensor backend finds its own.
        var beside = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "plugins"));
        var shipped = Directory.Exists(beside) ? beside : Path.Combine(Root, "build", "plugins");
        var environment = (Environment.GetEnvironmentVariable(PluginsVariable) ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [.. Directory.Exists(shipped) ? [shipped] : Array.Empty<string>(), .. environment, .. further];
    }

    private static string? Above(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Exists(Path.Combine(folder.FullName, name)))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
