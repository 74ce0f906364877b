using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Host;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.LightStage.Skins;
using MoSar.LightStage.Subjects;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar data lightstage</c>: subjects with ground truth.</summary>
internal static class LightStageCommand
{
    public static Command Create(Session session)
    {
        var manifest = new Option<string?>("--manifest", "-m") { Description = "The manifest; default: manifests/data/lightstage.yaml of this program.", HelpName = "FILE" };
        var subjects = new Option<int>("--subjects", "-n") { Description = "How many there shall be in the end.", HelpName = "N", Required = true };
        var output = new Option<string>("--out", "-o") { Description = "The light stage's folder; one that is there is continued.", HelpName = "DIR", Required = true };
        subjects.Between(1, 99_999);
        var set = new Option<string[]>("--set")
        {
            Description = "Override a value of the manifest, such as resolution=2048 or wild_views=20; may be given more than once.",
            HelpName = "path=value",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            "lightstage",
            """
            Makes subjects of the virtual light stage: heads with skin and every map, as docs/lightstage.md describes. A run that was stopped
            goes on with the same command; a larger number adds to what is there.

            Example:
              mosar data lightstage --subjects 100 --out stage
            """)
        {
            manifest, set, subjects, output, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var tree = session.LoadManifest(parsed.GetValue(manifest) ?? Path.Combine(Installation.Root, "manifests", "data", "lightstage.yaml"), parsed.GetValue(set));
            var (folder, wanted) = (session.Resolve(parsed.GetValue(output)!), parsed.GetValue(subjects));
            var run = new LightStageRun(ManifestOptions.Bind<LightStageOptions>(tree, "a light stage's manifest"), folder);
            var before = run.Finished(wanted);
            var clock = Stopwatch.StartNew();
            var made = 0;
            try
            {
                if (parsed.GetValue(session.Json) || !session.Terminal.IsInteractive)
                {
                    run.Make(wanted, _ => Interlocked.Increment(ref made), signals.Token);
                }
                else
                {
                    WithBar(session, wanted, before, tick => run.Make(wanted, id =>
                    {
                        Interlocked.Increment(ref made);
                        tick(id);
                    }, signals.Token));
                }
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                session.Terminal.Error.WriteLine($"interrupted: {before + made} of {wanted} subjects are there; the same command goes on.");
                return ExitCodes.Interrupted;
            }

            var seconds = clock.Elapsed.TotalSeconds;
            var tones = SkinTone.Classes.Zip(run.Tones(wanted), (c, n) => (c.Name, Count: n)).ToArray();
            if (parsed.GetValue(session.Json))
            {
                var counts = new JsonObject(tones.Select(t => KeyValuePair.Create<string, JsonNode?>(t.Name, t.Count)));
                session.WriteJson(new JsonObject { ["folder"] = folder, ["subjects"] = before + made, ["made"] = made, ["seconds"] = seconds, ["tones"] = counts });
            }
            else
            {
                var rate = made == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", {made} new ({60 * made / seconds:f1} a minute)");
                session.Terminal.Out.WriteLine($"{folder}: {before + made} subjects{rate}");
                session.Terminal.Out.WriteLine($"skin tones by ITA°: {string.Join(", ", tones.Select(t => $"{t.Name} {t.Count}"))}");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static void WithBar(Session session, int wanted, int before, Action<Action<string>> make) => session.Terminal.Rich().Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .Start(context =>
        {
            var bar = context.AddTask("subjects", maxValue: wanted);
            bar.Value = before;
            make(_ => bar.Increment(1));
        });
}
