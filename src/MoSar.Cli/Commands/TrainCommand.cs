using System.CommandLine;
using MoSar.Training;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar train …</c>: makes the weights of the shipped networks.</summary>
internal static class TrainCommand
{
    public static Command Create(Session session) => new("train", "Trains the networks that the project ships.\n\nExample:\n  mosar train landmarks --model samples/models/face.safetensors --portraits DIR --out landmarks.safetensors")
    {
        Network(session, "landmarks", "the landmark network (landmarks.heatmap)", LandmarkTrainer.Recipe, LandmarkTrainer.Train, fromStage: true),
        Network(session, "locator", "the face locator (detect.locator)", LocatorTrainer.Recipe, LocatorTrainer.Train, fromStage: false),
    };

    private static Command Network(
        Session session, string name, string what, TrainerOptions recipe, Action<TrainerOptions, Action<string>, CancellationToken> train, bool fromStage)
    {
        var model = new Option<string>("--model") { Description = "The face model that is rendered.", HelpName = "FILE", Required = true };
        var portraits = new Option<string?>("--portraits") { Description = "Folder with london/ and canada/; held-out people are left out.", HelpName = "DIR" };
        var stage = new Option<string?>("--stage") { Description = "Learn from this light stage's renders in place of cut-outs; --portraits may then be left out.", HelpName = "DIR" };
        var environments = new Option<string?>("--environments") { Description = "Folder with .hdr environments for backgrounds.", HelpName = "DIR" };
        var result = new Option<string>("--out", "-o") { Description = "The weights to write.", HelpName = "FILE", Required = true };
        var cache = new Option<string?>("--cache") { Description = "Keep renders and checkpoints here; a run that was stopped is continued.", HelpName = "DIR" };
        var cutouts = new Option<int>("--cutouts") { Description = "Renders to draw from.", DefaultValueFactory = _ => recipe.Cutouts, HelpName = "N" }.Between(1, int.MaxValue);
        var steps = new Option<int>("--steps") { Description = "Steps to train.", DefaultValueFactory = _ => recipe.Steps, HelpName = "N" }.Between(1, int.MaxValue);
        var batch = new Option<int>("--batch") { Description = "Pictures a step.", DefaultValueFactory = _ => recipe.Batch, HelpName = "N" }.Between(1, int.MaxValue);
        var command = new Command(
            name,
            $"""
            Trains {what} on renders of the face model and on hand-pointed portraits. Held-out people are never read.

            Example:
              mosar train {name} --model samples/models/face.safetensors --portraits DIR --out {name}.safetensors
            """)
        {
            model, portraits, environments, result, cache, cutouts, steps, batch, session.Json,
        };
        if (fromStage)
        {
            command.Options.Add(stage);
        }

        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(portraits) is null && parsed.GetResult(stage) is null)
            {
                parsed.AddError(fromStage ? "--portraits DIR or --stage DIR is needed." : "--portraits DIR is needed.");
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            string? Path(string? path) => path is null ? null : session.Resolve(path);
            var options = recipe with
            {
                Model = Path(parsed.GetValue(model))!,
                Portraits = Path(parsed.GetValue(portraits)),
                Stage = fromStage ? Path(parsed.GetValue(stage)) : null,
                Environments = Path(parsed.GetValue(environments)),
                Out = session.ResolveOutput(parsed.GetValue(result)!),
                Cache = Path(parsed.GetValue(cache)),
                Cutouts = parsed.GetValue(cutouts),
                Steps = parsed.GetValue(steps),
                Batch = parsed.GetValue(batch),
            };
            train(options, session.Terminal.Out.WriteLine, CancellationToken.None);
            return Host.Runs.ExitCodes.Ok;
        }));
        return command;
    }
}
