using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Host.Data;
using MoSar.Host.Runs;
using MoSar.Learning.Data;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar data landmarks</c>: landmarks beside photographs that have none.</summary>
internal static class DataLandmarksCommand
{
    private const int Shown = 20;

    public static Command Create(Session session, Func<IProgress<(int Done, int Of)>?> progress)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The folder that data.images reads; subfolders are searched, too." };
        var output = new Option<string?>("--out", "-o") { Description = "Where to keep them; default: landmarks.json in the folder. Another place is named by 'landmarks:' of data.images.", HelpName = "FILE" };
        var command = new Command(
            "landmarks",
            """
            Finds the largest face of every photograph and its landmarks, with the first two stages of a pipeline, and keeps them in one file, from which
            data.images then knows where to cut face crops. Photographs without a face are listed; data.images leaves them out. A run that was stopped
            goes on with the same command, which looks at new and changed photographs only. Ends with 0, 1 when a file could not be read, 130 after Ctrl-C.

            Examples:
              mosar data landmarks photos
              mosar data landmarks /media/ffhq/images1024x1024 --out ffhq-landmarks.json
            """)
        {
            folder, output, session.Manifest, session.Set, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var photographs = session.Resolve(parsed.GetValue(folder)!);
            var file = parsed.GetValue(output) is { } other ? session.ResolveOutput(other) : Path.Combine(photographs, PhotographLandmarks.FileName);
            var report = LandmarkFinding.Run(session.LoadManifest(parsed), session.PluginFolders(parsed), photographs, file, progress(), signals.Token);
            Show(session, parsed.GetValue(session.Json), report);
            return report.IsInterrupted ? ExitCodes.Interrupted : report.Corrupt.Count > 0 ? ExitCodes.SomeFailed : ExitCodes.Ok;
        }));
        return command;
    }

    private static void Show(Session session, bool asJson, LandmarkFindingReport report)
    {
        var without = report.Found.Photographs.Where(p => p.Value.Points is null).OrderBy(p => p.Key, StringComparer.Ordinal).ToArray();
        var (done, several) = (report.Found.Photographs.Count, report.Found.Photographs.Values.Count(p => p.Faces > 1));
        if (asJson)
        {
            session.WriteJson(new JsonObject
            {
                ["file"] = report.File,
                ["photographs"] = report.Photographs,
                ["done"] = done,
                ["looked"] = report.Looked,
                ["several_faces"] = several,
                ["without"] = new JsonArray([.. without.Select(p => new JsonObject { ["photograph"] = p.Key, ["problem"] = p.Value.Problem })]),
                ["corrupt"] = new JsonArray([.. report.Corrupt.Select(c => JsonValue.Create(c))]),
                ["interrupted"] = report.IsInterrupted,
            });
            return;
        }

        var text = session.Terminal.Out;
        text.WriteLine($"{report.File}: {done - without.Length} of {report.Photographs} photographs have landmarks, {report.Looked} looked at now");
        if (several > 0)
        {
            text.WriteLine($"{several} show several faces: the largest was taken");
        }

        if (without.Length > 0)
        {
            text.WriteLine($"{without.Length} left out:");
            foreach (var (name, found) in without.Take(Shown))
            {
                text.WriteLine($"  {name}: {found.Problem}");
            }

            if (without.Length > Shown)
            {
                text.WriteLine($"  and {without.Length - Shown} more");
            }
        }

        if (report.IsInterrupted)
        {
            session.Terminal.Error.WriteLine($"interrupted: {done} of {report.Photographs} photographs are done; the same command goes on.");
        }
    }
}
