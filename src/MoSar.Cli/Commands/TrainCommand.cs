using System.CommandLine;
using MoSar.Cli.Output;
using MoSar.Host.Training;
using MoSar.Training;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar train</c>: what a manifest says, and the shipped networks that are older than such manifests.</summary>
internal static class TrainCommand
{
    public static Command Create(Session session)
    {
        var manifest = new Argument<string?>("MANIFEST") { Description = "A manifest with 'data' and 'training'.", Arity = ArgumentArity.ZeroOrOne };
        var folder = new Option<string?>("--out", "-o") { Description = "The training's folder; one that holds this training already is gone on with.", HelpName = "DIR" };
        var command = new Command(
            "train",
            """
            Trains what a manifest describes, or one of the networks that have a recipe of their own. Ends with 0 when done, 1 when it diverged, 2 when
            nothing could start, 130 after Ctrl-C; the same command goes on, also after a kill, and ends with the weights of a run that never stopped.

            Examples:
              mosar train my-recipe.yaml --out trained
              mosar train landmarks --model samples/models/face.safetensors --portraits DIR --out landmarks.safetensors
            """)
        {
            manifest, folder, session.Set, session.Plugins, session.Json,
            Shapes(session),
            Network(session, "landmarks", "the landmark network (landmarks.heatmap)", LandmarkTrainer.Recipe, LandmarkTrainer.Train, fromStage: true),
            Network(session, "locator", "the face locator (detect.locator)", LocatorTrainer.Recipe, LocatorTrainer.Train, fromStage: false),
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(manifest) is null or { Tokens.Count: 0 })
            {
                parsed.AddError("Which manifest? mosar train MANIFEST --out DIR, or mosar train shapes|landmarks|locator.");
            }
            else if (parsed.GetResult(folder) is null)
            {
                parsed.AddError("--out DIR is needed: checkpoints, reports and weights go there.");
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () => TrainingShown.Run(session, parsed.GetValue(session.Json), new TrainingRequest(
            session.LoadManifest(parsed, parsed.GetValue(manifest)!), parsed.GetValue(session.Set) ?? [], session.PluginFolders(parsed), session.Resolve(parsed.GetValue(folder)!)))));
        return command;
    }

    private static Command Shapes(Session session)
    {
        var recipe = new ShapeTrainerOptions();
        var model = new Option<string>("--model") { Description = "The face model, with levels.", HelpName = "FILE", Required = true };
        var result = new Option<string>("--out", "-o") { Description = "Folder of heads, checkpoints and results; a training in it that was stopped is continued.", HelpName = "DIR", Required = true };
        var count = new Option<int>("--heads") { Description = "Heads to learn from.", DefaultValueFactory = _ => recipe.Count, HelpName = "N" }.Between(1, 100_000);
        var decoder = new Option<int>("--decoder-steps") { Description = "Steps of the decoder's graph alone.", DefaultValueFactory = _ => recipe.DecoderSteps, HelpName = "N" }.Between(1, int.MaxValue);
        var steps = new Option<int>("--steps") { Description = "Steps of the whole autoencoder.", DefaultValueFactory = _ => recipe.Steps, HelpName = "N" }.Between(1, int.MaxValue);
        var batch = new Option<int>("--batch") { Description = "Heads a step.", DefaultValueFactory = _ => recipe.Batch, HelpName = "N" }.Between(1, 4096);
        var command = new Command(
            "shapes",
            $"""
            Pre-trains what makes a head of coefficients, on neutral heads of the light stage: part-gnn.safetensors (the graph network) and linear.safetensors
            (principal components of the same heads, as many). Both are what a training with learn.scene takes as 'shape'.

            Example:
              mosar train shapes --model samples/models/face.safetensors --out shapes
            """)
        {
            model, result, count, decoder, steps, batch, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var options = recipe with
            {
                Model = session.Resolve(parsed.GetValue(model)!),
                Out = session.Resolve(parsed.GetValue(result)!),
                Count = parsed.GetValue(count),
                DecoderSteps = parsed.GetValue(decoder),
                Steps = parsed.GetValue(steps),
                Batch = parsed.GetValue(batch),
            };
            using var signals = new Signals();
            try
            {
                ShapeTrainer.Train(options, session.Terminal.Out.WriteLine, signals.Token);
                return Host.Runs.ExitCodes.Ok;
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                session.Terminal.Error.WriteLine($"interrupted: what was done is kept in {parsed.GetValue(result)}; the same command goes on.");
                return Host.Runs.ExitCodes.Interrupted;
            }
        }));
        return command;
    }

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
        var side = new Option<int>("--side") { Description = "Pixels of the crops to learn from, a multiple of 16.", DefaultValueFactory = _ => recipe.Side, HelpName = "PIXELS" }.Between(64, 512);
        var begin = new Option<string?>("--begin") { Description = "Weights to begin with.", HelpName = "FILE" };
        var rate = new Option<double>("--learning-rate") { Description = "Adam's, at its highest.", DefaultValueFactory = _ => recipe.LearningRate, HelpName = "RATE" };
        var bfloat16 = new Option<bool>("--bfloat16") { Description = "Convolutions in bfloat16: about twice as fast where the processor has such instructions (avx512_bf16, amx_bf16), much slower elsewhere." };
        var command = new Command(
            name,
            $"""
            Trains {what} on renders of the face model and on hand-pointed portraits. Held-out people are never read.

            Example:
              mosar train {name} --model samples/models/face.safetensors --portraits DIR --out {name}.safetensors
            """)
        {
            model, portraits, environments, result, cache, cutouts, steps, batch, begin, rate, bfloat16, session.Json,
        };
        if (fromStage)
        {
            command.Options.Add(stage);
            command.Options.Add(side);
        }

        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(portraits) is null && parsed.GetResult(stage) is null)
            {
                parsed.AddError(fromStage ? "--portraits DIR or --stage DIR is needed." : "--portraits DIR is needed.");
            }

            if (parsed.GetResult(rate) is { Implicit: false } said && !said.Errors.Any() && parsed.GetValue(rate) is not (> 0 and <= 1))
            {
                parsed.AddError("--learning-rate lies above 0, at most 1.");
            }

            if (fromStage && parsed.GetResult(side) is { Implicit: false } given && !given.Errors.Any() && parsed.GetValue(side) % 16 != 0)
            {
                parsed.AddError("--side is a multiple of 16.");
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
                LearningRate = parsed.GetValue(rate),
                Side = fromStage ? parsed.GetValue(side) : recipe.Side,
                Begin = Path(parsed.GetValue(begin)),
                BFloat16 = parsed.GetValue(bfloat16),
            };
            train(options, session.Terminal.Out.WriteLine, CancellationToken.None);
            return Host.Runs.ExitCodes.Ok;
        }));
        return command;
    }
}
