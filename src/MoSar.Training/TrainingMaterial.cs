using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Training.Data;
using MoSar.Training.Synthetic;

namespace MoSar.Training;

/// <summary>What both trainers draw from: cut-outs and backgrounds without faces, or a light stage's renders; training portraits.</summary>
internal sealed record TrainingMaterial(IReadOnlyList<Cutout> Cutouts, IReadOnlyList<Tile> Backgrounds, IReadOnlyList<TrainingPortrait> Portraits, IReadOnlyList<StagePicture> Stage)
{
    /// <summary>Skins painted beside those of the portraits.</summary>
    private const int PaintedSkins = 90;

    private const int PaintedBackgrounds = 420, ViewsPerEnvironment = 36;

    public static TrainingMaterial Load(TrainerOptions options, Action<string> report)
    {
        if (options.Cache is not null)
        {
            Directory.CreateDirectory(options.Cache);
        }

        var model = FaceModel.Load(options.Model);
        var portraits = options.Portraits is null ? [] : TrainingPortrait.LoadAll(model, options.Portraits);
        if (options.Stage is not null)
        {
            var stage = StagePictures.Load(options.Stage);
            report($"{stage.Count} renders of the light stage, {portraits.Count} training portraits");
            return new TrainingMaterial([], [], portraits, stage);
        }

        var definition = DefinitionOffsets(portraits);
        report($"{portraits.Count} training portraits; mean offset of the model's points {definition.Skip(17).Average(d => d.Length()) * 100:f2} % of the crop");
        var bank = options.Cache is null ? null : Path.Combine(options.Cache, "cutouts.bin");
        var cutouts = CutoutBank.LoadOrRender(bank, BankKey(options), options.Cutouts, () => Renderer(model, portraits, definition), report);
        return new TrainingMaterial(cutouts, AllBackgrounds(options), portraits, []);
    }

    public static SyntheticRenderer Renderer(FaceModel model, IReadOnlyList<TrainingPortrait> portraits, Vector2[] definition)
    {
        var atlas = new SkinAtlas(model);
        var projected = ProjectedSkin.All(atlas, portraits);
        var painted = Enumerable.Range(0, portraits.Count == 0 ? 40 : PaintedSkins).Select(i => PaintedSkin.Paint(atlas, new Random(i)));

        // Photographs' skin twice: their brows, lips and pores are real.
        return new SyntheticRenderer(model, atlas, [.. projected, .. projected, .. painted], definition);
    }

    /// <summary>
    /// Mean difference between hand-placed points and the fitted model's, over training people: what remains of the two definitions'
    /// difference. In parts of the crop's side, upright, symmetrised.
    /// </summary>
    public static Vector2[] DefinitionOffsets(IReadOnlyList<TrainingPortrait> portraits)
    {
        var offsets = new Vector2[Landmarks.Count];
        for (var i = 17; i < offsets.Length && portraits.Count > 0; i++)
        {
            var known = portraits.Where(p => p.HandPlaced[i]).ToArray();
            foreach (var p in known)
            {
                offsets[i] += (p.Crop.FromPixel(p.Points[i]) - p.Crop.FromPixel(p.Projected[i])) / known.Length;
            }
        }

        var mirror = Landmarks.Mirror;
        return [.. offsets.Select((o, i) => (o + (offsets[mirror[i]] * new Vector2(-1, 1))) / 2)];
    }

    /// <summary>Fixed tiles: painted ones, and views into the environments that are not held out.</summary>
    private static List<Tile> AllBackgrounds(TrainerOptions options)
    {
        var environments = options.Environments is null
            ? []
            : Directory.EnumerateFiles(options.Environments, "*.hdr").Order(StringComparer.Ordinal)
                .Where(f => !TrainerOptions.HeldOutEnvironments.Contains(Path.GetFileNameWithoutExtension(f))).Select(f => ImageFile.Read(f)).ToArray();
        var painted = Enumerable.Range(0, PaintedBackgrounds).AsParallel().AsOrdered().Select(Data.Backgrounds.Painted);
        var views = environments.SelectMany((e, k) => Enumerable.Range(0, ViewsPerEnvironment).AsParallel().AsOrdered().Select(i => Data.Backgrounds.View(e, (1000 * k) + i)));
        return [.. painted, .. views];
    }

    /// <summary>What a weights file says of how it was made.</summary>
    public IReadOnlyDictionary<string, string> Describe(string schema, TrainerOptions options) => new Dictionary<string, string>
    {
        ["schema"] = schema,
        ["steps"] = options.Steps.ToString(CultureInfo.InvariantCulture),
        ["batch"] = options.Batch.ToString(CultureInfo.InvariantCulture),
        ["learning_rate"] = options.LearningRate.ToString(CultureInfo.InvariantCulture),
        ["side"] = options.Side.ToString(CultureInfo.InvariantCulture),
        ["cutouts"] = Cutouts.Count.ToString(CultureInfo.InvariantCulture),
        ["stage_renders"] = Stage.Count.ToString(CultureInfo.InvariantCulture),
        ["portraits"] = Portraits.Count.ToString(CultureInfo.InvariantCulture),
        ["face_model_sha256"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(options.Model))),
        ["licence"] = "weights CC-BY 4.0; portraits DeBruine & Jones, Face Research Lab London Set and collection (CC-BY 4.0); head model ICT-FaceKit (MIT)",
    };

    /// <summary>Changes when a file that the cut-outs depend on does.</summary>
    private static int BankKey(TrainerOptions options)
    {
        var hash = SHA256.HashData(File.ReadAllBytes(options.Model));
        return BitConverter.ToInt32(hash) ^ GeneratorVersion;
    }

    /// <summary>Raise it whenever the renderer's pictures change.</summary>
    private const int GeneratorVersion = 1;
}
