using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Faces.Albedo;
using MoSar.Faces.Fitting;
using MoSar.Graphics;
using MoSar.Host;
using MoSar.Host.Runs;
using MoSar.Learning;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar model albedo</c> and <c>mosar model landmarks</c>: what the face model learns from portraits with hand-placed points.</summary>
internal static class LearnedModelParts
{
    public static Command Albedo(Session session)
    {
        var portraits = Portraits();
        var model = Model();
        var modes = new Option<int>("--modes") { Description = "Albedo modes to keep.", DefaultValueFactory = _ => 30, HelpName = "N" }.Between(1, 1000);
        var command = new Command(
            "albedo",
            """
            Learns a PCA of per-vertex albedo from the training people of London and Canada (every fifth person is held out) and writes it into
            the model file.

            Example:
              mosar model albedo --portraits ../shared/data/portraits
            """)
        {
            portraits, model, modes, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var path = PathOf(session, parsed.GetValue(model));
            var training = Training(session.Resolve(parsed.GetValue(portraits)!))
                .Select(p => (p, TemPoints.Load(p.TemPath!)))
                .Select(x => new AlbedoPortrait(x.p.Collection, ImageFile.ReadPhotograph(x.p.ImagePath), x.Item2.ToMultiPie(), x.Item2.JawContour))
                .ToList();
            var learned = AlbedoLearner.Learn(FaceModel.Load(path), training, parsed.GetValue(modes), cancellation: signals.Token);
            AlbedoFile.Replace(path, learned);
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject { ["model"] = path, ["people"] = learned.People, ["modes"] = learned.Modes.Length, ["explained"] = learned.Explained });
            }
            else
            {
                session.Terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{path}: {learned.Modes.Length} albedo modes of {learned.People} people explain {learned.Explained:P1}, mean shading {learned.Brightness:F2}"));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    public static Command Landmarks(Session session)
    {
        var portraits = Portraits();
        var model = Model();
        var command = new Command(
            "landmarks",
            """
            Finds where on the mean head the landmarks lie that people place by hand, from the training people of London and Canada, and prints
            the table of src/MoSar.FaceModel/Building/PortraitLandmarks.cs.

            Example:
              mosar model landmarks --portraits ../shared/data/portraits
            """)
        {
            portraits, model,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var training = Training(session.Resolve(parsed.GetValue(portraits)!)).Select(p =>
            {
                var points = TemPoints.Load(p.TemPath!);
                var image = ImageFile.ReadPhotograph(p.ImagePath);
                return new PointedPortrait(image.Width, image.Height, points.ToMultiPie(), points.JawContour);
            }).ToList();
            foreach (var (index, p) in LandmarkCalibration.Learn(FaceModel.Load(PathOf(session, parsed.GetValue(model))), training))
            {
                session.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        [{index}] = new({p.X:F2}f, {p.Y:F2}f, {p.Z:F2}f),"));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static Option<string> Portraits() => new("--portraits") { Description = "The folder that holds london/ and canada/.", Required = true, HelpName = "DIR" };

    private static Option<string?> Model() => new("--model") { Description = "The model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };

    private static string PathOf(Session session, string? model) => session.Resolve(model ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors"));

    /// <summary>London first: its white balance is the reference of the others'.</summary>
    private static IEnumerable<Portrait> Training(string folder) => PortraitSet.Load(folder)
        .Where(p => p is { TemPath: not null, HeldOut: false, Collection: "london" or "canada" })
        .OrderBy(p => p.Collection == "london" ? 0 : 1).ThenBy(p => p.Person);
}
