using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using MoSar.Host.Composition;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

/// <summary>One photograph from file to avatar folder, with a typed outcome whatever happens.</summary>
internal sealed class PhotographJob(
    RunRequest request, ComposedManifest composed, IPhotographReader reader, IRunObserver observer, ILogger log, InputPhotograph photograph, TimeSpan grace)
{
    /// <summary>A stage did not stop in time and still runs on its thread.</summary>
    public bool IsAbandoned { get; private set; }

    public PhotographRecord Run(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var activity = MoSarDiagnostics.Activities.StartActivity("photograph");
        activity?.SetTag("mosar.photograph", photograph.Name);
        var run = new StageRunner(photograph, composed.Manifest.Header.Seed, observer, log, cancellation);
        var record = new PhotographRecord { Name = photograph.Name, Input = photograph.Path, Sha256 = HashInput(), Outcome = Outcome.Ok };
        try
        {
            using var folder = new AvatarFolder(request.Out, photograph.Name);
            var (faces, notices) = RunPipeline(run, folder.Working, cancellation);
            record = record with { Faces = faces, Notices = notices, Outputs = folder.Hash() };
            foreach (var notice in notices)
            {
                observer.Notice(photograph.Name, notice);
            }

            cancellation.ThrowIfCancellationRequested();
            folder.Commit();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            record = record with { Outcome = Outcome.Interrupted, Outputs = [] };
        }
        catch (StageException e)
        {
            record = record with { Outcome = Outcome.Failed, Error = e.ToRecord(), Outputs = [] };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var error = e.HResult is 28 or 122 ? StageRunner.DiskFull($"the avatar of '{photograph.Path}' cannot be written", e)
                : new MoSarException("out-not-writable", $"The avatar of '{photograph.Path}' cannot be written: {e.Message}", "Check the run folder's permissions.", e);
            record = record with { Outcome = Outcome.Failed, Error = new FailureRecord(error.Code, error.Message, error.Remedy, null), Outputs = [] };
        }

        if (record.Error is { } failure)
        {
            activity?.SetStatus(ActivityStatusCode.Error, failure.Code);
            if (failure.Stage is null)
            {
                log.LogError("{Photograph}: {Code}: {Message}", photograph.Name, failure.Code, failure.Message);
            }
        }

        return record with
        {
            // An abandoned stage may still be adding to its list.
            Stages = IsAbandoned ? [] : run.Measured,
            Notices = [.. record.Notices, .. run.Warnings],
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }

    /// <summary>
    /// The pipeline on a thread of its own, so that Ctrl-C is obeyed at once even while native code that knows no cancellation runs.
    /// </summary>
    private (int Faces, IReadOnlyList<string> Notices) RunPipeline(StageRunner run, string folder, CancellationToken cancellation)
    {
        var runner = new PipelineRunner(composed.Manifest, composed.Pipeline, reader, run);
        var work = Task.Factory.StartNew(
            () => runner.Run(new PipelineInput(photograph, request.Face, folder)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellation.Register(cancelled.SetResult))
        {
            if (Task.WaitAny(work, cancelled.Task) == 1 && Task.WaitAny([work], grace) < 0)
            {
                IsAbandoned = true;
                throw new OperationCanceledException(cancellation);
            }
        }

        return work.GetAwaiter().GetResult();
    }

    private string? HashInput()
    {
        try
        {
            using var stream = File.OpenRead(photograph.Path);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Reading the picture reports it, with its reason.
            return null;
        }
    }
}
