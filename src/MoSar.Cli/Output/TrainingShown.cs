using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Host.Runs;
using MoSar.Host.Training;
using MoSar.Learning.Training;
using Spectre.Console;

namespace MoSar.Cli.Output;

/// <summary>A training in front of a person or a program, with Ctrl-C obeyed.</summary>
internal static class TrainingShown
{
    /// <returns>The exit code.</returns>
    public static int Run(Session session, bool json, TrainingRequest request)
    {
        using var signals = new Signals();
        TrainingRecord Train(ITrainingObserver observer) => new TrainingDriver(observer, TimeProvider.System).Run(request, signals.Token);
        TrainingRecord record;
        try
        {
            record = json ? Train(new Silent()) : session.Terminal.IsInteractive ? WithBar(session, Train) : Train(new Lines(session.Terminal.Out.WriteLine, session.Terminal.Error.WriteLine, everyReport: true));
        }
        catch (MoSarException e) when (e.Code == "training-diverged" && !json)
        {
            session.Terminal.Error.Write(Session.Render(e));
            return ExitCodes.SomeFailed;
        }

        if (json)
        {
            session.WriteJson(new JsonObject
            {
                ["folder"] = request.Out,
                ["record"] = Path.Combine(request.Out, TrainingRecord.FileName),
                ["status"] = record.Status.ToString().ToLowerInvariant(),
                ["step"] = record.Step,
                ["steps"] = record.Steps,
                ["best"] = record.Best is { } best ? new JsonObject { ["step"] = best.Step, ["value"] = best.Value } : null,
                ["weights"] = record.Result is { } result ? Path.Combine(request.Out, result.Path) : null,
            });
        }
        else
        {
            session.Terminal.Out.WriteLine(Summary(record, request.Out));
        }

        return record.Status == TrainingStatus.Interrupted ? ExitCodes.Interrupted : ExitCodes.Ok;
    }

    private static string Summary(TrainingRecord record, string folder)
    {
        var best = record.Best is { } b ? string.Create(CultureInfo.InvariantCulture, $", best at step {b.Step} ({b.Value:G4})") : string.Empty;
        return record.Status switch
        {
            TrainingStatus.Interrupted => $"interrupted at step {record.Step} of {record.Steps}, which is kept; the same command goes on.",
            TrainingStatus.StoppedEarly => $"stopped at step {record.Step} of {record.Steps}: nothing got better{best}: {Path.Combine(folder, record.Result!.Path)}",
            _ => $"{record.Step} steps in {Shown(TimeSpan.FromSeconds(record.Seconds))}{best}: {Path.Combine(folder, record.Result!.Path)}",
        };
    }

    private static TrainingRecord WithBar(Session session, Func<ITrainingObserver, TrainingRecord> train)
    {
        var console = session.Terminal.Rich();
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .Start(context => train(new Bar(context, new Lines(console.WriteLine, text => console.MarkupLineInterpolated($"[yellow]{text}[/]"), everyReport: false))));
    }

    private static string Shown(TimeSpan time) =>
        time.TotalDays >= 1 ? time.ToString("d'd 'hh':'mm", CultureInfo.InvariantCulture) : time.ToString("hh':'mm':'ss", CultureInfo.InvariantCulture);

    private sealed class Silent : ITrainingObserver
    {
        public void Started(TrainingStart start)
        {
        }

        public void Stepped(int step, double loss, TimeSpan left)
        {
        }

        public void Reported(int step, StepReport report, double secondsPerStep, TimeSpan left)
        {
        }

        public void Validated(int step, ValidationReport report, bool isBest)
        {
        }

        public void Notice(string message)
        {
        }
    }

    private sealed class Lines(Action<string> write, Action<string> notice, bool everyReport) : ITrainingObserver
    {
        public void Started(TrainingStart start)
        {
            var sources = string.Join(", ", start.Sources.Select(s => $"{s.Rows} of {s.Samples} {s.Name}"));
            var from = start.Step > 0 ? $", going on after step {start.Step}" : string.Empty;
            write(string.Create(CultureInfo.InvariantCulture, $"{start.Steps} steps{from}; a batch: {sources}; {start.Parameters / 1e6:f2} M parameters; reports in {start.Folder}"));
        }

        public void Stepped(int step, double loss, TimeSpan left)
        {
        }

        public void Reported(int step, StepReport report, double secondsPerStep, TimeSpan left)
        {
            if (everyReport)
            {
                write(string.Create(
                    CultureInfo.InvariantCulture, $"step {step}  loss {report.Total:G5}  {string.Join("  ", report.Losses.Select(l => Value(l.Key, l.Value)))}  {secondsPerStep:f3} s a step  {Shown(left)} left"));
            }
        }

        public void Validated(int step, ValidationReport report, bool isBest) =>
            write($"validation at step {step}  {string.Join("  ", report.Values.Select(v => Value(v.Key, v.Value)))}{(isBest ? "  best so far" : string.Empty)}");

        public void Notice(string message) => notice($"notice: {message}");

        private static string Value(string name, double value) => string.Create(CultureInfo.InvariantCulture, $"{name} {value:G5}");
    }

    private sealed class Bar(ProgressContext context, Lines lines) : ITrainingObserver
    {
        private ProgressTask? bar;

        public void Started(TrainingStart start)
        {
            lines.Started(start);
            bar = context.AddTask("training", maxValue: start.Steps);
            bar.Value = start.Step;
        }

        public void Stepped(int step, double loss, TimeSpan left)
        {
            if (bar is not null)
            {
                bar.Value = step;
                bar.Description = string.Create(CultureInfo.InvariantCulture, $"step {step} · loss {loss:G4} · {Shown(left)} left");
            }
        }

        public void Reported(int step, StepReport report, double secondsPerStep, TimeSpan left)
        {
        }

        public void Validated(int step, ValidationReport report, bool isBest) => lines.Validated(step, report, isBest);

        public void Notice(string message) => lines.Notice(message);
    }
}
