using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using MoSar.Host.Data;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Host.Telemetry;
using MoSar.Learning.Data;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Host.Training;

/// <summary>One training while it goes on.</summary>
internal sealed class TrainingSession : IDisposable
{
    private readonly ComposedTraining composed;
    private readonly ITrainingObserver observer;
    private readonly TimeProvider time;
    private readonly TrainingRecipe recipe;
    private readonly TrainingFolder folder;
    private readonly Trainer trainer;
    private readonly SampleCache? cache;
    private readonly IReadOnlyList<MixedSource> sources;
    private readonly Stopwatch clock = new();
    private IReadOnlyList<(string Source, IReadOnlyList<Loaded<LearningItem>> Items)>? validation;
    private TrainingRecord record;
    private CheckpointState state;

    public TrainingSession(TrainingRequest request, ComposedTraining composed, ITrainingObserver observer, TimeProvider time)
    {
        (this.composed, this.observer, this.time) = (composed, observer, time);
        var seed = composed.Manifest.Header.Seed;
        recipe = composed.Choice.Recipe;
        folder = new TrainingFolder(request.Out);
        folder.Create();
        cache = SampleCache.Open(composed.Data.Dataset.Options.Cache);
        sources = [.. composed.Mix.Select(m => new MixedSource(m.Name, composed.Data.Dataset.Loader(DatasetSplit.Train, seed, cache, m.Name), m.Rows))];
        trainer = new Trainer(composed.Learner, composed.Losses, recipe, composed.Steps, seed);
        state = new CheckpointState(0, sources.ToDictionary(s => s.Name, _ => DataPosition.Start), null, 0, 0);
        record = new TrainingRecord
        {
            Status = TrainingStatus.Running,
            Started = time.GetLocalNow(),
            Versions = RunProvenance.Versions(),
            ManifestFiles = composed.Manifest.Tree.Chain,
            Sets = request.Sets,
            Manifest = (JsonObject)PlainData.ToJson(composed.Manifest.ToPlain())!,
            Seed = seed,
            Step = 0,
            Steps = composed.Steps,
            Data = sources.ToDictionary(s => s.Name, s => s.Loader.Identity),
            Plugins = RunProvenance.Plugins(composed.Data.Catalog),
            Weights = RunProvenance.Weights(composed.Manifest),
        };
    }

    public TrainingRecord Run(CancellationToken cancellation)
    {
        if (TrainingRecord.Read(folder.Root) is { } before && File.Exists(folder.Last))
        {
            TrainingIdentity.RequireSame(before, record, folder.Root);
            if (before.Status is TrainingStatus.Finished or TrainingStatus.StoppedEarly)
            {
                observer.Notice($"'{folder.Root}' is finished; nothing was done. Raise training.steps in another folder to train longer.");
                return before;
            }

            Resume(before);
        }

        folder.TruncateMetrics(state.Step);
        folder.WriteManifest(composed.Manifest.ToPlain());
        folder.Write(record);
        using var logs = RunLog.Open(folder.Root);
        using var activity = MoSarDiagnostics.Activities.StartActivity("train");
        using var events = new EventFile(folder.Root, state.Step, time);
        var log = logs.CreateLogger("MoSar");
        log.LogInformation("from step {Step} of {Steps}", state.Step, composed.Steps);
        using (var scope = NewDisposeScope())
        {
            var parameters = composed.Learner.Networks.Values.SelectMany(n => n.parameters()).Where(p => p.requires_grad).Sum(p => p.numel());
            observer.Started(new TrainingStart(folder.Root, state.Step, composed.Steps, [.. sources.Select(s => (s.Name, s.Rows, s.Loader.Count))], parameters));
        }

        try
        {
            Learn(events, log, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // It was raised between two steps, or while the next batch was waited for.
            Keep();
            return End(TrainingStatus.Interrupted, log);
        }

        return record;
    }

    public void Dispose() => trainer.Dispose();

    private double Seconds => state.Seconds + clock.Elapsed.TotalSeconds;

    private void Resume(TrainingRecord before)
    {
        state = TrainingFolder.ReadState(folder.Last);
        trainer.State.Restore(folder.Last);
        record = record with { Started = before.Started, Step = state.Step, Best = state.Best, Validation = before.Validation, Seconds = state.Seconds };
    }

    private void Learn(EventFile events, ILogger log, CancellationToken cancellation)
    {
        using var stream = new BatchStream(sources, composed.Learner.Prepare, recipe.ChannelsLast, state.Positions, cancellation);
        var reports = new List<StepReport>();
        var first = state.Step;
        var status = TrainingStatus.Finished;
        clock.Start();
        while (state.Step < composed.Steps)
        {
            cancellation.ThrowIfCancellationRequested();
            using (var scope = NewDisposeScope())
            {
                var batch = stream.Next();
                var report = trainer.Step(state.Step + 1, batch);
                if (!report.IsFinite)
                {
                    throw Diverged(batch, report, log);
                }

                reports.Add(report);
            }

            state = state with { Step = state.Step + 1, Positions = new Dictionary<string, DataPosition>(stream.Positions) };
            var pace = clock.Elapsed.TotalSeconds / (state.Step - first);
            var left = TimeSpan.FromSeconds(pace * (composed.Steps - state.Step));
            observer.Stepped(state.Step, reports[^1].Total, left);
            if (state.Step % recipe.ReportEvery == 0 || state.Step == composed.Steps)
            {
                Report(Mean(reports), pace, left, events, log);
                reports.Clear();
            }

            var isLast = state.Step == composed.Steps;
            if (recipe.Validation.Every > 0 && (state.Step % recipe.Validation.Every == 0 || isLast) && !Validate(events, log))
            {
                status = TrainingStatus.StoppedEarly;
                isLast = true;
            }

            if (isLast || state.Step % recipe.CheckpointEvery == 0)
            {
                Keep();
            }

            if (isLast)
            {
                break;
            }
        }

        End(status, log);
    }

    private void Report(StepReport mean, double pace, TimeSpan left, EventFile events, ILogger log)
    {
        KeyValuePair<string, double>[] values =
        [
            KeyValuePair.Create("loss", mean.Total), .. mean.Losses, KeyValuePair.Create("gradient_norm", mean.GradientNorm), KeyValuePair.Create("learning_rate", mean.LearningRate),
            KeyValuePair.Create("seconds_per_step", pace),
        ];
        events.Scalars(state.Step, values.Select(v => KeyValuePair.Create($"train/{v.Key}", v.Value)));
        events.Flush();
        folder.AppendMetrics(state.Step, "train", values);
        log.LogInformation("step {Step}: {Values:l}", state.Step, Shown(values));
        observer.Reported(state.Step, mean, pace, left);
    }

    /// <returns>False when patience is at its end.</returns>
    private bool Validate(EventFile events, ILogger log)
    {
        validation ??= ValidationItems();
        var report = trainer.Validate(ValidationBatches(), recipe.Validation.Pictures);
        var metric = recipe.Validation.Metric;
        var values = report.Values.ToDictionary();
        if (!values.TryGetValue(metric, out var value))
        {
            throw new MoSarException(
                "training-metric-unknown", $"validation.metric is '{metric}', which was not measured.", $"There are: {string.Join(", ", values.Keys.Order(StringComparer.Ordinal))}.");
        }

        var isBest = state.Best is not { } best || value < best.Value;
        if (isBest)
        {
            state = state with { Best = new BestWeights(state.Step, value), Misses = 0 };
            TrainingFolder.SaveCheckpoint(folder.Best, trainer.State.Tensors(), state with { Seconds = Seconds });
        }
        else
        {
            state = state with { Misses = state.Misses + 1 };
        }

        events.Scalars(state.Step, report.Values.Select(v => KeyValuePair.Create($"validation/{v.Key}", v.Value)));
        if (report.Picture is { } picture)
        {
            events.Picture(state.Step, "validation", folder.WritePicture(state.Step, picture), picture.Width, picture.Height);
        }

        events.Flush();
        folder.AppendMetrics(state.Step, "validation", report.Values);
        log.LogInformation("validation at step {Step}: {Values:l}{Best:l}", state.Step, Shown(report.Values), isBest ? ", the best so far" : string.Empty);
        record = record with { Validation = values };
        observer.Validated(state.Step, report, isBest);
        return recipe.Validation.Patience == 0 || state.Misses < recipe.Validation.Patience;
    }

    /// <summary>Decoded once: the same samples are measured every time. Not cancelled: a checkpoint after a step whose validation is due must know its outcome.</summary>
    private IReadOnlyList<(string Source, IReadOnlyList<Loaded<LearningItem>> Items)> ValidationItems() =>
        [.. sources.Select(s =>
        {
            var entries = composed.Data.Dataset.Entries(DatasetSplit.Validation, s.Name);
            DatasetEntry[] chosen = [.. DataExamination.Spread(entries.Count, recipe.Validation.Items).Select(i => entries[i])];
            var loader = new DataLoader(chosen, composed.Data.Dataset.Options, LoaderMode.Evaluation, cache);
            return (s.Name, (IReadOnlyList<Loaded<LearningItem>>)[.. loader.ReadEpoch(DataPosition.Start, composed.Learner.Prepare, CancellationToken.None)]);
        })];

    /// <summary>Source by source; the first batch is as large as the picture asks.</summary>
    private IEnumerable<TrainingBatch> ValidationBatches()
    {
        var shown = recipe.Validation.Pictures;
        foreach (var (source, items) in validation!)
        {
            foreach (var chunk in items.Take(shown).Chunk(Math.Max(1, shown)).Concat(items.Skip(shown).Chunk(recipe.Batch)))
            {
                using var scope = NewDisposeScope();
                yield return BatchStream.Batch(source, chunk, recipe.ChannelsLast);
            }

            shown = 0;
        }
    }

    private void Keep()
    {
        var saved = state with { Seconds = Seconds };
        TrainingFolder.SaveCheckpoint(folder.Last, trainer.State.Tensors(), saved);
        record = record with { Step = state.Step, Best = state.Best, Seconds = saved.Seconds };
        folder.Write(record);
    }

    private TrainingRecord End(TrainingStatus status, ILogger log)
    {
        if (status is TrainingStatus.Finished or TrainingStatus.StoppedEarly)
        {
            record = record with { Result = Export() };
        }

        record = record with { Status = status, Ended = time.GetLocalNow(), Step = state.Step, Best = state.Best, Seconds = Seconds };
        folder.Write(record);
        log.LogInformation("{Status:l} at step {Step}", status.ToString(), state.Step);
        return record;
    }

    /// <summary>The averaged weights, the best that were measured, in the form that the pipeline reads.</summary>
    private FileRecord Export()
    {
        trainer.State.Restore(File.Exists(folder.Best) && state.Best is not null ? folder.Best : folder.Last);
        using (trainer.State.Averaged())
        {
            composed.Learner.Save(folder.Weights, new Dictionary<string, string>
            {
                ["made_by"] = $"mosar train, manifest {composed.Manifest.Header.Name}, seed {record.Seed}",
                ["steps"] = (state.Best?.Step ?? state.Step).ToString(CultureInfo.InvariantCulture),
                ["trained_on"] = string.Join(", ", sources.Select(s => $"{s.Name} ({s.Loader.Count} samples, {s.Rows} a batch)")),
            });
        }

        return FileHash.Of(folder.Weights, Path.GetFileName(folder.Weights));
    }

    private MoSarException Diverged(TrainingBatch batch, StepReport report, ILogger log)
    {
        var path = folder.Diverged(state.Step + 1);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        MoSar.Weights.SaveTensors(
            path,
            batch.Parts.SelectMany(p => p.Arrays.Select(a => KeyValuePair.Create($"{p.Source}.{a.Key}", a.Value))),
            batch.Parts.ToDictionary(p => p.Source, p => string.Join('\n', p.Items)));
        TrainingFolder.SaveCheckpoint(folder.Last, trainer.State.Tensors(), state with { Seconds = Seconds });
        End(TrainingStatus.Diverged, log);
        var odd = report.Losses.Where(l => !double.IsFinite(l.Value)).Select(l => $"'{l.Key}' is {l.Value}").ToArray();
        var what = odd.Length > 0 ? string.Join(", ", odd) : $"the gradient's norm is {report.GradientNorm}";
        return new MoSarException(
            "training-diverged",
            string.Create(CultureInfo.InvariantCulture, $"Step {state.Step + 1} is not finite: {what}. The weights before it are kept, and the batch with its items' names is in '{path}'."),
            "Look at the batch; or lower training.optimizer.learning_rate or gradient_norm and begin in another folder.");
    }

    private static StepReport Mean(IReadOnlyList<StepReport> reports) => new(
        reports.Average(r => r.Total),
        [.. reports[0].Losses.Select((l, i) => KeyValuePair.Create(l.Key, reports.Average(r => r.Losses[i].Value)))],
        reports.Average(r => r.GradientNorm),
        reports[^1].LearningRate);

    private static string Shown(IEnumerable<KeyValuePair<string, double>> values) =>
        string.Join(", ", values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key} {v.Value:G5}")));
}
