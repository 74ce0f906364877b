using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MoSar.Graphics;
using MoSar.Host;
using MoSar.Host.Manifests;
using MoSar.Host.Relight;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar relight</c>: an avatar under another light.</summary>
internal static class RelightCommand
{
    public static Command Create(Session session)
    {
        var avatar = new Argument<string>("AVATAR") { Description = "An avatar's folder, RUN/name." };
        var environment = new Option<string>("--environment", "-e") { Description = "A panorama of the surroundings (HDR, EXR, or any picture).", HelpName = "FILE", Required = true };
        var yaw = new Option<float>("--yaw") { Description = "Turns the surroundings about the vertical; degrees.", HelpName = "DEGREES" };
        var term = new Option<string?>("--term") { Description = "One term of the shading model alone, such as diffuse, subsurface or specular.", HelpName = "TERM" };
        var exposure = new Option<string>("--exposure")
        {
            Description = "auto: exposed for the face; none: the panorama's own values; or stops brighter (+1) or darker (-0.5) than auto.",
            HelpName = "auto|none|STOPS",
            DefaultValueFactory = _ => "auto",
        };
        var size = new Option<int>("--size") { Description = "Side of the picture in pixels.", HelpName = "PIXELS", DefaultValueFactory = _ => 1024 };
        var output = new Option<string>("--out", "-o") { Description = "The picture, PNG.", HelpName = "FILE", Required = true };
        size.Between(16, 8192);
        exposure.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && Stops(result.Tokens[0].Value) is { } stops && !(Math.Abs(stops) <= 20))
            {
                result.AddError($"--exposure '{result.Tokens[0].Value}' is neither auto, none nor a number of stops from -20 to 20.");
            }
        });
        var command = new Command(
            "relight",
            """
            Renders an avatar under a panorama, with the shading model of its run.

            Example:
              mosar relight out/20261122-153000/demo --environment samples/environments/sunset.hdr --yaw 30 --out relit.png
            """)
        {
            avatar, environment, yaw, exposure, term, size, output, session.Plugins, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            var folder = session.Resolve(parsed.GetValue(avatar)!);
            var path = session.ResolveOutput(parsed.GetValue(output)!);
            using var shading = AvatarShading.Of(
                folder, () => ManifestTree.Load(Installation.DefaultManifest, [], session.WorkingFolder), session.PluginFolders(parsed));
            var surroundings = Expose(EnvironmentMap.Read(session.Resolve(parsed.GetValue(environment)!)), parsed.GetValue(exposure)!);
            try
            {
                var picture = AvatarRenderer.Load(folder, signals.Token).Render(
                    surroundings, parsed.GetValue(yaw), shading.Model, parsed.GetValue(term), parsed.GetValue(size), signals.Token);
                ImageFile.WritePng(path, picture);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }

            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject { ["picture"] = path });
            }
            else
            {
                session.Terminal.Out.WriteLine(path);
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static EnvironmentMap Expose(EnvironmentMap environment, string exposure) =>
        Stops(exposure) is { } stops ? environment.Scaled(Exposure.Automatic(environment) * MathF.Pow(2, stops)) : environment;

    // Null where the panorama stays as it is; not a number where the word is none of ours.
    private static float? Stops(string exposure) => exposure switch
    {
        "none" => null,
        "auto" => 0,
        _ => float.TryParse(exposure, NumberStyles.Float, CultureInfo.InvariantCulture, out var stops) ? stops : float.NaN,
    };
}
