using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MoSar.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private static readonly string[] Fakes = ["--manifest", "fakes.yaml", "--plugins", "plugins"];

    private readonly CommandFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void VersionNamesTheContractsToo()
    {
        var (code, output, _) = folder.Run("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^mosar \d+\.\d+\.\d+ \(contracts 1\.0\)\n$", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("repeat")]
    [InlineData("relight")]
    [InlineData("data")]
    [InlineData("data lightstage")]
    [InlineData("data check")]
    [InlineData("doctor")]
    [InlineData("test")]
    [InlineData("plugins")]
    [InlineData("plugins list")]
    [InlineData("manifest")]
    [InlineData("manifest validate")]
    [InlineData("manifest explain")]
    [InlineData("manifest diff")]
    [InlineData("manifest schema")]
    [InlineData("model")]
    [InlineData("model build")]
    public void EveryCommandHasHelpWithAnExample(string command)
    {
        var (code, output, _) = folder.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, code);
        Assert.Matches("Examples?:\n +mosar ", output);
    }

    [Theory]
    [InlineData("runn")]
    [InlineData("run", "--fce", "1")]
    [InlineData("run", "--face", "0", "a.png")]
    [InlineData("relight", "x", "--environment", "y", "--out", "z", "--size", "1")]
    [InlineData("relight", "x", "--environment", "y", "--out", "z", "--exposure", "bright")]
    [InlineData("data", "lightstage", "--subjects", "0", "--out", "z")]
    [InlineData("train", "landmarks", "--model", "m", "--out", "z")]
    [InlineData("train", "locator", "--model", "m", "--out", "z", "--stage", "s")]
