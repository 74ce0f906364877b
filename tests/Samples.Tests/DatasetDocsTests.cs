using System.Text.RegularExpressions;
using MoSar.Testing;

namespace MoSar.Samples.Tests;

/// <summary>docs/datasets.md, done: its commands, its manifest, and the shipped manifests for data.</summary>
public sealed partial class DatasetDocsTests
{
    private static readonly string Page = File.ReadAllText(Repository.Folder("docs", "datasets.md"));

    public static TheoryData<string> Commands => [.. ShellBlock().Matches(Page).SelectMany(m => m.Groups[1].Value.Split('\n')).Where(l => l.StartsWith("./mosar ", StringComparison.Ordinal))];

    public static TheoryData<string> Manifests => [.. Directory.EnumerateFiles(Repository.Folder("manifests", "data"), "*.yaml").Where(f => File.ReadAllText(f).Contains("\ndata:", StringComparison.Ordinal)).Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Commands))]
    public void ItsCommandsWork(string command)
    {
        var (code, output) = Checkout.Bash(command);
        Assert.True(code == 0, command + "\n" + output);
    }

    [Fact]
    public void ItsManifestWorks()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mosar-datasets-{Guid.NewGuid():N}.yaml");
        try
        {
            File.WriteAllText(path, YamlBlock().Match(Page).Groups[1].Value.Replace("folder: samples/", $"folder: {Repository.Folder()}/samples/", StringComparison.Ordinal));
            var (code, output) = Checkout.Bash($"./mosar data check {path}");
            Assert.True(code == 0, output);
            Assert.Contains("0 corrupt", output);
            Assert.Contains("panorama", output);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void TheShippedManifestsResolve(string name)
    {
        var (code, output) = Checkout.Bash($"./mosar manifest explain manifests/data/{name}");
        Assert.True(code == 0, output);
        Assert.Contains("sources:", output);
    }

    [Fact]
    public void EveryDatasetStageHasARow()
    {
        var (code, output) = Checkout.Bash("./mosar plugins list");
        Assert.True(code == 0, output);
        var stages = Stage().Matches(output).Select(m => m.Value).Distinct();
        Assert.All(stages, s => Assert.Contains($"| `{s}` |", Page));
    }

    [GeneratedRegex("```sh\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"\bdata\.[a-z-]+")]
    private static partial Regex Stage();
}
