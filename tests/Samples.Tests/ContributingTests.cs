using System.Text.RegularExpressions;
using MoSar.Graphics;
using MoSar.Testing;

namespace MoSar.Samples.Tests;

/// <summary>CONTRIBUTING.md, read and done as a newcomer would.</summary>
public sealed partial class ContributingTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("mosar-newcomer-").FullName;

    private static string Text { get; } = File.ReadAllText(Repository.Folder("CONTRIBUTING.md"));

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData("xml", "Maps.Roughness.csproj")]
    [InlineData("csharp", "RoughnessEstimator.cs")]
    [InlineData("json", "plugin.json")]
    [InlineData("yaml", "roughness.yaml")]
    public void ListingsAreTheSamplesFiles(string language, string file)
    {
        var listing = Assert.Single(Blocks(language));
        Assert.Equal(File.ReadAllText(Repository.Folder("samples", "plugins", "Maps.Roughness", file)).TrimEnd(), listing);
    }

    [Fact]
    public void ThePluginBuildsLoadsAndItsMapIsInTheAvatar()
    {
        var steps = Blocks("sh").Take(2).SelectMany(block => block.Split('\n')).ToArray();
        Assert.Equal(3, steps.Length);
        var outputs = new List<string>();
        foreach (var step in steps)
        {
            var (code, output) = Checkout.Bash(step.Replace("~/", _home + "/", StringComparison.Ordinal));
            Assert.True(code == 0, $"{step}\n{output}");
            outputs.Add(output);
        }

        Assert.Contains("maps.roughness", outputs[1], StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_home, "mosar-plugins", "Maps.Roughness", "MoSar.Abstractions.dll")), "the plugin must not bring its own copy of the contracts");
        var map = ImageFile.ReadData(Path.Combine(_home, "mosar-out", "demo", "maps", "roughness.png"));
        Assert.Equal(1, map.Channels);
        Assert.InRange(map.Pixels.Min(), 0.25f, 0.66f);
        Assert.InRange(map.Pixels.Max(), 0.3f, 0.66f);
    }

    private static string[] Blocks(string language) => [.. Fence().Matches(Text).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value)];

    [GeneratedRegex("```(\\w+)\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
