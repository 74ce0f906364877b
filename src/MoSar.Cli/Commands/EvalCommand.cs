using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Cli.Output;
using MoSar.Faces;
using MoSar.Faces.Fitting;
using MoSar.Host;
using MoSar.Host.Evaluation;
using MoSar.Host.Runs;
using MoSar.Learning;
using Spectre.Console;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar eval …</c>: variants of a pipeline in a table; what a finished run is worth, measured against hand-placed points or against itself.</summary>
internal static class EvalCommand
{
    public static Command Create(Session session)
    {
        var manifest = new Argument<string?>("MANIFEST") { Description = "A manifest with 'data' and 'evaluation'.", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--out", "-o") { Description = "The evaluation's folder; default: out/eval-MANIFEST. What is measured there already is kept.", HelpName = "DIR" };
        var command = new Command(
            "eval",
            """
            Measures variants of a pipeline on the same photographs and prints their table; or a finished run, or predicted shapes. Results are kept one by
            one: after Ctrl-C or a kill the same command goes on, and measures anew only what has changed. Ends with 0 when all was measured, 1 when a variant
            failed on a photograph, 2 when nothing could start, 130 after Ctrl-C. docs/evaluation.md says what such a manifest has.

            Examples:
              mosar eval manifests/ablations/table1.yaml --set data.sources.stage.folder=stage --out table1
              mosar eval manifests/ablations/table1.yaml --set evaluation.subjects=5 --set evaluation.variants.gnn.skip=true
              mosar eval landmarks --portraits ../shared/data/portraits out/all
            """)
        {
            manifest, folder, session.Set, session.Plugins, session.Json, LandmarksCommand(session), ZoomCommand(session), EvalRealyCommand.Create(session), EvalArtefactsCommand.Create(session),
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(manifest) is null or { Tokens.Count: 0 })
            {
                parsed.AddError("Which manifest? mosar eval MANIFEST, or mosar eval landmarks|zoom|realy|artefacts.");
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var path = parsed.GetValue(manifest)!;
            return EvaluationShown.Run(session, parsed.GetValue(session.Json), new EvaluationRequest(
                session.LoadManifest(parsed, path),
                parsed.GetValue(session.Set) ?? [],
                session.PluginFolders(parsed),
                session.Resolve(parsed.GetValue(folder) ?? Path.Combine("out", $"eval-{Path.GetFileNameWithoutExtension(path)}"))));
        }));
        return command;
    }

    private static Command LandmarksCommand(Session session)
    {
        var run = new Argument<string>("RUN") { Description = "The folder that `mosar run --out` wrote." };
        var portraits = new Option<string>("--portraits") { Description = "The folder that holds london/ and canada/.", Required = true, HelpName = "DIR" };
        var each = new Option<bool>("--each") { Description = "List every portrait." };
        var command = new Command(
            "landmarks",
            """
            Mean distance of 49 landmarks to hand-placed points, percent of the distance between the outer eye corners, for detected and for
            projected landmarks; people held out of training apart from the others.

            Example:
              mosar run ../shared/data/portraits/london/neutral_front ../shared/data/portraits/canada --out out/all
              mosar eval landmarks --portraits ../shared/data/portraits out/all
            """)
        {
            run, portraits, each, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var rows = LandmarkReport.Rows(
                PortraitSet.Load(session.Resolve(parsed.GetValue(portraits)!)), SavedReconstruction.LoadRun(session.Resolve(parsed.GetValue(run)!)));
            var summary = LandmarkReport.Summarise(rows);
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject
                {
                    ["summary"] = new JsonArray([.. summary.Select(s => new JsonObject
                    {
                        ["collection"] = s.Collection, ["heldOut"] = s.HeldOut, ["count"] = s.Count, ["detected"] = s.Detected, ["projected"] = s.Projected,
                    })]),
                    ["portraits"] = new JsonArray([.. rows.Select(r => new JsonObject
                    {
                        ["collection"] = r.Portrait.Collection, ["name"] = r.Portrait.Name, ["heldOut"] = r.Portrait.HeldOut, ["detected"] = r.Detected, ["projected"] = r.Projected,
                    })]),
                });
                return ExitCodes.Ok;
            }

            var table = new Table { Border = TableBorder.Simple }.AddColumns("people", "portraits", "detected %", "projected %");
            foreach (var s in summary)
            {
                table.AddRow($"{s.Collection}, {(s.HeldOut ? "held out" : "trained on")}", $"{s.Count}", Two(s.Detected), Two(s.Projected));
            }

            foreach (var r in parsed.GetValue(each) ? rows : [])
            {
                table.AddRow($"{r.Portrait.Collection}/{r.Portrait.Name}{(r.Portrait.HeldOut ? " *" : string.Empty)}", "1", Two(r.Detected), Two(r.Projected));
            }

            session.Terminal.Rich().Write(table);
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command ZoomCommand(Session session)
    {
        var run = new Argument<string>("RUN") { Description = "A run over photographs of one person from several distances." };
        var model = new Option<string?>("--model") { Description = "The face model that the run used; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };
        var command = new Command(
            "zoom",
            """
            Focal length and distance that were fitted to photographs of one face, and how far apart the shapes are: mean distance of the
            neutral faces' vertices after rigid alignment, mm.

            Example:
              mosar run ../shared/data/portraits/zoom --out out/zoom
              mosar eval zoom out/zoom
            """)
        {
            run, model, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var face = FaceModel.Load(session.Resolve(parsed.GetValue(model) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors")));
            var fits = SavedReconstruction.LoadRun(session.Resolve(parsed.GetValue(run)!));
            var region = face.Template.Regions["face"];
            var vertices = Enumerable.Range(0, region.Length).Where(v => region[v] > 0.5f).ToArray();
            var shapes = fits.Select(f => face.Positions(f.Identity, [])).ToArray();
            var nose = System.Numerics.Vector3.Zero;
            foreach (var v in vertices)
            {
                nose += face.Mean[v] / vertices.Length;
            }

            var json = new JsonArray();
            var table = new Table { Border = TableBorder.Simple }.AddColumns(["photograph", "focal px", "focal / longer side", "distance mm", .. fits.Select(f => $"to {f.Name}, mm")]);
            for (var i = 0; i < fits.Count; i++)
            {
                var distance = -fits[i].Camera.ToCamera(nose).Z;
                var apart = shapes.Select(s => RigidAlignment.MeanDistance(shapes[i], s, vertices)).ToArray();
                var relative = fits[i].Camera.Fx / Math.Max(fits[i].Width, fits[i].Height);
                table.AddRow([fits[i].Name, $"{fits[i].Camera.Fx:F0}", Two(relative), $"{distance:F0}", .. apart.Select(a => Two(a))]);
                json.Add(new JsonObject
                {
                    ["name"] = fits[i].Name,
                    ["focal"] = fits[i].Camera.Fx,
                    ["distance"] = distance,
                    ["apart"] = new JsonArray([.. apart.Select(a => JsonValue.Create(a))]),
                });
            }

            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(json);
            }
            else
            {
                session.Terminal.Rich().Write(table);
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static string Two(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
