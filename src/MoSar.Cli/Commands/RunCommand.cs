using System.CommandLine;
using MoSar.Cli.Output;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar run</c>: photographs to avatars.</summary>
internal static class RunCommand
{
    public static Command Create(Session session)
    {
        var photographs = new Argument<string[]>("PHOTO|FOLDER") { Description = "Pictures, and folders of pictures.", Arity = ArgumentArity.ZeroOrMore };
        var folder = new Option<string?>("--out", "-o") { Description = "The run folder; default: out/<date-time>.", HelpName = "DIR" };
        var face = new Option<int?>("--face") { Description = "Which face, counted from the largest (1).", HelpName = "N" };
        var force = new Option<bool>("--force") { Description = "Replace avatars that are already in the run folder." };
        var resume = new Option<string?>("--resume") { Description = "Go on with an interrupted run: what is finished stays.", HelpName = "DIR" };
        var command = new Command(
            "run",
            """
            Turns photographs into avatars. Ends with 0 when all went well, 1 when some failed, 2 when nothing could start, 130 after Ctrl-C.

            Examples:
              mosar run samples/portraits/demo.png
              mosar run --out heads --set pipeline.light.stage=light.none photographs/
              mosar run --resume heads
            """)
        {
            photographs, session.Manifest, session.Set, folder, face, force, resume, session.Plugins, session.Json,
        };
        photographs.Validators.Add(result =>
        {
            // What looks like an option and is none would otherwise be taken for a picture's name.
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith('-') && !Path.Exists(session.Resolve(t.Value))))
            {
                result.AddError(CommandLine.NoOption(token.Value, command));
            }
        });
        face.Between(1, int.MaxValue);
        command.Validators.Add(parsed =>
        {
            // A resumed run is the recorded one: what is said beside it would be ignored in silence.
            if (parsed.GetResult(resume) is null)
            {
                return;
            }

            Option[] others = [session.Manifest, session.Set, folder, face, session.Plugins];
            foreach (var other in others.Where(o => parsed.GetResult(o) is { Implicit: false }))
            {
                parsed.AddError($"{other.Name} cannot be changed with --resume: the run goes on as it was started.");
            }

            if (parsed.GetResult(photographs) is { Tokens.Count: > 0 })
            {
                parsed.AddError("--resume goes on with the run's own photographs; name none.");
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var request = parsed.GetValue(resume) is { } interrupted
                ? RunAgain.Resume(session.Resolve(interrupted))
                : new RunRequest
                {
                    Inputs = InputList.Collect(parsed.GetValue(photographs)!, session.WorkingFolder),
                    Manifest = session.LoadManifest(parsed),
                    Sets = parsed.GetValue(session.Set) ?? [],
                    PluginFolders = session.PluginFolders(parsed),
                    Out = session.Resolve(parsed.GetValue(folder) ?? DefaultFolder(session.WorkingFolder)),
                    Face = parsed.GetValue(face),
                    Force = parsed.GetValue(force),
                };
            return RunShown.Run(session, parsed.GetValue(session.Json), request);
        }));
        return command;
    }

    private static string DefaultFolder(string workingFolder)
    {
        var name = Path.Combine("out", DateTime.Now.ToString("yyyyMMdd-HHmmss", System.Globalization.CultureInfo.InvariantCulture));
        var unique = name;
        for (var n = 2; Path.Exists(Path.GetFullPath(unique, workingFolder)); n++)
        {
            unique = $"{name}-{n}";
        }

        return unique;
    }
}
