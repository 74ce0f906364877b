using MoSar.Host.Runs;
using MoSar.Host.Telemetry;
using Spectre.Console;

namespace MoSar.Cli.Output;

/// <summary>A run with a bar for the photograph at work, on a terminal.</summary>
internal sealed class ProgressObserver : IRunObserver
{
    private readonly Session session;
    private readonly IAnsiConsole console;
    private readonly ProgressContext context;
    private string folder = string.Empty;
    private ProgressTask? bar;
    private int stages;
    private int done;

    private ProgressObserver(Session session, IAnsiConsole console, ProgressContext context) =>
        (this.session, this.console, this.context) = (session, console, context);

    public static RunResult Show(Session session, Func<IRunObserver, RunResult> drive)
    {
        var console = session.Terminal.Rich();
        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new SpinnerColumn())
            .Start(context => drive(new ProgressObserver(session, console, context)));
    }

    public void RunStarted(string folder, IReadOnlyList<InputPhotograph> photographs, int stages) => (this.folder, this.stages) = (folder, stages);

    public void Notice(string? photograph, string message) => console.MarkupLineInterpolated($"[yellow]{LineObserver.NoticeLine(photograph, message)}[/]");

    public void PhotographStarted(InputPhotograph photograph)
    {
        bar = context.AddTask(Markup.Escape(photograph.Name), maxValue: stages);
        done = 0;
    }

    public void StageStarted(string photograph, string path, string stage)
    {
        if (bar is not null)
        {
            bar.Description = Markup.Escape($"{photograph} · {path}");
        }
    }

    public void StageProgressed(string photograph, string path, StageProgress progress)
    {
        if (bar is not null)
        {
            bar.Value = done + Math.Clamp(progress.Fraction, 0, 1);
        }
    }

    public void StageFinished(string photograph, StageMeasurement measured)
    {
        done++;
        if (bar is not null)
        {
            bar.Value = done;
        }
    }

    public void PhotographFinished(PhotographRecord outcome)
    {
        bar?.StopTask();
        bar = null;
        if (outcome.Outcome == Outcome.Ok)
        {
            console.MarkupLineInterpolated($"[green]{LineObserver.OkLine(session, folder, outcome)}[/]");
        }
        else
        {
            console.MarkupLineInterpolated($"[red]{LineObserver.FailureLines(outcome)}[/]");
        }
    }

    public void RunFinished(RunRecord record, string folder) => console.WriteLine(LineObserver.Summary(session, record, folder));
}
