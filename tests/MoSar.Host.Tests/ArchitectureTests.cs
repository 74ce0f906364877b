using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using MoSar.Testing;

namespace MoSar.Host.Tests;

/// <summary>design.md, "The house": arrows point one way. Read from the built assemblies, so nothing can be hidden in a project file.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Bin = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.FullName;

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["MoSar.Abstractions"] = [],
        ["MoSar.Safetensors"] = ["MoSar.Abstractions"],
        ["MoSar.Torch"] = ["MoSar.Abstractions", "MoSar.Safetensors"],
        ["MoSar.Graphics"] = ["MoSar.Abstractions"],
        ["MoSar.Learning"] = ["MoSar.Abstractions", "MoSar.Safetensors", "MoSar.Torch", "MoSar.Graphics"],
        ["MoSar.FaceModel"] = ["MoSar.Abstractions", "MoSar.Safetensors", "MoSar.Graphics"],
        ["MoSar.Host"] = ["MoSar.Abstractions", "MoSar.Safetensors", "MoSar.Torch", "MoSar.Graphics", "MoSar.Learning", "MoSar.FaceModel"],
    };

    private static readonly string[] Contracts = ["MoSar.Abstractions", "MoSar.Safetensors", "MoSar.Torch", "MoSar.Graphics", "MoSar.Learning", "MoSar.FaceModel"];

    public static TheoryData<string> Libraries => [.. Allowed.Keys];

    private static string[] PluginNames => [.. Directory.EnumerateDirectories(Repository.Folder("plugins")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void LibrariesReferenceOnlyWhatIsBelowThem(string library)
    {
        var path = Path.Combine(AppContext.BaseDirectory, library + ".dll");
        Assert.Empty(References(path).Where(IsOurs).Except(Allowed[library]));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void OnlyTheCommandLineWritesToTheTerminal(string library) =>
        Assert.DoesNotContain("System.Console", References(Path.Combine(AppContext.BaseDirectory, library + ".dll")));

    [Fact]
    public void PluginsReferenceContractsAndNeverTheHostOrAnotherPlugin()
    {
        foreach (var name in PluginNames)
        {
            var path = Path.Combine(Bin, name, "release", name + ".dll");
            if (File.Exists(path))
            {
                var references = References(path);
                Assert.Empty(references.Where(IsOurs).Except(Contracts).Select(r => $"{name} references {r}"));
                Assert.DoesNotContain("System.Console", references);
                Assert.Empty(references.Intersect(PluginNames));
            }
        }
    }

    [Fact]
    public void PluginProjectsNameNoOtherPluginAndNotTheHost()
    {
        foreach (var project in PluginNames.Select(n => Repository.Folder("plugins", n, n + ".csproj")).Where(File.Exists))
        {
            var text = File.ReadAllText(project);
            Assert.DoesNotContain("MoSar.Host", text);
            Assert.DoesNotContain("/plugins/", text);
        }
    }

    private static bool IsOurs(string name) => name.StartsWith("MoSar.", StringComparison.Ordinal) || name == "mosar";

    private static string[] References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name))];
    }
}
