using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MoSar.Cli.Tests;

/// <summary>
/// What the README says, done: its commands on its own portrait with the shipped plugins and weights, its table of files, its table
/// of stages and its manifest. Only <c>./mosar test</c> is not run: this is it.
/// </summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string Repository = Path.GetFullPath(Path.Combine(CommandFolder.SourceFolder(), "..", ".."));
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository, "README.md"));

    private readonly string folder = Directory.CreateTempSubdirectory("mosar-readme-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void TheCommandsRunAndLeaveTheFilesThatTheTableNames()
    {
        var commands = Commands().ToArray();
        Assert.Contains("run samples/portraits/demo.png", commands);
        Assert.Contains("test", commands);

        var heads = Path.Combine(folder, "heads");
        var (code, output, error) = Mosar("run", "samples/portraits/demo.png", "--out", heads);
        Assert.True(code == 0, output + error);
        foreach (var file in new[] { "avatar.glb", "mesh.obj", "maps/displacement.exr", "texture.png", "visibility.png", "preview.png", "reconstruction.json" })
        {
            Assert.Contains($"`{file}`", Readme);
            Assert.True(new FileInfo(Path.Combine(heads, "demo", file)).Length > 0, file);
        }

        var maps = Directory.GetFiles(Path.Combine(heads, "demo", "maps"), "*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["ambient_occlusion.png", "diffuse.png", "normal.png", "specular.png", "translucency.png"], maps);

        foreach (var relight in commands.Where(c => c.StartsWith("relight ", StringComparison.Ordinal)))
        {
            var arguments = relight.Replace("out/RUN", heads, StringComparison.Ordinal).Split(' ');
            arguments[^1] = Path.Combine(folder, arguments[^1]);
            (code, output, error) = Mosar(arguments);
            Assert.True(code == 0, relight + "\n" + output + error);
            Assert.True(new FileInfo(arguments[^1]).Length > 0);
        }

        // "checks that every byte is the same"
        (code, output, error) = Mosar("repeat", heads);
        Assert.True(code == 0, output + error);
    }

    [Fact]
    public void TheTableOfStagesIsWhatThereIs()
    {
        var (code, output, error) = Mosar("plugins", "list", "--json");
        Assert.True(code == 0, output + error);
        var there = JsonNode.Parse(output)!.AsArray().SelectMany(p => p!["stages"]!.AsArray()).Select(s => s is JsonValue ? (string)s! : (string)s!["id"]!);
        var said = StageRow().Matches(Readme).Select(m => m.Groups[1].Value);
        Assert.Equal(there.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void TheManifestIsValidAndTheOptionThatSwapsAStageToo()
    {
        var manifest = Path.Combine(folder, "no-light-normalization.yaml");
        var text = YamlBlock().Match(Readme).Groups[1].Value;
        File.WriteAllText(manifest, text.Replace("extends: manifests/", $"extends: {Repository}/manifests/", StringComparison.Ordinal));
        var (code, output, error) = Mosar("manifest", "validate", manifest);
        Assert.True(code == 0, output + error);

        Assert.Contains("--set pipeline.light.stage=light.none", Readme);
        (code, output, error) = Mosar("manifest", "explain", "--set", "pipeline.light.stage=light.none");
        Assert.True(code == 0, output + error);
        Assert.Contains("light.none", output);
    }

    [Fact]
    public void EveryFileThatItLinksToIsThere()
    {
        foreach (Match link in Link().Matches(Readme))
        {
            Assert.True(File.Exists(Path.Combine(Repository, link.Groups[1].Value)), link.Value);
        }
    }

    private static IEnumerable<string> Commands() =>
        ShellBlock().Matches(Readme).SelectMany(m => m.Groups[1].Value.Split('\n')).Where(l => l.StartsWith("./mosar ", StringComparison.Ordinal)).Select(l => l["./mosar ".Length..]);

    private static (int Code, string Out, string Error) Mosar(params string[] arguments)
    {
        // The program as installed, not the copy beside this test: it finds the shipped plugins from where it lies.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(Repository, "build", "bin", "MoSar.Cli", configuration, "mosar.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"^\| \w+ \| `([\w.-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex StageRow();

    [GeneratedRegex(@"\]\((?!http)([^)]+)\)")]
    private static partial Regex Link();
}
