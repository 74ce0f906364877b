using System.Diagnostics;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

public sealed class TrainCommandTests : IDisposable
{
    private const string Manifest =
        """
        schema: mosar/v1
        name: shades
        data:
          resolution: 16
          split: {validation: 0.3, test: 0}
          augment: {brightness: 0.5, flip: 0.5}
          sources:
            known: {stage: data.shades}
        training:
          learner: {stage: learn.shade}
          steps: 40
          batch: 4
          schedule: {warm_up: 4}
          validation: {every: 7, items: 4, pictures: 1}
          checkpoint_every: 1
          report_every: 1
          losses:
            shade: {stage: loss.shade}
        """;

    private readonly CommandFolder folder = new();

    public TrainCommandTests()
    {
        folder.AddPlugin("Fixture.Learning");
        File.WriteAllText(folder.At("shades.yaml"), Manifest);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATrainingIsShownAndSummedUp()
    {
        var (code, output, error) = Train("out", "--set", "training.report_every=20");
        Assert.Equal((0, string.Empty), (code, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Matches(@"^40 steps; a batch: 4 of \d+ known; 0\.00 M parameters; reports in ROOT/out$", lines[0]);
        Assert.Matches(@"^step 20  loss \S+  shade \S+  \S+ s a step  00:00:\d\d left$", lines.First(l => l.StartsWith("step", StringComparison.Ordinal)));
        Assert.Matches(@"^validation at step 7  loss \S+  shade \S+  error \S+  best so far$", lines[1]);
        Assert.Matches(@"^40 steps in 00:\d\d:\d\d, best at step \d+ \(\S+\): ROOT/out/weights.safetensors$", lines[^1]);

        (code, output, error) = Train("out", "--set", "training.report_every=20");
        Assert.Equal((0, "notice: 'ROOT/out' is finished; nothing was done. Raise training.steps in another folder to train longer.\n"), (code, error));
    }

    /// <summary>kill -9 while it reads, learns, measures or writes: after each line that it prints it is somewhere else.</summary>
    [Fact]
    public void KilledAnywhereItEndsWithTheWeightsOfOneThatNeverWas()
    {
        Assert.Equal(0, Train("whole").Code);
        var random = new Random(11);
        var kills = 0;
        var reached = 0;
        while (kills < 5)
        {
            using var process = Start("pieces");
            var lines = random.Next(2, 14);
            while (lines-- > 0 && process.StandardOutput.ReadLine() is { } line)
            {
                reached = line.StartsWith("step ", StringComparison.Ordinal) ? int.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) : reached;
            }

            // Up to a step later, wherever that is: a spin, not a sleep, because the moment is to be any.
            var wait = Stopwatch.GetTimestamp() + (long)(random.NextDouble() * 0.03 * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < wait)
            {
                Thread.SpinWait(100);
            }

            process.Kill();
            process.WaitForExit();
            kills++;
        }

        Assert.InRange(reached, 5, 39);
        var (code, output, _) = Train("pieces");
        Assert.Equal(0, code);
        Assert.Contains("going on after step", output);
        foreach (var file in new[] { "weights.safetensors", "checkpoints/best.safetensors", "checkpoints/last.safetensors" })
        {
            var (a, b) = (SafetensorsFile.Read(folder.At($"whole/{file}")), SafetensorsFile.Read(folder.At($"pieces/{file}")));
            Assert.All(a.Entries, e => Assert.Equal(a.Bytes(e.Name).ToArray(), b.Bytes(e.Name).ToArray()));
        }

        // What was reported twice is there once, and nothing that was half written is left.
        var steps = File.ReadLines(folder.At("pieces/metrics.jsonl")).Where(l => l.Contains("\"train\"", StringComparison.Ordinal)).Select(l => l.Split(',')[0]).ToArray();
        Assert.Equal(Enumerable.Range(1, 40).Select(s => $"{{\"step\":{s}"), steps);
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.At("pieces"), "*", SearchOption.AllDirectories), f => f.EndsWith(".tmp", StringComparison.Ordinal) || f.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public void CtrlCKeepsTheStep()
    {
        using var process = Start("out", "--set", "training.steps=100000", "--set", "training.checkpoint_every=100000", "--set", "training.validation.every=0");
        while (process.StandardOutput.ReadLine() is { } line && !line.StartsWith("step 3 ", StringComparison.Ordinal))
        {
        }

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Matches(@"interrupted at step \d+ of 100000, which is kept; the same command goes on\.\n$", output);
        Assert.True(File.Exists(folder.At("out/checkpoints/last.safetensors")));
    }

    [Fact]
    public void DivergenceEndsWithOne()
    {
        var (code, _, error) = Train("out", "--set", "training.losses.shade.poison_at=3");
        Assert.Equal(1, code);
        Assert.StartsWith("error: Step 3 is not finite: 'shade' is NaN.", error);
    }

    [Theory]
    [InlineData("Which manifest? mosar train MANIFEST --out DIR, or mosar train shapes|landmarks|locator.", "train")]
    [InlineData("--out DIR is needed: checkpoints, reports and weights go there.", "train", "shades.yaml")]
    [InlineData("there is no manifest 'shade.yaml'", "train", "shade.yaml", "--out", "x")]
    [InlineData("this manifest has no 'training'", "train", "fakes.yaml", "--out", "x")]
    public void WhatCannotStartSaysWhy(string message, params string[] args)
    {
        var (code, _, error) = folder.Run([.. args, .. args.Length > 2 ? new[] { "--plugins", "plugins" } : []]);
        Assert.Equal(2, code);
        Assert.Contains(message, error);
        Assert.False(Directory.Exists(folder.At("x")));
    }

    [Fact]
    public void AManifestWithATrainingIsValidatedAndExplained()
    {
        var (code, output, _) = folder.Run("manifest", "validate", "shades.yaml", "--plugins", "plugins");
        Assert.Equal((0, "ok: shades, 1 dataset source and a training of learn.shade\n"), (code, output));
        (_, output, _) = folder.Run("manifest", "explain", "shades.yaml", "--plugins", "plugins");
        Assert.Matches(@"checkpoint_every: 1 +# shades\.yaml:\d+:\d+", output);
        Assert.Matches(@"weight: null +# default", output);
        (_, output, _) = folder.Run("manifest", "schema", "--plugins", "plugins");
        Assert.Contains("\"checkpoint_every\"", output);
    }

    /// <summary>The shipped recipes, whose data and weights everybody makes first: nothing but these may be missing.</summary>
    [Fact]
    public void TheShippedRecipesAreSound()
    {
        var recipes = Directory.GetFiles(Repository.Folder("manifests", "training"), "*.yaml");
        Assert.NotEmpty(recipes);
        foreach (var recipe in recipes)
        {
            var (_, _, error) = folder.Run("manifest", "validate", recipe);
            var errors = error.Split('\n').Where(l => l.StartsWith("error: ", StringComparison.Ordinal));
            Assert.All(errors, e => Assert.True(
                e.EndsWith("names a file or folder that is not there", StringComparison.Ordinal) || e.Contains("There is no folder", StringComparison.Ordinal), $"{recipe}: {e}"));
        }
    }

    private (int Code, string Out, string Error) Train(string to, params string[] more) => folder.Run(["train", "shades.yaml", "--plugins", "plugins", "--out", to, .. more]);

    private Process Start(string to, params string[] more)
    {
        // A shell that starts tests in the background has them ignore SIGINT; the program must not inherit that.
        string[] args = ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "mosar.dll"), "train", "shades.yaml", "--plugins", "plugins", "--out", to, .. more];
        return Process.Start(new ProcessStartInfo("env", args) { WorkingDirectory = folder.Root, RedirectStandardOutput = true })!;
    }
}
