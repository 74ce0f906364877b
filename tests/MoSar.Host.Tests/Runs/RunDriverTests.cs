using System.Diagnostics;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;

namespace MoSar.Host.Tests.Runs;

public sealed class RunDriverTests : IDisposable
{
    private readonly Workspace workspace = new();

    public RunDriverTests()
    {
        workspace.Add("Fixture.Fakes");
        workspace.Manifest();
        workspace.Write("photos/a.png", "0.25");
        workspace.Write("photos/b.png", "0.5");
    }

    public void Dispose() => workspace.Dispose();

    private string Out => Path.Combine(workspace.Root, "out");

    private RunRequest Request(string[] photographs, params string[] sets) => new()
    {
        Manifest = ManifestTree.Load(Path.Combine(workspace.Root, "fakes.yaml"), sets, workspace.Root),
        Sets = sets,
        PluginFolders = [workspace.Plugins],
        Inputs = InputList.Collect(photographs, workspace.Root),
        Out = Out,
    };

    private static RunResult Run(RunRequest request, IRunObserver? observer = null, CancellationToken cancellation = default) =>
        new RunDriver(new FakePhotographs(), observer ?? new SilentObserver(), TimeProvider.System).Run(request, cancellation);

    private IEnumerable<string> Left() => Directory.EnumerateFileSystemEntries(Out, "*", SearchOption.AllDirectories)
        .Select(p => Path.GetRelativePath(Out, p)).Order(StringComparer.Ordinal);

    [Fact]
    public void AFolderOfPhotographsBecomesAFolderOfAvatarsAndARecord()
    {
        var result = Run(Request(["photos"]));

        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        Assert.Equal(
            ["a", "a/maps.txt", "a/reconstruction.json", "b", "b/maps.txt", "b/reconstruction.json", "log.txt", "manifest.yaml", "run.json"],
            Left());
        Assert.StartsWith("diffuse 32 1.000\ndisplacement 32 1.000\nnormal 32 2.000\n", File.ReadAllText(Path.Combine(Out, "a/maps.txt")));
    }

    [Fact]
    public void TheRecordHoldsAllThatARepetitionNeeds()
    {
        workspace.Write("w.bin", "12345678");
        Run(Request(["photos"], "pipeline.detect.weights=w.bin"));
        var record = RunRecord.Read(Out);

        Assert.Equal(RunStatus.Finished, record.Status);
        Assert.Equal("fakes", (string)record.Manifest["name"]!);
        Assert.Equal("Fixture.Fakes", record.Plugins.Single().Id);
        Assert.Contains(record.Plugins.Single().Files, f => f.Path == "Fixture.Fakes.dll" && f.Sha256.Length == 64);
        Assert.Equal(("detect", "weights", 8), (record.Weights.Single().Stage, record.Weights.Single().Key, record.Weights.Single().File.Bytes));
        Assert.Equal(11, record.StageSeeds.Count);
        var a = record.Photographs[0];
        Assert.Equal(("a", Outcome.Ok, 1), (a.Name, a.Outcome, a.Faces));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("0.25"u8)), a.Sha256);
        Assert.Equal(["timings"], a.Outputs.Single(o => o.Path == "reconstruction.json").Without);
        Assert.Equal(
            ["read", "detect", "landmarks", "geometry", "project", "complete", "light", "maps.early", "maps.late", "superres", "export.text"],
            a.Stages.Select(s => s.Path));
        Assert.All(a.Stages, s => Assert.True(s.WallSeconds >= 0 && s.ResidentBytes > 0 && s.PeakMemoryBytes >= s.ResidentBytes / 2));
        Assert.True(record.Timings!.TotalSeconds > 0);
    }

    [Fact]
    public void OneBadPhotographNeverStopsTheRest()
    {
        workspace.Write("photos/aa-broken.png", "not a picture");
        var recorder = new Recorder();
        var result = Run(Request(["photos", "gone.png"], "pipeline.geometry.misbehaviour=throw", "pipeline.geometry.only_for=b"), recorder);

        Assert.Equal(ExitCodes.SomeFailed, result.ExitCode);
        Assert.Equal(
            ["a Ok ", "aa-broken Failed image-unknown read", "b Failed stage-failed geometry", "gone Failed file-missing read"],
            result.Record.Photographs.Select(p => $"{p.Name} {p.Outcome} {p.Error?.Code} {p.Error?.Stage}".TrimEnd() + (p.Error is null ? " " : string.Empty)));
        Assert.Contains("the fit diverged", result.Record.Photographs[2].Error!.Message);
        Assert.True(Directory.Exists(Path.Combine(Out, "a")));
        Assert.DoesNotContain(Left(), p => p.Contains("partial") || p.StartsWith('b'));
        Assert.Contains("the fit diverged", File.ReadAllText(Path.Combine(Out, "log.txt")));
    }

    [Fact]
    public void NothingIsWrittenWhenTheManifestIsWrong()
    {
        Assert.Throws<ManifestException>(() => Run(Request(["photos"], "pipeline.geometry.iterations=0")));
        Assert.False(Directory.Exists(Out));
    }

    [Theory]
    [InlineData(0, null, "no-face")]
    [InlineData(1, 2, "face-out-of-range")]
    [InlineData(3, null, null)]
    [InlineData(3, 3, null)]
    public void TheLargestFaceIsTakenUnlessAnotherIsAskedFor(int faces, int? face, string? code)
    {
        var photograph = Run(Request(["photos/a.png"], $"pipeline.detect.faces={faces}") with { Face = face }).Record.Photographs.Single();

        Assert.Equal(code, photograph.Error?.Code);
        Assert.Equal(faces > 1 && face is null, photograph.Notices.Any(n => n.Contains("took the largest")));
    }

    [Fact]
    public void AStageThatBreaksItsContractFailsThePhotograph()
    {
        var photograph = Run(Request(["photos/a.png"], "pipeline.maps.early.forgetful=true")).Record.Photographs.Single();

        Assert.Equal(("stage-contract", "maps.early"), (photograph.Error!.Code, photograph.Error.Stage));
    }

    [Fact]
    public void ExistingAvatarsAreReplacedOnlyWhenForced()
    {
        Run(Request(["photos/a.png"]));
        var e = Assert.Throws<MoSarException>(() => Run(Request(["photos"])));
        Assert.Equal("out-exists", e.Code);

        workspace.Write("out/a/old.txt", "from before");
        Assert.Equal(ExitCodes.Ok, Run(Request(["photos"]) with { Force = true }).ExitCode);
        Assert.False(File.Exists(Path.Combine(Out, "a", "old.txt")));
    }

    [Theory]
    [InlineData("wait_for_cancellation", false)]
    [InlineData("ignore_cancellation", true)]
    public void CancellingKeepsWhatIsFinishedAndRemovesWhatIsNot(string misbehaviour, bool isAbandoned)
    {
        using var cancel = new CancellationTokenSource();
        var recorder = new Recorder
        {
            OnProgress = p =>
            {
                if (p.Text is "waiting" or "deaf")
                {
                    cancel.Cancel();
                }
            },
        };
        workspace.Write("photos/c.png", "0.75");
        var request = Request(["photos"], $"pipeline.geometry.misbehaviour={misbehaviour}", "pipeline.geometry.only_for=b");

        // A stage that listens ends by itself, however busy the machine; one that does not is waited for so long and no longer.
        var driver = new RunDriver(new FakePhotographs(), recorder, TimeProvider.System);
        Assert.InRange(driver.Grace, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        driver = new RunDriver(new FakePhotographs(), recorder, TimeProvider.System) { Grace = isAbandoned ? TimeSpan.Zero : Timeout.InfiniteTimeSpan };
        var result = driver.Run(request, cancel.Token);

        Assert.Equal((ExitCodes.Interrupted, isAbandoned), (result.ExitCode, result.IsAbandoned));
        Assert.Equal(["a", "a/maps.txt", "a/reconstruction.json", "log.txt", "manifest.yaml", "run.json"], Left());
        var record = RunRecord.Read(Out);
        Assert.Equal(RunStatus.Interrupted, record.Status);
        Assert.Equal([Outcome.Ok, Outcome.Interrupted], record.Photographs.Select(p => p.Outcome));
        Assert.Equal(["c"], record.Pending.Select(p => p.Name));
    }

    [Fact]
    public void AnInterruptedRunGoesOnWhereItStopped()
    {
        using var cancel = new CancellationTokenSource();
        var recorder = new Recorder { OnProgress = _ => cancel.Cancel() };
        Run(Request(["photos"]), recorder, cancel.Token);
        Assert.Equal(RunStatus.Interrupted, RunRecord.Read(Out).Status);

        Assert.Equal(ExitCodes.Ok, Run(RunAgain.Resume(Out)).ExitCode);
        Assert.Equal([Outcome.Ok, Outcome.Ok], RunRecord.Read(Out).Photographs.Select(p => p.Outcome));
        Assert.Equal("run-finished", Assert.Throws<MoSarException>(() => RunAgain.Resume(Out)).Code);
    }

    [Fact]
    public void ARepetitionIsIdenticalAndSaysWhatIsNot()
    {
        Run(Request(["photos"]));
        var again = Run(RunAgain.Repeat(Out, Path.Combine(workspace.Root, "again")));
        var files = RunAgain.Compare(RunRecord.Read(Out), again.Record);

        Assert.Equal(4, files.Count);
        Assert.All(files, f => Assert.Null(f.What));

        Run(Request(["photos"], "pipeline.export.text.write_time=true") with { Force = true });
        again = Run(RunAgain.Repeat(Out, Path.Combine(workspace.Root, "third")));
        Assert.Equal(["a/time.txt", "b/time.txt"], RunAgain.Compare(RunRecord.Read(Out), again.Record).Where(f => f.What is not null).Select(f => f.Path));
    }

    [Fact]
    public void ARepetitionOfChangedInputsIsRefused()
    {
        Run(Request(["photos"]));
        workspace.Write("photos/a.png", "0.26");
        var e = Assert.Throws<MoSarException>(() => RunAgain.Repeat(Out, Path.Combine(workspace.Root, "again")));

        Assert.Equal("repeat-changed", e.Code);
        Assert.Contains("a.png", e.Message);
        Assert.DoesNotContain("b.png", e.Message);
    }

    [Fact]
    public void FilesOfOneNameGetFoldersOfTheirOwn()
    {
        workspace.Write("more/a.jpg", "1");
        workspace.Write("more/a-2.png", "1");
        workspace.Write("more/run.json.png", "1");
        var inputs = InputList.Collect(["photos/a.png", "more", "photos/a.png"], workspace.Root);

        Assert.Equal(["a", "a-2", "a-3", "run.json-2"], inputs.Photographs.Select(p => p.Name));
        Assert.Equal(3, inputs.Notices.Count);
    }

    [Fact]
    public void FilesThatAreNoPicturesAreLeftOutOfAFolderAndSaidSo()
    {
        workspace.Write("photos/notes.txt", "x");
        var inputs = InputList.Collect(["photos"], workspace.Root);

        Assert.Equal(["a", "b"], inputs.Photographs.Select(p => p.Name));
        Assert.Contains("1 of 3 files", inputs.Notices.Single());
        Assert.Equal("no-photographs", Assert.Throws<MoSarException>(() => InputList.Collect([], workspace.Root)).Code);
    }

    [Fact]
    public void StagesAreTracedAndMetered()
    {
        var spans = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "MoSar",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = a =>
            {
                lock (spans)
                {
                    spans.Add(a.DisplayName);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        Run(Request(["photos/a.png"]));

        lock (spans)
        {
            Assert.Superset(new HashSet<string> { "run", "photograph", "geometry", "maps.early" }, spans.ToHashSet());
        }
    }
}
