using System.Runtime.CompilerServices;

namespace MoSar.Host.Tests;

/// <summary>A folder of a test's own, with the fixture plugins that it asks for. Removed with the test.</summary>
internal sealed class Workspace : IDisposable
{
    public Workspace()
    {
        Root = Directory.CreateTempSubdirectory("mosar-test-").FullName;
        Plugins = Directory.CreateDirectory(Path.Combine(Root, "plugins")).FullName;
    }

    public string Root { get; }

    public string Plugins { get; }

    /// <summary>The folder of this source file's project, for golden files.</summary>
    public static string SourceFolder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    /// <summary>Copies a fixture's build output into the plugin folder.</summary>
    /// <returns>The plugin's folder.</returns>
    public string Add(string fixture, string? folderName = null)
    {
        // build/bin/MoSar.Host.Tests/release → build/bin/Fixture.X/release
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var source = Path.Combine(output.Parent!.Parent!.FullName, fixture, output.Name);
        var target = Directory.CreateDirectory(Path.Combine(Plugins, folderName ?? fixture)).FullName;
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }

        return target;
    }

    /// <summary>Writes a file below the root.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    /// <summary>The manifest of fakes, copied here.</summary>
    public string Manifest(string name = "fakes.yaml") =>
        Write(name, File.ReadAllText(Path.Combine(SourceFolder(), "Manifests", "fakes.yaml")));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
