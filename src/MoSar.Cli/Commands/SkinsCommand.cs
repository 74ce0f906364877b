using System.CommandLine;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Host;
using MoSar.Host.Runs;
using MoSar.Learning;
using MoSar.LightStage.Skins;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar data skins</c>: a bank of real people's fine skin.</summary>
internal static class SkinsCommand
{
    // Of the avatars that are taken apart; the default manifest's.
    private const int Resolution = 1024;

    public static Command Create(Session session)
    {
        var portraits = new Option<string>("--portraits") { Description = "Folder with london/; held-out people are left out.", HelpName = "DIR", Required = true };
        var run = new Option<string?>("--run") { Description = "A finished run over london/neutral_front; without it that run is made, in RUN = OUT/run.", HelpName = "RUN" };
        var output = new Option<string>("--out", "-o") { Description = "The bank's folder.", HelpName = "DIR", Required = true };
        var command = new Command(
            "skins",
            """
            Takes the skin of portraits apart for the light stage (manifest key 'skins'), which recombines it part by part into new people. The
            bank keeps recognisable pieces of photographs: it is yours to use under the portraits' licence, and never part of this repository.

            Example:
              mosar data skins --portraits ../shared/data/portraits --out skins
            """)
        {
            portraits, run, output, session.Json,
        };
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            var source = session.Resolve(parsed.GetValue(portraits)!);
            var folder = Path.GetDirectoryName(session.ResolveOutput(Path.Combine(parsed.GetValue(output)!, SkinBank.FileName)))!;
            var people = PortraitSet.Load(source).Where(p => p.Collection == "london" && !p.HeldOut && p.ImagePath.Contains("neutral_front", StringComparison.Ordinal)).ToArray();
            if (people.Length == 0)
            {
                throw new MoSarException("portraits-missing", $"'{source}' has no london/neutral_front.", "Pass the folder that holds london/ (Face Research Lab London Set).");
            }

            var avatars = parsed.GetValue(run) is { } given ? session.Resolve(given) : Path.Combine(folder, "run");
            if (parsed.GetValue(run) is null)
            {
                // Standard output is the JSON's alone. A portrait that fails is one donor fewer.
                var terminal = parsed.GetValue(session.Json) ? session.Terminal with { Out = session.Terminal.Error } : session.Terminal;
                var code = Application.Run(["run", .. people.Select(p => p.ImagePath), "--out", avatars, "--force", "--set", $"output_resolution={Resolution}"], terminal, session.WorkingFolder);
                if (code is not (ExitCodes.Ok or ExitCodes.SomeFailed))
                {
                    return code;
                }
            }

            var model = FaceModel.Load(Path.Combine(Installation.Root, "samples", "models", "face.safetensors"));
            var space = new SkinSpace(model, Resolution);
            var found = people.Where(p => Directory.Exists(Path.Combine(avatars, p.Name))).ToArray();
            if (found.Length == 0)
            {
                throw new MoSarException("run-missing", $"'{avatars}' holds none of the {people.Length} portraits' avatars.", "Run them first, or leave --run out.");
            }

            var donors = new SkinDonor[found.Length];
            Parallel.For(0, found.Length, i => donors[i] = Donor(Path.Combine(avatars, found[i].Name), found[i].Name, model.Template, space));
            new SkinBank(donors).Save(folder, model.Template.Id, "Face Research Lab London Set, DeBruine & Jones 2017, CC-BY 4.0: for use outside the repository");
            if (parsed.GetValue(session.Json))
            {
                session.WriteJson(new JsonObject { ["folder"] = folder, ["donors"] = donors.Length });
            }
            else
            {
                session.Terminal.Out.WriteLine($"{folder}: {donors.Length} skins");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static SkinDonor Donor(string avatar, string name, FaceTemplate template, SkinSpace space)
    {
        var reconstruction = JsonNode.Parse(File.ReadAllBytes(Path.Combine(avatar, "reconstruction.json")));
        if ((string?)reconstruction?["template"] != template.Id)
        {
            throw new MoSarException("skins-template", $"'{avatar}' was made with the template {reconstruction?["template"]}; the face model has {template.Id}.", "Run the portraits again.");
        }

        var diffuse = ImageFile.Read(Path.Combine(avatar, "maps", "diffuse.png"));
        var relief = ImageFile.ReadData(Path.Combine(avatar, "maps", "displacement.exr"));
        var visibility = ImageFile.ReadData(Path.Combine(avatar, "visibility.png"));
        return diffuse.Width == Resolution && visibility.Width == Resolution
            ? SkinDonor.Of(name, diffuse, First(relief), First(visibility), space)
            : throw new MoSarException(
                "skins-size", $"'{avatar}' has maps of {diffuse.Width} and a visibility of {visibility.Width} texels.", $"Run the portraits with --set output_resolution={Resolution}.");
    }

    // One channel of what the file has.
    private static Image First(Image image)
    {
        var result = new Image(image.Width, image.Height, 1);
        for (var i = 0; i < result.Pixels.Length; i++)
        {
            result.Pixels[i] = image.Pixels[i * image.Channels];
        }

        return result;
    }
}
