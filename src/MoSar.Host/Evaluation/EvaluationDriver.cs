using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using MoSar.Graphics;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;

namespace MoSar.Host.Evaluation;

/// <param name="Manifest">Merged, not yet checked.</param>
/// <param name="Sets">The <c>--set</c> arguments in it; kept for the record.</param>
/// <param name="PluginFolders">Those of the manifest come on top.</param>
/// <param name="Out">The evaluation's folder, absolute. What is measured there already is kept where nothing that it depends on has changed.</param>
public sealed record EvaluationRequest(ManifestTree Manifest, IReadOnlyList<string> Sets, IReadOnlyList<string> PluginFolders, string Out);

/// <param name="Table">Null when it was stopped before all was measured.</param>
public sealed record EvaluationOutcome(EvaluationRecord Record, EvaluationTable? Table);

/// <summary>Measures every row of a manifest's <c>evaluation:</c> on the same photographs.</summary>
public sealed class EvaluationDriver(IEvaluationObserver observer, TimeProvider time)
{
    private const int AtOnce = 8;

    private readonly Lock gate = new();

    /// <summary>Cancellation ends in an outcome, too; every pair of row and photograph that was measured is on disk.</summary>
    /// <exception cref="ManifestException">The manifest is wrong; nothing was written.</exception>
    /// <exception cref="MoSarException">The folder is in use; the data are corrupt or lack what is measured against.</exception>
    public EvaluationOutcome Run(EvaluationRequest request, CancellationToken cancellation)
    {
        using var composed = ComposedEvaluation.Compose(request.Manifest, request.PluginFolders);
        using var folderLock = FolderLock.Take(request.Out, "evaluates");
        using var logs = RunLog.Open(request.Out);
        var plain = composed.Manifest.ToPlain();
        Write(request.Out, RunRecord.ManifestFileName, $"# Resolved: nothing inherited, every default said. Made by 'mosar eval'.\n{PlainData.ToYaml(plain)}");
        var record = new EvaluationRecord
        {
            Status = RunStatus.Running,
            Ended = time.GetLocalNow(),
            Versions = RunProvenance.Versions(),
            ManifestFiles = composed.Manifest.Tree.Chain,
            Sets = request.Sets,
            Manifest = (JsonObject)PlainData.ToJson(plain)!,
            Seed = composed.Manifest.Header.Seed,
            Subjects = composed.Photographs.Select(p => p.Item.Subject).Distinct().Count(),
            Photographs = composed.Photographs.Count,
            Done = 0,
            Plugins = RunProvenance.Plugins(composed.Data.Catalog),
        };
        Write(request.Out, EvaluationRecord.FileName, record.ToJson() + "\n");
        var results = MeasureAll(composed, new ResultFiles(request.Out), request.Out, record.Subjects, logs.CreateLogger("MoSar"), cancellation);
        var all = results.OfType<PhotographResult>().ToArray();
        record = record with { Ended = time.GetLocalNow(), Done = all.Length, Status = all.Length == results.Length ? RunStatus.Finished : RunStatus.Interrupted };
        EvaluationTable? table = null;
        if (record.Status == RunStatus.Finished)
        {
            table = EvaluationTable.Of(composed, all);
            record = record with { Rows = [.. table.Rows.Select(r => r.ToRecord(table.Columns))] };
            foreach (var (file, text) in EvaluationReport.Files(table, record))
            {
                Write(request.Out, file, text);
            }
        }

        Write(request.Out, EvaluationRecord.FileName, record.ToJson() + "\n");
        return new EvaluationOutcome(record, table);
    }

    /// <returns>Rows within photographs; null where it was cancelled before.</returns>
    private PhotographResult?[] MeasureAll(ComposedEvaluation composed, ResultFiles files, string folder, int subjects, ILogger log, CancellationToken cancellation)
    {
        // The truth first: when the data lack what is measured against, it says so before any network has run.
        var rows = composed.Rows.Index().OrderByDescending(r => r.Item.Kind).ToArray();
        var (photographs, count) = (composed.Photographs, rows.Length);
        var results = new PhotographResult?[photographs.Count * count];
        var known = new PhotographResult?[results.Length];
        Spread(photographs.Count, cancellation, p =>
        {
            var key = composed.PhotographKey(photographs[p]);
            foreach (var (r, row) in rows)
            {
                var at = (p * count) + r;
                var before = files.Read(row.Name, $"{photographs[p]}");
                known[at] = before?.Estimate == PhotographWork.EstimateKey(row, key) ? before : null;
                results[at] = known[at] is { } same && IsWhole(composed, same) ? same : null;
            }
        });
        var done = results.Count(r => r is not null);
        var (first, start) = (done, Stopwatch.GetTimestamp());
        if (!cancellation.IsCancellationRequested)
        {
            observer.Started(new EvaluationStart(folder, subjects, photographs.Count, count, done, results.Length));
        }

        Spread(photographs.Count, cancellation, p =>
        {
            PhotographWork? work = null;
            foreach (var (r, row) in rows.Where(r => results[(p * count) + r.Index] is null))
            {
                cancellation.ThrowIfCancellationRequested();
                work ??= new PhotographWork(composed, photographs[p], log, cancellation);
                var result = work.Measure(row, known[(p * count) + r]);
                files.Write(result);
                results[(p * count) + r] = result;
                lock (gate)
                {
                    done++;
                    var pace = Stopwatch.GetElapsedTime(start) / (done - first);
                    observer.Measured(result, done, pace * (results.Length - done));
                }
            }
        });
        return results;
    }

    private static bool IsWhole(ComposedEvaluation composed, PhotographResult result) =>
        result.Failure is not null || composed.Evaluators.All(e => result.Measures.GetValueOrDefault(e.Name)?.Key == PhotographWork.MeasureKey(result.Estimate, e));

    /// <summary>Over all cores, and at least so many at once that stages which take several photographs together get some; returns when cancelled, throws the first error that a user can understand.</summary>
    private static void Spread(int count, CancellationToken cancellation, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Math.Max(Environment.ProcessorCount, AtOnce) }, work);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (AggregateException e)
        {
            var inner = e.Flatten().InnerExceptions;
            if (cancellation.IsCancellationRequested && inner.All(i => i is OperationCanceledException))
            {
                return;
            }

            throw inner.OfType<MoSarException>().FirstOrDefault() is { } known ? known : e;
        }
    }

    private static void Write(string folder, string file, string text) => AtomicFile.Write(Path.Combine(folder, file), Encoding.UTF8.GetBytes(text));
}
