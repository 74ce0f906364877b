using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

/// <summary>Runs a manifest over photographs into a run folder. One bad photograph never stops the rest.</summary>
public sealed class RunDriver(IPhotographReader reader, IRunObserver observer, TimeProvider time)
{
    /// <summary>How long a stage may take to notice a cancellation before it is abandoned.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <exception cref="ManifestException">The manifest is wrong; nothing was written.</exception>
    /// <exception cref="MoSarException">The run folder cannot be used; nothing was written.</exception>
    public RunResult Run(RunRequest request, CancellationToken cancellation)
    {
        RequireFree(request);
        var composeStart = Stopwatch.GetTimestamp();
        var composed = ComposedManifest.Compose(request.Manifest, request.PluginFolders);
        var composeSeconds = Stopwatch.GetElapsedTime(composeStart).TotalSeconds;
        var abandoned = true;
        try
        {
            var session = new RunSession(request, composed, composeSeconds, reader, observer, time, Grace);
            var result = session.Run(cancellation);
            abandoned = result.IsAbandoned;
            return result;
        }
        finally
        {
            // An abandoned stage still uses its plugin and its weights.
            if (!abandoned)
            {
                composed.Dispose();
            }
        }
    }

    private static void RequireFree(RunRequest request)
    {
        var kept = request.Finished.Select(f => f.Name).ToHashSet();
        var there = request.Inputs.Photographs.Where(p => !kept.Contains(p.Name) && Path.Exists(Path.Combine(request.Out, p.Name))).Select(p => p.Name).ToArray();
        if (there.Length > 0 && !request.Force)
        {
            throw new MoSarException(
                "out-exists", $"'{request.Out}' already holds {string.Join(", ", there)}.", "Choose another folder with --out, or replace them with --force.");
        }

        if (File.Exists(request.Out))
        {
            throw new MoSarException("out-is-file", $"'{request.Out}' is a file.", "Choose a folder with --out.");
        }
    }
}

/// <summary>One run while it goes on.</summary>
internal sealed class RunSession
{
    private readonly RunRequest request;
    private readonly ComposedManifest composed;
    private readonly double composeSeconds;
    private readonly IPhotographReader reader;
    private readonly IRunObserver observer;
    private readonly TimeProvider time;
    private readonly TimeSpan grace;
    private readonly List<PhotographRecord> outcomes = [];
    private RunRecord record;
    private double firstStage;
    private double firstStageCpu;
    private double inStages;

    public RunSession(RunRequest request, ComposedManifest composed, double composeSeconds, IPhotographReader reader, IRunObserver observer, TimeProvider time, TimeSpan grace)
    {
        (this.request, this.composed, this.composeSeconds, this.reader, this.observer, this.time, this.grace) = (request, composed, composeSeconds, reader, observer, time, grace);
        var manifest = composed.Manifest;
        record = new RunRecord
        {
            Status = RunStatus.Running,
            Started = time.GetLocalNow(),
            Versions = RunProvenance.Versions(),
            ManifestFiles = manifest.Tree.Chain,
            Sets = request.Sets,
            Manifest = (JsonObject)PlainData.ToJson(manifest.ToPlain())!,
            PluginFolders = [.. request.PluginFolders.Concat(manifest.Header.Plugins).Select(Path.GetFullPath)],
            Seed = manifest.Header.Seed,
            StageSeeds = manifest.Stages.ToDictionary(s => s.Path, s => s.SeedFor(manifest.Header.Seed)),
            Face = request.Face,
            Notices = request.Inputs.Notices,
        };
    }

    private static double SinceProcessStart => (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds;

    public RunResult Run(CancellationToken cancellation)
    {
        Prepare();
        using var logs = RunLog.Open(request.Out);
        var log = logs.CreateLogger("MoSar");
        using var activity = MoSarDiagnostics.Activities.StartActivity("run");

        // Hashing weights and plugins takes as long as reading them; the first photograph does not wait for it.
        var provenance = Task.Run(() => (RunProvenance.Plugins(composed.Catalog), RunProvenance.Weights(composed.Manifest)), CancellationToken.None);
        observer.RunStarted(request.Out, request.Inputs.Photographs, PipelineRunner.StageCount(composed.Pipeline));
        foreach (var made in composed.Constructions)
        {
            log.LogInformation("made {Path} in {Wall:F3} s wall, {Cpu:F3} s CPU", made.Path, made.WallSeconds, made.CpuSeconds);
        }

        foreach (var notice in request.Inputs.Notices)
        {
            log.LogWarning("{Notice}", notice);
            observer.Notice(null, notice);
        }

        var abandoned = ProcessAll(log, cancellation);
        var (plugins, weights) = provenance.GetAwaiter().GetResult();
        var total = SinceProcessStart;
        record = record with
        {
            Status = cancellation.IsCancellationRequested && outcomes.Count(o => o.Outcome != Outcome.Interrupted) < request.Inputs.Photographs.Count ? RunStatus.Interrupted : RunStatus.Finished,
            Ended = time.GetLocalNow(),
            Plugins = plugins,
            Weights = weights,
            Timings = new HostTimings(firstStage, firstStageCpu, composeSeconds, Math.Max(0, total - firstStage - inStages), total),
        };
        Guard(Save);
        log.LogInformation("{Status:l}: {Ok} ok, {Failed} failed", record.Status.ToString(), outcomes.Count(o => o.Outcome == Outcome.Ok), outcomes.Count(o => o.Outcome == Outcome.Failed));
        observer.RunFinished(record, request.Out);
        return new RunResult(record, request.Out, abandoned);
    }

    private void Prepare() => Guard(() =>
    {
        Directory.CreateDirectory(request.Out);
        File.WriteAllText(
            Path.Combine(request.Out, RunRecord.ManifestFileName),
            $"# Resolved: nothing inherited, every default said. Made by 'mosar run'.\n{PlainData.ToYaml(composed.Manifest.ToPlain())}");
        Save();
    });

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw e.HResult is 28 or 122
                ? StageRunner.DiskFull($"'{request.Out}' cannot be written", e)
                : new MoSarException("out-not-writable", $"The run folder '{request.Out}' cannot be written: {e.Message}", "Choose another folder with --out.", e);
        }
    }

    /// <returns>True when a stage had to be abandoned.</returns>
    private bool ProcessAll(ILogger log, CancellationToken cancellation)
    {
        foreach (var photograph in request.Inputs.Photographs)
        {
            if (request.Finished.FirstOrDefault(f => f.Name == photograph.Name) is { } finished)
            {
                outcomes.Add(finished);
                continue;
            }

            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            observer.PhotographStarted(photograph);
            var work = new PhotographJob(request, composed, reader, observer, log, photograph, grace);
            if (firstStage == 0)
            {
                (firstStage, firstStageCpu) = (SinceProcessStart, Environment.CpuUsage.TotalTime.TotalSeconds);
            }

            var outcome = work.Run(cancellation);
            inStages += outcome.Stages.Sum(s => s.WallSeconds);
            outcomes.Add(outcome);
            MoSarDiagnostics.Photographs.Add(1, new KeyValuePair<string, object?>("outcome", outcome.Outcome.ToString().ToLowerInvariant()));
            observer.PhotographFinished(outcome);
            if (work.IsAbandoned)
            {
                return true;
            }

            try
            {
                Save();
            }
            catch (IOException e)
            {
                // The avatar is what matters; the record is written again at the end, and only that failure counts.
                log.LogWarning("The record cannot be written now: {Message}", e.Message);
            }
        }

        return false;
    }

    private void Save()
    {
        record = record with
        {
            Photographs = [.. outcomes],
            Pending = [.. request.Inputs.Photographs.Where(p => outcomes.All(o => o.Name != p.Name))],
        };
        record.Write(request.Out);
    }
}
