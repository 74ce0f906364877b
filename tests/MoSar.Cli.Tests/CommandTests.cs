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
    [InlineData("retarget")]
    [InlineData("data")]
    [InlineData("data lightstage")]
    [InlineData("data skins")]
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
    [InlineData("model albedo")]
    [InlineData("model landmarks")]
    [InlineData("train")]
    [InlineData("train landmarks")]
    [InlineData("train locator")]
    [InlineData("eval")]
    [InlineData("eval landmarks")]
    [InlineData("eval zoom")]
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
    [InlineData("data", "check")]
    [InlineData("data", "check", "x.yaml", "--limit", "-1")]
    [InlineData("train", "landmarks", "--model", "m", "--out", "z")]
    [InlineData("train", "locator", "--model", "m", "--out", "z", "--stage", "s")]
    [InlineData("model", "build", "--from", "elsewhere", "x")]
    public void AWrongCommandLineEndsWithTwo(params string[] args) => Assert.Equal(2, folder.Run(args).Code);

    [Theory]
    [InlineData("rnu x", "There is no command 'rnu'; did you mean 'run'?", "mosar")]
    [InlineData("manifest validat x", "There is no command 'validat'; did you mean 'validate'?", "mosar manifest")]
    [InlineData("repeat x --jsn", "There is no option '--jsn'; did you mean '--json'?", "mosar repeat")]
    [InlineData("repeat x y", "'y' is one argument too many.", "mosar repeat")]
    [InlineData("run --face x a.png", "--face is a whole number from 1, not 'x'.", "mosar run")]
    [InlineData("data lightstage -n two -o z", "--subjects is a whole number from 1 to 99999, not 'two'.", "mosar data lightstage")]
    [InlineData("train landmarks --model m --portraits p --out z --steps -4", "--steps is a whole number from 1, not '-4'.", "mosar train landmarks")]
    [InlineData("train landmarks --model m --portraits p --out z --side 200", "--side is a multiple of 16.", "mosar train landmarks")]
    [InlineData("train landmarks --model m --portraits p --out z --learning-rate 2", "--learning-rate lies above 0, at most 1.", "mosar train landmarks")]
    [InlineData("relight a -e x -o y --size big", "--size is a whole number from 16 to 8192, not 'big'.", "mosar relight")]
    [InlineData("relight a -e x -o y --yaw q", "--yaw is a number, not 'q'.", "mosar relight")]
    [InlineData("run --resume heads --set seed=3", "--set cannot be changed with --resume: the run goes on as it was started.", "mosar run")]
    [InlineData("run --resume heads a.png", "--resume goes on with the run's own photographs; name none.", "mosar run")]
    public void AWrongCommandLineIsExplained(string arguments, string message, string command) =>
        Assert.Equal((2, string.Empty, $"error: {message}\n = {command} --help shows what there is.\n"), folder.Run(arguments.Split(' ')));

    [Fact]
    public void WithoutACommandTheHelpIsShownAsAnError()
    {
        var (code, output, error) = folder.Run();
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("run <PHOTO|FOLDER>", error);
    }

    [Fact]
    public void WhenNoPhotographIsThereNothingStarts()
    {
        folder.Picture("demo.png");
        Assert.Equal((2, string.Empty, "error: There is no file 'ROOT/dmo.png'.\n = Did you mean 'demo.png'?\n"), folder.Run("run", "dmo.png"));
        Assert.Equal((2, string.Empty, "error: There is no file 'ROOT/no/a.png'.\n = Check the name: the folder 'ROOT/no' does not exist either.\n"), folder.Run("run", "no/a.png"));
        Assert.False(Directory.Exists(folder.At("out")));
    }

    [Fact]
    public void WhereAResultCannotGoIsSaidBeforeTheWork()
    {
        folder.Picture("a.png");
        const string Remedy = " = Choose another place with --out.\n";
        Assert.Equal(
            (2, string.Empty, "error: Cannot write 'ROOT/a.png/m.safetensors': its folder cannot be made or written.\n" + Remedy),
            folder.Run("model", "build", "--from", "ict-facekit", "none", "--out", "a.png/m.safetensors"));
        Assert.Equal((2, "error: 'ROOT/plugins' is a folder.\n = Name a file with --out.\n"), Failure("relight", "a", "-e", "x.hdr", "-o", "plugins"));
        Assert.Equal((2, "error: Cannot write 'ROOT/a.png/w': its folder cannot be made or written.\n" + Remedy), Failure("train", "landmarks", "--model", "m", "--portraits", "p", "--out", "a.png/w"));
        Assert.Equal((2, "error: 'ROOT/a.png' is a file.\n = Choose another folder with --out.\n"), Failure("data", "lightstage", "-n", "1", "--out", "a.png"));
    }

    [Fact]
    public void ALightStagesManifestIsRecognisedWhereARunsIsExpected()
    {
        File.WriteAllText(folder.At("stage.yaml"), "schema: mosar/v1\nmodel: face.safetensors\n");
        var (code, _, error) = folder.Run("data", "check", "stage.yaml");
        Assert.Equal(2, code);
        Assert.StartsWith("error: this manifest describes a virtual light stage\n --> stage.yaml:2:1\n", error);
        Assert.EndsWith("= mosar data lightstage --manifest FILE checks it and makes what it describes\n", error);
    }

    private (int Code, string Error) Failure(params string[] args)
    {
        var (code, _, error) = folder.Run(args);
        return (code, error);
    }

    [Fact]
    public void ARunSaysWhereTheHeadsAreAndWhatFailed()
    {
        folder.Picture("photos/a.png");
        File.WriteAllText(folder.At("photos/b.png"), "not a picture");
        var (code, output, error) = folder.Run(["run", .. Fakes, "--out", "heads", "photos", "gone.png"]);

        Assert.Equal(1, code);
        Assert.Matches(@"^a: heads/a \(\d+\.\d s\)\n1 ok, 2 failed \(heads/run\.json\)\n$", output);
        Assert.Equal(
            """
            b: error: 'ROOT/photos/b.png' is not a picture that can be read.
              = Give a PNG, JPEG, TIFF, OpenEXR or Radiance HDR file.
            gone: error: There is no file 'ROOT/gone.png'.
              = Check the name.

            """,
            error);
        Assert.True(File.Exists(folder.At("heads/a/maps.txt")));
    }

    [Fact]
    public void ARunInJsonIsForPrograms()
    {
        folder.Picture("a.png");
        var (code, output, error) = folder.Run(["run", .. Fakes, "--out", "heads", "--json", "--set", "pipeline.detect.faces=2", "a.png", "gone.png"]);
        var result = JsonNode.Parse(output)!;

        Assert.Equal(1, code);
        Assert.Empty(error);
        Assert.Equal(1, (int)result["exitCode"]!);
        Assert.Equal(["ok", "failed"], result["photographs"]!.AsArray().Select(p => (string)p!["outcome"]!));
        Assert.Equal("file-missing", (string)result["photographs"]![1]!["error"]!["code"]!);
        Assert.Contains("took the largest", (string)result["photographs"]![0]!["notices"]![0]!);
    }

    [Fact]
    public void WithoutOutTheRunFolderIsNamedByTheTime()
    {
        folder.Picture("a.png");
        Assert.Equal(0, folder.Run(["run", .. Fakes, "a.png"]).Code);
        Assert.Equal(0, folder.Run(["run", .. Fakes, "a.png"]).Code);
        var runs = Directory.EnumerateDirectories(folder.At("out")).Select(Path.GetFileName).ToArray();
        Assert.Equal(2, runs.Length);
        Assert.All(runs, r => Assert.Matches(@"^\d{8}-\d{6}(-2)?$", r!));
    }

    [Fact]
    public void AnExistingAvatarIsNotReplacedUnasked()
    {
        folder.Picture("a.png");
        folder.Run(["run", .. Fakes, "--out", "heads", "a.png"]);
        var (code, _, error) = folder.Run(["run", .. Fakes, "--out", "heads", "a.png"]);

        Assert.Equal(2, code);
        Assert.Equal("error: 'ROOT/heads' already holds a.\n = Choose another folder with --out, or replace them with --force.\n", error);
        Assert.Equal(0, folder.Run(["run", .. Fakes, "--out", "heads", "--force", "a.png"]).Code);
    }

    [Fact]
    public void NothingToRunIsAnError() => Assert.Equal((2, string.Empty), (folder.Run(["run", .. Fakes]).Code, folder.Run(["run", .. Fakes]).Out));

    [Fact]
    public void ARepetitionIsIdentical()
    {
        folder.Picture("a.png");
        folder.Run(["run", .. Fakes, "--out", "heads", "a.png"]);
        var (code, output, _) = folder.Run("repeat", "heads");
        Assert.Equal(0, code);
        Assert.EndsWith("identical: all 2 files are the same bit for bit\n", output);

        (code, output, _) = folder.Run("repeat", "heads", "--json");
        Assert.True((bool)JsonNode.Parse(output)!["identical"]!);
    }

    [Fact]
    public void ARepetitionThatDiffersSaysWhere()
    {
        folder.Picture("a.png");
        folder.Run(["run", .. Fakes, "--out", "heads", "--set", "pipeline.export.text.write_time=true", "a.png"]);
        var (code, output, _) = folder.Run("repeat", "heads");
        Assert.Equal(1, code);
        Assert.EndsWith("a/time.txt differs (36 bytes, now 36)\nnot identical: 1 of 3 files differ\n", output);
    }

    [Fact]
    public void RepeatingWhatIsNoRunIsAnError()
    {
        var (code, _, error) = folder.Run("repeat", "plugins");
        Assert.Equal(2, code);
        Assert.Contains("is not a run folder", error);
    }

    [Fact]
    public void PluginsAreListedWithTheBrokenOnesReasons()
    {
        folder.AddPlugin("Fixture.Broken");
        var (code, output, _) = folder.Run("plugins", "list", "--plugins", "plugins");
        Assert.Equal(1, code);
        Assert.Matches(@"geometry\.fake\s+a geometry estimator\s+Fixture\.Fakes\s+0\.1\.0\s+One triangle", output);
        Assert.Contains("broken: Fixture.Broken (plugin-failed): ", output);

        (_, output, _) = folder.Run("plugins", "list", "--plugins", "plugins", "--json");
        var broken = JsonNode.Parse(output)!.AsArray().Single(p => (string)p!["id"]! == "Fixture.Broken")!;
        Assert.Equal(("broken", "plugin-failed"), ((string)broken["state"]!, (string)broken["failure"]!["code"]!));
    }

    [Fact]
    public void ManifestsAreValidatedExplainedComparedAndDescribed()
    {
        Assert.Equal((0, "ok: fakes, 11 stages\n", string.Empty), folder.Run("manifest", "validate", "fakes.yaml", "--plugins", "plugins"));
        Assert.Contains("  geometry:\n    stage: geometry.fake ", folder.Run("manifest", "explain", "fakes.yaml", "--plugins", "plugins").Out);

        File.WriteAllText(folder.At("mine.yaml"), "schema: mosar/v1\nextends: fakes.yaml\nseed: 8\n");
        Assert.Equal((0, string.Empty, string.Empty), folder.Run("manifest", "diff", "fakes.yaml", "fakes.yaml", "--plugins", "plugins"));
        Assert.Equal((1, "seed\n  - 3  # fakes.yaml:3:7\n  + 8  # mine.yaml:3:7\n", string.Empty), folder.Run("manifest", "diff", "fakes.yaml", "mine.yaml", "--plugins", "plugins"));

        var schema = JsonNode.Parse(folder.Run("manifest", "schema", "--plugins", "plugins").Out)!;
        Assert.NotNull(schema["$defs"]!["geometry.fake"]);
    }

    [Fact]
    public void AWrongManifestEndsWithTwoAndInJsonWithItsProblems()
    {
        var (code, _, error) = folder.Run("manifest", "validate", "fakes.yaml", "--plugins", "plugins", "--set", "pipeline.geometry.iterations=x");
        Assert.Equal(2, code);
        Assert.StartsWith("error: 'iterations' of stage 'geometry.fake' cannot be 'x'\n --> --set:1:30\n", error);

        var (_, output, _) = folder.Run("manifest", "validate", "fakes.yaml", "--plugins", "plugins", "--json", "--set", "pipeline.geometry.iterations=x");
        Assert.Equal(("manifest-type", "--set:1:30"), ((string)JsonNode.Parse(output)!["errors"]![0]!["code"]!, (string)JsonNode.Parse(output)!["errors"]![0]!["where"]!));
    }

    [Fact]
    public void RelightingWhatIsNoAvatarIsAnError()
    {
        var (code, _, error) = folder.Run("relight", "nobody", "--environment", "x.hdr", "--out", "p.png");
        Assert.Equal(2, code);
        Assert.Contains("There is no avatar", error);
    }

    [Fact]
    public void DoctorSaysOkOrTheFixForEachRequirement()
    {
        var (_, output, _) = folder.Run("doctor", "--json");
        var found = JsonNode.Parse(output)!.AsArray();
        Assert.Superset(
            new HashSet<string> { ".NET runtime", "C++ compiler", "CMake", "LibTorch", "LibTorch's BLAS", "OpenImageIO", "Embree", "plugins" },
            found.Select(r => (string)r!["name"]!).ToHashSet());
        Assert.All(found, r => Assert.True((bool)r!["ok"]! || (string?)r["fix"] is { Length: > 0 }));
        Assert.Matches(new Regex(@"^(ok     |missing) \.NET runtime: ", RegexOptions.Multiline), folder.Run("doctor").Out);
    }
}
