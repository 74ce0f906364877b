using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Cli.Output;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar repeat</c>: the same run again, and whether it came out the same.</summary>
internal static class RepeatCommand
{
    public static Command Create(Session session)
    {
        var run = new Argument<string>("RUN") { Description = "A run folder." };
        var folder = new Option<string?>("--out", "-o") { Description = "Keep the repetition here; default: a temporary folder that is removed.", HelpName = "DIR" };
        var command = new Command(
            "repeat",
            """
            Runs a finished run again from its record and compares every file bit for bit (timings in reports excluded). Ends with 0 when
            they are the same, 1 when some differ, 2 when the inputs, weights or plugins are not what they were.

            Example:
              mosar repeat out/20261122-153000
            """)
        {
            run, folder, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var original = session.Resolve(parsed.GetValue(run)!);
            var kept = parsed.GetValue(folder);
            var into = kept is null ? Directory.CreateTempSubdirectory("mosar-repeat-").FullName : session.Resolve(kept);
            try
            {
                return Repeat(session, parsed.GetValue(session.Json), original, into);
            }
            finally
            {
                if (kept is null)
                {
                    Directory.Delete(into, recursive: true);
                }
            }
        }));
        return command;
    }

    private static int Repeat(Session session, bool json, string original, string into)
    {
        var request = RunAgain.Repeat(original, into);
        var code = RunShown.Drive(session, json, request, out var result);
        if (code == ExitCodes.Interrupted)
        {
            return code;
        }

        var files = RunAgain.Compare(RunRecord.Read(original), result.Record);
        var different = files.Where(f => f.What is not null).ToArray();
        if (json)
        {
            session.WriteJson(new JsonObject
            {
                ["identical"] = different.Length == 0,
                ["compared"] = files.Count,
                ["different"] = new JsonArray([.. different.Select(d => new JsonObject { ["path"] = d.Path, ["what"] = d.What })]),
            });
            return different.Length == 0 ? ExitCodes.Ok : ExitCodes.SomeFailed;
        }

        foreach (var file in different)
        {
            session.Terminal.Out.WriteLine($"{file.Path} {file.What}");
        }

        session.Terminal.Out.WriteLine(different.Length == 0
            ? $"identical: all {files.Count} files are the same bit for bit"
            : $"not identical: {different.Length} of {files.Count} files differ");
        return different.Length == 0 ? ExitCodes.Ok : ExitCodes.SomeFailed;
    }
}
