using System.Text.Json.Nodes;
using MoSar.Host.Runs;
using MoSar.Host.Telemetry;

namespace MoSar.Cli.Output;

/// <summary>A run in front of a person or a program, with Ctrl-C obeyed.</summary>
internal static class RunShown
{
    /// <returns>The exit code.</returns>
    public static int Run(Session session, bool json, RunRequest request)
    {
        var code = Drive(session, json, request, out var result);
        if (json)
        {
            session.WriteJson(ToJson(result));
        }

        return End(session, code, result);
    }

    /// <summary>As <see cref="Run"/>, without a result on standard output in JSON.</summary>
    public static int Drive(Session session, bool json, RunRequest request, out RunResult result)
    {
        using var export = TelemetryExport.StartIfAsked(Environment.GetEnvironmentVariable);
        using var signals = new Signals();
        var reader = new PhotographReader();
        RunResult Run(IRunObserver observer) => new RunDriver(reader, observer, TimeProvider.System).Run(request, signals.Token);
        result = json ? Run(new SilentObserver())
            : session.Terminal.IsInteractive ? ProgressObserver.Show(session, Run)
            : Run(new LineObserver(session));
        return result.ExitCode;
    }

    private static int End(Session session, int code, RunResult result)
    {
        if (result.IsAbandoned)
        {
            session.Terminal.Out.Flush();
            session.Terminal.Error.Flush();
            Signals.ExitNow(code);
        }

        return code;
    }

    private static JsonObject ToJson(RunResult result) => new()
    {
        ["folder"] = result.Folder,
        ["record"] = Path.Combine(result.Folder, RunRecord.FileName),
        ["status"] = result.Record.Status.ToString().ToLowerInvariant(),
        ["exitCode"] = result.ExitCode,
        ["notices"] = new JsonArray([.. result.Record.Notices.Select(n => JsonValue.Create(n))]),
        ["photographs"] = new JsonArray([.. result.Record.Photographs.Select(p => new JsonObject
        {
            ["name"] = p.Name,
            ["input"] = p.Input,
            ["outcome"] = p.Outcome.ToString().ToLowerInvariant(),
            ["folder"] = p.Outcome == Outcome.Ok ? Path.Combine(result.Folder, p.Name) : null,
            ["seconds"] = Math.Round(p.Seconds, 3),
            ["faces"] = p.Faces,
            ["notices"] = new JsonArray([.. p.Notices.Select(n => JsonValue.Create(n))]),
            ["error"] = p.Error is { } e
                ? new JsonObject { ["code"] = e.Code, ["message"] = e.Message, ["remedy"] = e.Remedy, ["stage"] = e.Stage }
                : null,
        })]),
    };
}
