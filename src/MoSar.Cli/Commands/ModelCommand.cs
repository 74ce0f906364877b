using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Host;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar model …</c>: makes the face model from published scans, and what it learns from portraits.</summary>
internal static class ModelCommand
{
    public static Command Create(Session session) => new("model", "Make the face model.\n\nExample:\n  mosar model build --from ict-facekit FaceXModel")
    {
        Build(session),
        LearnedModelParts.Albedo(session),
        LearnedModelParts.Landmarks(session),
        Levels(session),
    };

    private static Command Levels(Session session)
    {
        var model = new Option<string?>("--model") { Description = "The model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };
        var command = new Command(
            "levels",
            """
            Simplifies the model's mean head level by level and divides it into parts, for graph networks, and writes both into the model file; nothing
            else in it changes. `mosar model build` does the same.

            Example:
              mosar model levels --model face.safetensors
            """)
        {
            model, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var path = session.Resolve(parsed.GetValue(model) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors"));
            var (pyramid, parts) = LevelFile.Replace(path);
            var counts = pyramid.Levels.Select(l => l.Vertices.Length).ToArray();
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject { ["model"] = path, ["levels"] = new JsonArray([.. counts.Select(c => JsonValue.Create(c))]), ["parts"] = new JsonArray([.. parts.Names.Select(n => JsonValue.Create(n))]) });
            }
            else
            {
                session.Terminal.Out.WriteLine($"{path}: levels of {string.Join(", ", counts)} vertices; parts {string.Join(", ", parts.Names)}");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Command Build(Session session)
    {
        var source = new Argument<string>("DIR") { Description = "ICT-FaceKit's published folder of OBJ files, or its packed copy." };
        var from = new Option<string>("--from") { Description = "What DIR holds.", Required = true, HelpName = "ict-facekit" };
        var identities = new Option<int>("--identities") { Description = "Identity modes to keep.", DefaultValueFactory = _ => 100, HelpName = "N" }.Between(1, 1000);
        var output = new Option<string?>("--out", "-o") { Description = "The model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };
        from.AcceptOnlyFromAmong("ict-facekit");
        var command = new Command(
            "build",
            """
            Resamples published scans onto this project's own template: mean, identity, expressions, landmarks.

            Example:
              mosar model build --from ict-facekit FaceXModel --out face.safetensors
            """)
        {
            source, from, identities, output, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var path = session.ResolveOutput(parsed.GetValue(output) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors"));
            var isQuiet = parsed.GetValue(session.Json);
            try
            {
                var progress = new Steps(session, isQuiet);
                var draft = FaceModelBuilder.Build(
                    session.Resolve(parsed.GetValue(source)!), new FaceModelOptions(parsed.GetValue(identities)), progress, signals.Token);
                draft.Save(path);
                if (isQuiet)
                {
                    session.WriteJson(new JsonObject { ["model"] = path, ["vertices"] = draft.VertexCount, ["faces"] = draft.FaceCount });
                }
                else
                {
                    session.Terminal.Out.WriteLine($"{path}: {draft}");
                }
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    /// <summary>Says each step once.</summary>
    private sealed class Steps(Session session, bool isQuiet) : IProgress<FaceModelProgress>
    {
        private string last = string.Empty;

        public void Report(FaceModelProgress value)
        {
            if (!isQuiet && value.Step != last)
            {
                session.Terminal.Error.WriteLine($"{value.Step} …");
                last = value.Step;
            }
        }
    }
}
