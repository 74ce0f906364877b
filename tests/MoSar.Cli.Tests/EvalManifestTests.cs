using System.Diagnostics;
using System.Text.Json.Nodes;
using MoSar.Testing;

namespace MoSar.Cli.Tests;

/// <summary><c>mosar eval MANIFEST</c>.</summary>
public sealed class EvalManifestTests : IDisposable
{
    private const string Manifest =
        """
        schema: mosar/v1
        name: heads
        extends: fakes.yaml
        data:
          split: {test: 0.9, validation: 0}
          sources:
            people: {stage: data.heads, model: face.safetensors, subjects: 5}
        evaluation:
          model: face.safetensors
          evaluators:
            size: {stage: eval.height}
          variants:
            large: {geometry: {stage: geometry.heads, model: face.safetensors, weights: large.txt}}
            refined: {like: large, label: "large, refined", geometry: {refined: true}}
        """;

    private readonly CommandFolder folder = new();

    public EvalManifestTests()
    {
        folder.AddPlugin("Fixture.Evaluation");
        File.CreateSymbolicLink(folder.At("face.safetensors"), Repository.Folder("samples", "models", "face.safetensors"));
        File.WriteAllText(folder.At("large.txt"), "1.1");
        File.WriteAllText(folder.At("heads.yaml"), Manifest);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ATableIsPrintedAndKept()
    {
        var (code, output, error) = Eval("table");
        Assert.Equal(0, code);
        Assert.Matches("^\\d+ photographs of \\d subjects, 4 rows; results in ROOT/table\n(.*\n)*\\d+ of \\d+ measured, 00:00:00 left\n$", error);
        Assert.Matches(@"large +\d+\.\d\d ±\d+\.\d\d +\d+\.\d %", output);
        Assert.Matches(@"large, refined .*\n +mean face, true camera .*\n +ground truth +0\.00 ±0\.00 ", output);
        Assert.Contains("Height, %, by skin tone\n", output);
        Assert.EndsWith("ROOT/table/table.html has the tables, table.csv and photographs.csv beside it all figures\n", output);

        // Again: everything is known, and the table is the same.
        var (_, again, known) = Eval("table");
        Assert.Equal(output, again);
        Assert.Matches(@"(\d+) of \1 are known already", known);

        (code, output, _) = Eval("table", "--json", "--set", "evaluation.variants.large.geometry.fails_on=people/s1/p0");
        var record = JsonNode.Parse(output)!;
        Assert.Equal((1, "finished"), (code, (string)record["status"]!));
        Assert.Equal("fit-diverged", (string)record["rows"]![0]!["failures"]!["people/s1/p0"]!["code"]!);
        Assert.Equal(0, (double)record["rows"]![3]!["columns"]!["size.height"]!["mean"]!);
    }

    [Fact]
    public void KilledOrInterruptedItGoesOn()
    {
        Assert.Equal(0, Eval("whole").Code);
        Start("pieces", "-KILL", out var code);
        Assert.Equal(137, code);
        var output = Start("pieces", "-INT", out code);
        Assert.Equal(130, code);
        Assert.Matches(@"interrupted: \d+ of \d+ are measured and kept; the same command goes on\.\n$", output);
        Assert.Contains("are known already", Eval("pieces").Error);
        Assert.Equal(File.ReadAllText(folder.At("whole/table.csv")), File.ReadAllText(folder.At("pieces/table.csv")));
    }

    [Theory]
    [InlineData("Which manifest? mosar eval MANIFEST, or mosar eval landmarks|zoom|realy|artefacts.", "eval")]
    [InlineData("there is no manifest 'head.yaml'", "eval", "head.yaml", "--out", "x")]
    [InlineData("this manifest has no 'evaluation'", "eval", "fakes.yaml", "--out", "x")]
    public void WhatCannotStartSaysWhy(string message, params string[] args)
    {
        var (code, _, error) = folder.Run([.. args, .. args.Length > 2 ? new[] { "--plugins", "plugins" } : []]);
        Assert.Equal(2, code);
        Assert.Contains(message, error);
        Assert.False(Directory.Exists(folder.At("x")));
    }

    [Fact]
    public void AManifestWithAnEvaluationIsValidatedAndExplained()
    {
        var (code, output, _) = folder.Run("manifest", "validate", "heads.yaml", "--plugins", "plugins");
        Assert.Equal((0, "ok: heads, 11 stages and 1 dataset source and an evaluation of 2 variants\n"), (code, output));
        (_, output, _) = folder.Run("manifest", "explain", "heads.yaml", "--plugins", "plugins");
        Assert.Matches(@"refined: true +# heads\.yaml:\d+:\d+", output);
        (_, output, _) = folder.Run("manifest", "schema", "--plugins", "plugins");
        var evaluation = JsonNode.Parse(output)!["properties"]!["evaluation"]!["properties"]!;
        Assert.NotNull(evaluation["evaluators"]);
        Assert.NotNull(evaluation["variants"]!["additionalProperties"]!["properties"]!["geometry"]);
    }

    /// <summary>Table 1 as shipped, but for weights that are not there yet: those have a command each.</summary>
    [Fact]
    public void TableOneIsSound()
    {
        var (code, _, error) = folder.Run("manifest", "validate", Repository.Folder("manifests", "ablations", "table1.yaml"), "--set", $"data.sources.stage.folder={folder.At("nowhere")}");
        Assert.Equal(2, code);
        var errors = error.Split('\n').Where(l => l.StartsWith("error: ", StringComparison.Ordinal)).ToArray();
        if (errors.Any(e => e.Contains("'weights'", StringComparison.Ordinal)))
        {
            Assert.All(errors, e => Assert.Equal("error: 'weights' of stage 'geometry.scene' names a file or folder that is not there", e));
            Assert.Equal(errors.Length, error.Split(" = made by: mosar train manifests/training/").Length - 1);
        }
        else
        {
            Assert.Contains("nowhere", error);
        }
    }

    private (int Code, string Out, string Error) Eval(string to, params string[] more) => folder.Run(["eval", "heads.yaml", "--plugins", "plugins", "--out", to, .. more]);

    /// <summary>Sends a signal when some of it is measured.</summary>
    private string Start(string to, string signal, out int code)
    {
        // A shell that starts tests in the background has them ignore SIGINT; the program must not inherit that.
        string[] args =
        [
            "--default-signal=INT", "FIXTURE_WAITS_AFTER=3", "dotnet", Path.Combine(AppContext.BaseDirectory, "mosar.dll"), "eval", "heads.yaml", "--plugins", "plugins", "--out", to,
        ];
        using var process = Process.Start(new ProcessStartInfo("env", args) { WorkingDirectory = folder.Root, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var measured = 2;
        while (measured > 0 && process.StandardError.ReadLine() is { } line)
        {
            measured -= line.Contains(" measured, ", StringComparison.Ordinal) ? 1 : 0;
        }

        using (var kill = Process.Start("kill", [signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        code = process.ExitCode;
        return output;
    }
}
