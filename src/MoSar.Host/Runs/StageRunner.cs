using Microsoft.Extensions.Logging;
using MoSar.Host.Composition;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

/// <summary>Calls stages for one photograph: measures, reports, logs, and turns whatever they throw into one kind of failure.</summary>
internal sealed class StageRunner(InputPhotograph photograph, int seed, IRunObserver observer, ILogger log, CancellationToken cancellation)
{
    private readonly InputPhotograph photograph = photograph;
    private readonly ILogger log = log;
    private readonly List<StageMeasurement> measured = [];
    private readonly List<string> warnings = [];

    public IReadOnlyList<StageMeasurement> Measured => measured;

    /// <summary>What stages warned of.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    public TOutput Call<TInput, TOutput>(StageChoice choice, IStage<TInput, TOutput> stage, TInput input) =>
        Measure(choice.Path, choice.Registration.Id, () => stage.Run(input, Context(choice)));

    public TOutput Measure<TOutput>(string path, string stage, Func<TOutput> work)
    {
        cancellation.ThrowIfCancellationRequested();
        observer.StageStarted(photograph.Name, path, stage);
        var meter = new StageMeter(path, stage);
        try
        {
            var output = work();
            if (output is null)
            {
                throw new InvalidOperationException("it returned null");
            }

            Finish(meter.Stop());
            return output;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Finish(meter.Stop("cancelled"));
            throw;
        }
        catch (Exception e)
        {
            var failure = Explain(path, stage, e);
            Finish(meter.Stop(failure.Code));
            log.LogError(e is MoSarException ? e.InnerException : e, "{Photograph}: {Path} ({Stage}): {Code}: {Message}", photograph.Name, path, stage, failure.Code, failure.Message);
            throw e as StageException ?? new StageException(path, failure);
        }
    }

    /// <param name="scale">From the stage's own fraction to that of everything measured together.</param>
    /// <param name="label">Shown when the stage gives no text.</param>
    public StageContext Context(StageChoice choice, Func<double, double>? scale = null, string? label = null) => new(
        cancellation,
        new Progress(p => observer.StageProgressed(photograph.Name, choice.Path, new StageProgress(scale?.Invoke(p.Fraction) ?? p.Fraction, p.Text ?? label))),
        new StageLog(this, choice.Path),
        choice.SeedFor(seed));

    private static MoSarException Explain(string path, string stage, Exception e) => e switch
    {
        StageException { InnerException: MoSarException inner } => inner,
        MoSarException known => known,
        AggregateException { InnerExceptions: [MoSarException known] } => known,
        OutOfMemoryException => new MoSarException("out-of-memory", $"Stage '{stage}' ran out of memory.", "Lower texture_resolution or output_resolution, or use a machine with more memory.", e),
        IOException { HResult: 28 or 122 } => DiskFull(e.Message, e),
        _ => new MoSarException(
            "stage-failed", $"Stage '{stage}' at '{path}' failed: {e.GetType().Name}: {e.Message}", $"This is a fault of the stage; {RunRecord.LogFileName} has the details its author needs.", e),
    };

    /// <summary>ENOSPC and EDQUOT, however deep.</summary>
    public static MoSarException DiskFull(string what, Exception? inner) =>
        new("disk-full", $"The disk is full: {what}", "Free some space or choose another folder with --out, then run again with --resume.", inner);

    private void Finish(StageMeasurement m)
    {
        measured.Add(m);
        log.LogInformation(
            "{Photograph}: {Path} ({Stage}) {Wall:F3} s wall, {Cpu:F3} s CPU, {Peak} MiB peak, {Tensors} tensors",
            photograph.Name, m.Path, m.Stage, m.WallSeconds, m.CpuSeconds, m.PeakMemoryBytes >> 20, m.LiveTensors);
        observer.StageFinished(photograph.Name, m);
    }

    private void Warn(string path, string message)
    {
        lock (warnings)
        {
            warnings.Add($"{path}: {message}");
        }

        log.LogWarning("{Photograph}: {Path}: {Message}", photograph.Name, path, message);
        observer.Notice(photograph.Name, $"{path}: {message}");
    }

    // System.Progress posts to the thread pool, where reports overtake each other.
    private sealed class Progress(Action<StageProgress> report) : IProgress<StageProgress>
    {
        public void Report(StageProgress value) => report(value);
    }

    private sealed class StageLog(StageRunner runner, string path) : IStageLog
    {
        public void Information(string message) => runner.log.LogInformation("{Photograph}: {Path}: {Message}", runner.photograph.Name, path, message);

        public void Warning(string message) => runner.Warn(path, message);
    }
}
