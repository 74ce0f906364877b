using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Faces.Retargeting;
using MoSar.Graphics;
using MoSar.Host;
using MoSar.Host.Runs;

namespace MoSar.Cli.Commands;

/// <summary><c>mosar retarget</c>: textures from a mesh of another topology to the template's atlas, and back.</summary>
internal static class RetargetCommand
{
    private const string MaskName = "mask";

    public static Command Create(Session session)
    {
        var textures = new Argument<string[]>("TEXTURE|FOLDER") { Description = "Textures, and folders of textures; without any only --correspondence is made.", Arity = ArgumentArity.ZeroOrMore };
        var options = new Options();
        var command = new Command(
            "retarget",
            """
            Carries textures between a mesh of any topology and the template's atlas: draws the template onto the mesh, guided by landmarks,
            and takes each texel from the closest point of the other surface. DIR/mask.png is white where there is one; the rest
            continues it smoothly. docs/retarget.md says what files are taken.

            Examples:
              mosar retarget --mesh head.obj --landmarks head.txt --correspondence head.safetensors
              mosar retarget --correspondence head.safetensors --to template --out maps textures/
              mosar retarget --correspondence head.safetensors --to mesh --size 2048 --out back maps/diffuse.png maps/normal.png
            """)
        {
            textures, options.Mesh, options.Landmarks, options.Tile, options.Correspondence, options.To, options.Size, options.Kind, options.Model, options.Check, options.Output, session.Json,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetResult(textures) is not { Tokens.Count: > 0 })
            {
                Require(options.Correspondence, "without textures there is nothing to do but to make it");
                return;
            }

            Require(options.To, "say which way: template or mesh");
            Require(options.Output, "name the folder for what is made");

            void Require(Option option, string why)
            {
                if (parsed.GetResult(option) is null)
                {
                    parsed.AddError($"{option.Name} is missing: {why}.");
                }
            }
        });
        textures.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith('-') && !Path.Exists(session.Resolve(t.Value))))
            {
                result.AddError(CommandLine.NoOption(token.Value, command));
            }
        });
        command.SetAction(parsed => session.Guard(parsed, () =>
        {
            using var signals = new Signals();
            try
            {
                return Run(session, parsed, parsed.GetValue(textures) ?? [], options, signals.Token);
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return ExitCodes.Interrupted;
            }
        }));
        return command;
    }

    private static int Run(Session session, ParseResult parsed, string[] textures, Options options, CancellationToken cancellation)
    {
        // All that can be wrong with names is said before the work.
        var list = Inputs(session, textures);
        var inputs = list.Photographs;
        var folder = parsed.GetValue(options.Output) is { } output ? session.Resolve(output) : null;
        if (folder is not null)
        {
            Check(inputs, folder);
            session.ResolveOutput(Path.Combine(folder, MaskName + ".png"));
        }

        foreach (var notice in list.Notices)
        {
            session.Terminal.Error.WriteLine(Output.LineObserver.NoticeLine(null, notice));
        }

        var correspondence = Correspondence(session, parsed, options, cancellation);
        var isQuiet = parsed.GetValue(session.Json);
        if (!isQuiet)
        {
            session.Terminal.Out.WriteLine(correspondence.ToString());
        }

        var carried = folder is null ? [] : Carry(session, parsed, options, correspondence, inputs, folder, cancellation);
        if (isQuiet)
        {
            session.WriteJson(ToJson(correspondence, carried));
        }

        return carried.Any(c => c.Error is not null) ? ExitCodes.SomeFailed : ExitCodes.Ok;
    }

    private static InputList Inputs(Session session, string[] textures)
    {
        if (textures.Length == 0)
        {
            return new InputList([], []);
        }

        try
        {
            return InputList.Collect(textures, session.WorkingFolder);
        }
        catch (MoSarException e) when (e.Code == "no-photographs")
        {
            throw new MoSarException("no-textures", "There is no texture to carry.", e.Remedy, e);
        }
    }

    private static void Check(IReadOnlyList<InputPhotograph> inputs, string folder)
    {
        foreach (var (name, path) in inputs)
        {
            if (name != Path.GetFileNameWithoutExtension(path).TrimStart('.') || name == MaskName)
            {
                throw new MoSarException("retarget-name", $"'{path}' would be written as '{Path.GetFileNameWithoutExtension(path)}', a name that is taken.", "Rename it, or carry it into a folder of its own.");
            }

            if (Path.GetDirectoryName(path) == folder)
            {
                throw new MoSarException("retarget-name", $"'{path}' lies in the folder of --out and could be overwritten.", "Choose another folder with --out.");
            }
        }
    }

    private static List<Carried> Carry(
        Session session, ParseResult parsed, Options options, AtlasCorrespondence correspondence, IReadOnlyList<InputPhotograph> inputs, string folder, CancellationToken cancellation)
    {
        var isToTemplate = parsed.GetValue(options.To) == "template";
        TextureKind? kind = parsed.GetValue(options.Kind) is { } word && word != "auto" ? Enum.Parse<TextureKind>(word, ignoreCase: true) : null;
        var (there, back) = (new Lookups(correspondence, isToTemplate), new Lookups(correspondence, !isToTemplate));
        var carried = new List<Carried>();
        foreach (var (name, path) in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                var texture = TextureFile.Read(path, kind);
                var size = parsed.GetValue(options.Size) ?? texture.Pixels.Width;
                var result = there.Carry(texture, size, cancellation);
                var target = Path.Combine(folder, name + result.Extension);
                result.Write(target);
                var alike = parsed.GetValue(options.Check) ? Alike(texture, result, back, cancellation) : null;
                carried.Add(new Carried(path, target, result, null, alike));
                var check = alike is null ? string.Empty : string.Create(CultureInfo.InvariantCulture, $", there and back SSIM {alike:F4} inside the face");
                Say(session, parsed, $"{target}: {result.Kind.ToString().ToLowerInvariant()}, {size}×{size}{check}");
            }
            catch (MoSarException e)
            {
                carried.Add(new Carried(path, null, null, e));
                if (!parsed.GetValue(session.Json))
                {
                    session.Terminal.Error.Write(Session.Render(e));
                }
            }
        }

        if (there.Largest is { } largest)
        {
            var mask = Path.Combine(folder, MaskName + ".png");
            ImageFile.WritePng(mask, largest.Mask(), encoding: ColourEncoding.Linear);
            Say(session, parsed, string.Create(CultureInfo.InvariantCulture, $"{mask}: {largest.Found:P1} of the atlas has a counterpart"));
        }

        return carried;
    }

    /// <summary>Null where the face is not in this atlas.</summary>
    private static double? Alike(TextureFile texture, TextureFile carried, Lookups back, CancellationToken cancellation)
    {
        var mask = back.Of(texture.Pixels.Width, cancellation).FaceMask();
        return mask.AsSpan().Contains(1) ? texture.SimilarityTo(back.Carry(carried, texture.Pixels.Width, cancellation), mask) : null;
    }

    private static void Say(Session session, ParseResult parsed, string line)
    {
        if (!parsed.GetValue(session.Json))
        {
            session.Terminal.Out.WriteLine(line);
        }
    }

    /// <summary>Reads the correspondence where its file is there, else makes it and keeps it where a file is named.</summary>
    private static AtlasCorrespondence Correspondence(Session session, ParseResult parsed, Options options, CancellationToken cancellation)
    {
        var file = parsed.GetValue(options.Correspondence) is { } named ? session.Resolve(named) : null;
        var (mesh, landmarks) = (parsed.GetValue(options.Mesh), parsed.GetValue(options.Landmarks));
        var there = file is not null && File.Exists(file) ? AtlasCorrespondence.Load(file) : null;
        if (mesh is null || landmarks is null)
        {
            return there is not null && mesh is null && landmarks is null
                ? there
                : throw new MoSarException(
                    "retarget-source", mesh is not null ? "--landmarks is missing." : landmarks is not null ? "--mesh is missing." : file is null ? "There is neither --mesh nor --correspondence." : $"There is no file '{file}'.",
                    "Give --mesh and --landmarks, or the --correspondence that was made of them.");
        }

        var (meshPath, tile) = (session.Resolve(mesh), parsed.GetValue(options.Tile));
        var foreign = ForeignMeshFile.Read(meshPath, tile);
        var points = LandmarkFile.Read(landmarks == LandmarkFile.IctFaceKit ? landmarks : session.Resolve(landmarks), foreign);
        var source = new Dictionary<string, string>
        {
            ["mesh_sha256"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(meshPath))),
            ["landmarks_sha256"] = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(points.AsSpan()))),
            ["tile"] = tile.ToString(CultureInfo.InvariantCulture),
        };
        if (there is not null)
        {
            return source.All(s => there.Metadata.GetValueOrDefault(s.Key) == s.Value)
                ? there
                : throw new MoSarException("retarget-other", $"'{file}' was made from another mesh, other landmarks or another tile.", "Remove it, or name another file with --correspondence.");
        }

        if (file is not null)
        {
            session.ResolveOutput(file);
        }

        var model = FaceModel.Load(session.Resolve(parsed.GetValue(options.Model) ?? Path.Combine(Installation.Root, "samples", "models", "face.safetensors")));
        var made = TemplateRegistration.Register(model, foreign, points, parsed.GetValue(session.Json) ? null : new Steps(session), cancellation) with { Metadata = source };
        if (file is not null)
        {
            made.Save(file);
        }

        return made;
    }

    private static JsonObject ToJson(AtlasCorrespondence correspondence, List<Carried> carried) => new()
    {
        ["template"] = correspondence.Template.Mesh.Template.Id,
        ["mesh"] = correspondence.Other.Mesh.Template.Id,
        ["face_found"] = correspondence.Quality.FaceFound,
        ["face_distance_mean"] = correspondence.Quality.FaceMean,
        ["face_distance_95"] = correspondence.Quality.Face95,
        ["landmark_distance"] = correspondence.Quality.LandmarkDistance,
        ["scale"] = correspondence.Quality.Scale,
        ["textures"] = new JsonArray([.. carried.Select(c => c.Error is { } e
            ? new JsonObject { ["from"] = c.From, ["error"] = new JsonObject { ["code"] = e.Code, ["message"] = e.Message, ["remedy"] = e.Remedy } }
            : new JsonObject { ["from"] = c.From, ["to"] = c.To, ["kind"] = c.Texture!.Kind.ToString().ToLowerInvariant(), ["size"] = c.Texture.Pixels.Width, ["ssim"] = c.Alike })]),
    };

    private sealed record Carried(string From, string? To, TextureFile? Texture, MoSarException? Error, double? Alike = null);

    /// <summary>One way of a correspondence, worked out once for each size that is asked for.</summary>
    private sealed class Lookups(AtlasCorrespondence correspondence, bool isToTemplate)
    {
        private readonly Dictionary<int, TexelLookup> bySize = [];

        public TexelLookup? Largest => bySize.Count == 0 ? null : bySize[bySize.Keys.Max()];

        public TexelLookup Of(int size, CancellationToken cancellation)
        {
            if (!bySize.TryGetValue(size, out var lookup))
            {
                lookup = isToTemplate ? correspondence.ToTemplate(size, cancellation) : correspondence.ToMesh(size, cancellation);
                bySize.Add(size, lookup);
            }

            return lookup;
        }

        public TextureFile Carry(TextureFile texture, int size, CancellationToken cancellation) =>
            texture with { Pixels = Of(size, cancellation).Carry(texture.Pixels, texture.Kind == TextureKind.Normal, cancellation) };
    }

    private sealed class Options
    {
        public Option<string?> Mesh { get; } = new("--mesh") { Description = "A head with texture coordinates, Wavefront OBJ, in any units.", HelpName = "OBJ" };

        public Option<string?> Landmarks { get; } = new("--landmarks")
        {
            Description = "The mesh's 68 landmarks (or 51 without the jaw) in Multi-PIE order: vertex indices from 0, or points; text or JSON. ict-facekit: that topology's own.",
            HelpName = "FILE",
        };

        public Option<int> Tile { get; } = new Option<int>("--tile") { Description = "The UDIM tile that the mesh's textures cover.", HelpName = "N", DefaultValueFactory = _ => 1001 }.Between(1001, 9999);

        public Option<string?> Correspondence { get; } = new("--correspondence", "-c")
        {
            Description = "Where what is found is kept; a file that is there is used, and neither mesh nor landmarks are needed again.",
            HelpName = "FILE",
        };

        public Option<string?> To { get; } = new("--to") { Description = "The atlas to carry to.", HelpName = "template|mesh" };

        public Option<int?> Size { get; } = new Option<int?>("--size") { Description = "Side of what is made, in texels; default: each texture's own.", HelpName = "TEXELS" }.Between(16, 16384);

        public Option<string> Kind { get; } = new("--kind")
        {
            Description = "What the textures are; auto: normal and data (specular, displacement …) by their names, colour else.",
            HelpName = "auto|colour|data|normal",
            DefaultValueFactory = _ => "auto",
        };

        public Option<string?> Model { get; } = new("--model") { Description = "The face model; default: samples/models/face.safetensors of this program.", HelpName = "FILE" };

        public Option<bool> Check { get; } = new("--check") { Description = "Carry each texture back, too, and say how alike the face is (SSIM)." };

        public Option<string?> Output { get; } = new("--out", "-o") { Description = "The folder for the textures, under their own names, and mask.png.", HelpName = "DIR" };

        public Options()
        {
            To.AcceptOnlyFromAmong("template", "mesh");
            Kind.AcceptOnlyFromAmong("auto", "colour", "data", "normal");
        }
    }

    /// <summary>Says each step once.</summary>
    private sealed class Steps(Session session) : IProgress<RegistrationProgress>
    {
        private string last = string.Empty;

        public void Report(RegistrationProgress value)
        {
            if (value.Step != last)
            {
                session.Terminal.Error.WriteLine($"{value.Step} …");
                last = value.Step;
            }
        }
    }
}
