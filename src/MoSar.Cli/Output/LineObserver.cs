using System.Globalization;
using MoSar.Host.Runs;
using MoSar.Host.Telemetry;

namespace MoSar.Cli.Output;

/// <summary>A run as lines: one a photograph as it ends, a summary at the end. For logs and pipes.</summary>
internal sealed class LineObserver(Session session) : IRunObserver
{
    private string folder = string.Empty;

    public void RunStarted(string folder, IReadOnlyList<InputPhotograph> photographs, int stages) => this.folder = folder;

    public void Notice(string? photograph, string message) => session.Terminal.Error.WriteLine(NoticeLine(photograph, message));

    public void PhotographStarted(InputPhotograph photograph)
    {
    }

    public void StageStarted(string photograph, string path, string stage)
    {
    }

    public void StageProgressed(string photograph, string path, StageProgress progress)
    {
    }

    public void StageFinished(string photograph, StageMeasurement measured)
    {
    }

    public void PhotographFinished(PhotographRecord outcome)
    {
        if (outcome.Outcome == Outcome.Ok)
        {
            session.Terminal.Out.WriteLine(OkLine(session, folder, outcome));
        }
        else
        {
            session.Terminal.Error.WriteLine(FailureLines(outcome));
        }
    }

    public void RunFinished(RunRecord record, string folder) => session.Terminal.Out.WriteLine(Summary(session, record, folder));

    public static string NoticeLine(string? photograph, string message) => photograph is null ? $"notice: {message}" : $"notice: {photograph}: {message}";

    public static string OkLine(Session session, string folder, PhotographRecord outcome) =>
        string.Create(CultureInfo.InvariantCulture, $"{outcome.Name}: {Shown(session, Path.Combine(folder, outcome.Name))} ({outcome.Seconds:F1} s)");

    public static string FailureLines(PhotographRecord outcome) => outcome.Error is { } error
        ? $"{outcome.Name}: error: {error.Message}{(error.Remedy is null ? string.Empty : $"\n  = {error.Remedy}")}"
        : $"{outcome.Name}: interrupted, nothing kept";

    public static string Summary(Session session, RunRecord record, string folder)
    {
        var failed = record.Photographs.Count(p => p.Outcome == Outcome.Failed);
        var ok = record.Photographs.Count(p => p.Outcome == Outcome.Ok);
        var text = $"{ok} ok, {failed} failed";
        if (record.Status == RunStatus.Interrupted)
        {
            var undone = record.Pending.Count + record.Photographs.Count(p => p.Outcome == Outcome.Interrupted);
            text = $"interrupted: {text}, {undone} not done; go on with: mosar run --resume {Shown(session, folder)}";
        }

        return $"{text} ({Shown(session, Path.Combine(folder, RunRecord.FileName))})";
    }

    private static string Shown(Session session, string path)
    {
        var relative = Path.GetRelativePath(session.WorkingFolder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
