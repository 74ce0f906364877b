using System.Diagnostics;
using System.Text.Json.Nodes;

namespace MoSar.Cli.Tests;

/// <summary>A real process, a real signal.</summary>
public sealed class InterruptionTests
{
    [Theory]
    [InlineData("wait_for_cancellation", 1)]
    [InlineData("ignore_cancellation", 1)]
    [InlineData("wait_for_cancellation", 2)]
    public async Task CtrlCEndsARunAtOnceAndKeepsWhatIsFinished(string misbehaviour, int signals)
    {
        using var folder = new CommandFolder();
        folder.Picture("photos/a.png");
        folder.Picture("photos/b.png");
        string[] args =
        [
            // A shell that starts tests in the background has them ignore SIGINT; the program must not inherit that.
            "--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "mosar.dll"), "run", "--manifest", "fakes.yaml", "--plugins", "plugins", "--out", "heads",
            "--set", $"pipeline.geometry.misbehaviour={misbehaviour}", "--set", "pipeline.geometry.only_for=b", "photos",
        ];
        using var process = Process.Start(new ProcessStartInfo("env", args) { WorkingDirectory = folder.Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();

        // The first line says that a is finished; b is then being worked on, or about to be.
        Assert.StartsWith("a: heads/a", process.StandardOutput.ReadLine());
        // Twice as timeout does it: the process, then its group.
        var kill = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"kill -INT {process.Id}; ");
        using (var shell = Process.Start("sh", ["-c", kill + (signals == 2 ? $"sleep 0.02; {kill}" : string.Empty) + "true"]))
        {
            shell.WaitForExit();
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.Equal(130, process.ExitCode);
        Assert.StartsWith("interrupted: 1 ok, 0 failed, 1 not done; go on with: mosar run --resume heads", output);
        Assert.DoesNotContain(".b.partial", Directory.EnumerateFileSystemEntries(folder.At("heads")).Select(Path.GetFileName));
        Assert.Equal("interrupted", (string)JsonNode.Parse(File.ReadAllText(folder.At("heads/run.json")))!["status"]!);
        _ = await error;
    }
}
