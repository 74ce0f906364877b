using MoSar.LightStage.Subjects;
using MoSar.Testing;

namespace MoSar.LightStage.Tests;

public sealed class LightStageRunTests : IDisposable
{
    private static readonly LightStageOptions Options = new() { Model = Repository.Folder("samples", "models", "face.safetensors"), Resolution = 256, Seed = 2, StageSize = 64, WildViews = 1, WildSize = 64, Samples = 1 };

    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-stage-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AStoppedRunGoesOnAndEndsAsOneThatWasNotStopped()
    {
        var (whole, broken) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "broken"));
        new LightStageRun(Options, whole).Make(4, _ => { }, default);

        // Stopped when the first subject is done, and with a half-written one as a kill leaves it.
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => new LightStageRun(Options, broken).Make(4, _ => stop.Cancel(), stop.Token));
        var half = Directory.CreateDirectory(Path.Combine(broken, "subjects", ".s00003.part", "maps")).FullName;
        File.WriteAllText(Path.Combine(half, "diffuse.png"), "half");

        var again = new LightStageRun(Options, broken);
        Assert.InRange(again.Finished(4), 1, 3);
        again.Make(4, _ => { }, default);
        Assert.Equal(Files(whole), Files(broken));
        Assert.Equal(4, again.Tones(4).Sum());
    }

    [Fact]
    public void MoreSubjectsLeaveTheFirstAsTheyAre()
    {
        var run = new LightStageRun(Options, Path.Combine(_folder, "x"));
        run.Make(1, _ => { }, default);
        var before = File.GetLastWriteTimeUtc(Path.Combine(_folder, "x", "subjects", "s00000", "subject.json"));
        var made = new List<string>();
        run.Make(2, made.Add, default);
        Assert.Equal(["s00001"], made);
        Assert.Equal(before, File.GetLastWriteTimeUtc(Path.Combine(_folder, "x", "subjects", "s00000", "subject.json")));
    }

    [Fact]
    public void AFolderOfSomethingElseIsRefused()
    {
        _ = new LightStageRun(Options, Path.Combine(_folder, "stage"));
        Assert.Equal("lightstage-differs", Assert.Throws<MoSarException>(() => new LightStageRun(Options with { Seed = 3 }, Path.Combine(_folder, "stage"))).Code);

        // Nor is an earlier version's people mixed with this one's.
        var head = Path.Combine(_folder, "stage", LightStageRun.FileName);
        var (now, before) = ($"\"generation\": {LightStageRun.Generation}", $"\"generation\": {LightStageRun.Generation - 1}");
        Assert.Contains(now, File.ReadAllText(head));
        File.WriteAllText(head, File.ReadAllText(head).Replace(now, before));
        var error = Assert.Throws<MoSarException>(() => new LightStageRun(Options, Path.Combine(_folder, "stage")));
        Assert.Contains("version of the light stage", error.Message);
        Assert.Equal("out-exists", Assert.Throws<MoSarException>(() => new LightStageRun(Options, _folder)).Code);
        Assert.Equal("weights-missing", Assert.Throws<MoSarException>(() => new LightStageRun(Options with { Model = "no.safetensors" }, _folder)).Code);
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => Path.GetRelativePath(folder, f) + " " + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f))))];
}
