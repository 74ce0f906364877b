using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Host.Evaluation;
using MoSar.Host.Runs;
using Spectre.Console;

namespace MoSar.Cli.Output;

/// <summary>An evaluation in front of a person or a program, with Ctrl-C obeyed.</summary>
internal static class EvaluationShown
{
    private const int LongestLine = 400;

    /// <returns>The exit code.</returns>
    public static int Run(Session session, bool json, EvaluationRequest request)
    {
        using var signals = new Signals();
        EvaluationOutcome Evaluate(IEvaluationObserver observer) => new EvaluationDriver(observer, TimeProvider.System).Run(request, signals.Token);
        var outcome = json ? Evaluate(new Silent()) : session.Terminal.IsInteractive ? WithBar(session, Evaluate) : Evaluate(new Lines(session.Terminal.Error.WriteLine, session.Terminal.Error.WriteLine));
        var (record, table) = outcome;
        if (json)
        {
            session.WriteJson(JsonNode.Parse(record.ToJson())!);
        }
        else if (table is not null)
        {
            Write(session, table, request.Out);
        }
        else
        {
            session.Terminal.Out.WriteLine($"interrupted: {record.Done} of {record.Photographs * (((JsonObject)record.Manifest["evaluation"]!["variants"]!).Count + 2)} are measured and kept; the same command goes on.");
        }

        return table is null ? ExitCodes.Interrupted : table.Rows.Any(r => r.Failed.Count > 0) ? ExitCodes.SomeFailed : ExitCodes.Ok;
    }

    private static void Write(Session session, EvaluationTable table, string folder)
    {
        var console = session.Terminal.Rich();
        if (!session.Terminal.IsInteractive)
        {
            // A file has no width; a line a row reads best.
            console.Profile.Width = LongestLine;
        }

        foreach (var shown in EvaluationReport.Tables(table))
        {
            if (shown.Title.Length > 0)
            {
                session.Terminal.Out.WriteLine(shown.Title);
            }

            var rich = new Table { Border = TableBorder.Simple };
            foreach (var (i, header) in shown.Headers.Index())
            {
                rich.AddColumn(new Spectre.Console.TableColumn(Markup.Escape(header)) { Alignment = i == 0 ? Justify.Left : Justify.Right, NoWrap = i == 0 });
            }

            foreach (var row in shown.Rows)
            {
                rich.AddRow([Markup.Escape(row.Label), .. row.Cells.Select(c => c.IsBest ? $"[bold]{Markup.Escape(c.Text)}[/]" : Markup.Escape(c.Text))]);
            }

            console.Write(rich);
        }

        foreach (var failure in EvaluationReport.Failures(table))
        {
            session.Terminal.Out.WriteLine($"failed: {failure}");
        }

        foreach (var warning in table.Warnings)
        {
            session.Terminal.Out.WriteLine($"warning: {warning}");
        }

        session.Terminal.Out.WriteLine($"{Path.Combine(folder, EvaluationReport.HtmlFileName)} has the tables, {EvaluationReport.CsvFileName} and {EvaluationReport.PhotographsFileName} beside it all figures");
    }

    private static EvaluationOutcome WithBar(Session session, Func<IEvaluationObserver, EvaluationOutcome> evaluate)
    {
        var console = session.Terminal.Rich();
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .Start(context => evaluate(new Bar(context, console)));
    }

    private static string StartLine(EvaluationStart start)
    {
        var known = start.Done > 0 ? $"; {start.Done} of {start.Pairs} are known already" : string.Empty;
        return $"{start.Photographs} photographs of {start.Subjects} subjects, {start.Rows} rows{known}; results in {start.Folder}";
    }

    private static string FailureLine(PhotographResult result) => $"failed: {result.Photograph}, {result.Row}: {result.Failure!.Message}";

    private static string Shown(TimeSpan time) => time.ToString("hh':'mm':'ss", CultureInfo.InvariantCulture);

    private sealed class Silent : IEvaluationObserver
    {
        public void Started(EvaluationStart start)
        {
        }

        public void Measured(PhotographResult result, int done, TimeSpan left)
        {
        }
    }

    /// <summary>A line for every twentieth of the work, and for every failure.</summary>
    private sealed class Lines(Action<string> write, Action<string> notice) : IEvaluationObserver
    {
        private int pairs;

        public void Started(EvaluationStart start)
        {
            pairs = start.Pairs;
            write(StartLine(start));
        }

        public void Measured(PhotographResult result, int done, TimeSpan left)
        {
            if (result.Failure is not null)
            {
                notice(FailureLine(result));
            }

            if (20L * done / pairs != 20L * (done - 1) / pairs)
            {
                write($"{done} of {pairs} measured, {Shown(left)} left");
            }
        }
    }

    private sealed class Bar(ProgressContext context, IAnsiConsole console) : IEvaluationObserver
    {
        private ProgressTask? bar;

        public void Started(EvaluationStart start)
        {
            console.WriteLine(StartLine(start));
            bar = context.AddTask("measuring", maxValue: start.Pairs);
            bar.Value = start.Done;
        }

        public void Measured(PhotographResult result, int done, TimeSpan left)
        {
            if (result.Failure is not null)
            {
                console.MarkupLineInterpolated($"[yellow]{FailureLine(result)}[/]");
            }

            if (bar is not null)
            {
                bar.Value = done;
                bar.Description = Markup.Escape($"{result.Photograph} · {Shown(left)} left");
            }
        }
    }
}
