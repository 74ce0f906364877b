using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders;

public enum StageViews
{
    /// <summary>No pictures: one item a subject.</summary>
    None,

    /// <summary>The calibrated cameras under even light.</summary>
    Stage,

    /// <summary>Renders in the wild.</summary>
    Wild,

    All,
}

public sealed record LightStageOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("The light stage's folder: it holds lightstage.json and subjects/.")]
    public string Folder { get; init; } = string.Empty;

    [Description("Which pictures: none (one item a subject), stage, wild or all (one item a picture).")]
    public StageViews Views { get; init; } = StageViews.All;

    [Description("Maps to read; one that a subject does not have is left out, except diffuse.")]
    public IReadOnlyList<string> Maps { get; init; } = ["diffuse", "specular", "ambient_occlusion", "translucency", "displacement", "normal"];

    [Description("Read the exact labels of pixels (position, normal, uv) where there are any.")]
    public bool Labels { get; init; }

    [ManifestPath]
    [Description("The face model whose template the meshes have; without it no mesh is read.")]
    public string? Model { get; init; }
}

/// <summary>
/// <c>data.lightstage</c>: subjects with mesh, maps and calibrated pictures, real or made by <c>mosar data lightstage</c>. The layout is
/// <c>mosar/lightstage/1</c> of docs/datasets.md; a folder that is still being written is read as far as it is.
/// </summary>
/// <remarks>
/// | option | default  | meaning |
/// |--------|----------|---------|
/// | folder | required | holds lightstage.json and subjects/ |
/// | views  | all      | none, stage, wild, all |
/// | maps   | all six  | which maps to read |
/// | labels | false    | position, normal and uv of every pixel |
/// | model  | none     | face model with the meshes' template |
/// </remarks>
public sealed class LightStageSource : IDatasetSource
{
    private const string Wanted = "a light stage (lightstage.json and subjects/ID/{subject.json,maps/,views/})";

    private readonly LightStageOptions options;
    private readonly FaceModel? model;
    private readonly Stored[] stored;

    public LightStageSource(LightStageOptions options)
    {
        this.options = options;
        if (options.Maps.FirstOrDefault(m => !MapReading.Known.ContainsKey(m)) is { } unknown)
        {
            throw new MoSarException("data-map-unknown", $"A light stage has no map '{unknown}'.", $"There are: {string.Join(", ", MapReading.Known.Keys)}.");
        }

        var folder = Layout.Folder(options.Folder, Wanted);
        var subjects = Path.Combine(folder, "subjects");
        var header = Path.Combine(folder, "lightstage.json");
        if (!File.Exists(header) || !Directory.Exists(subjects))
        {
            throw Layout.Empty(folder, Wanted);
        }

        model = options.Model is { Length: > 0 } path ? FaceModel.Load(path) : null;
        LightStageFiles.CheckHeader(header, options.Model, model?.Template);
        stored = [.. Layout.Folders(subjects).SelectMany(Subject)];
        if (stored.Length == 0)
        {
            throw Layout.Empty(subjects, options.Views == StageViews.None ? "subjects" : $"subjects with {(options.Views == StageViews.All ? "views" : options.Views.ToString().ToLowerInvariant() + " views")} (ID/views/*.json)");
        }

        Items = [.. stored.Select(s => s.Item)];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public FaceTemplate? Template => model?.Template;

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        var item = stored[index];
        var subject = LightStageFiles.ReadSubject(item.At("subject.json"));
        var sample = new DatasetSample
        {
            Id = item.Item.Id,
            Subject = item.Item.Subject,
            Atlas = subject.Template,
            Identity = subject.Identity,
            SkinTone = subject.SkinTone,
            Maps = ReadMaps(item, cancellation),
        };
        cancellation.ThrowIfCancellationRequested();
        var neutral = model is not null && item.Has("mesh.obj") ? LightStageFiles.ReadMesh(item.At("mesh.obj"), model.Template) : null;
        return item.View is null ? sample with { Mesh = neutral } : AddView(sample, item, neutral, cancellation);
    }

    private DatasetSample AddView(DatasetSample sample, Stored item, Mesh? neutral, CancellationToken cancellation)
    {
        var view = LightStageFiles.ReadView(item.At($"{item.View}.json"));
        Image? Data(string suffix) => item.Has(item.View + suffix) ? view.Sized(item.At(item.View + suffix), MapReading.ReadData(item.At(item.View + suffix), 3)) : null;

        var picture = item.At($"{item.View}.png");
        var photograph = view.Sized(picture, ImageFile.Read(picture));
        cancellation.ThrowIfCancellationRequested();
        var labels = options.Labels ? new PixelLabels(Data(".position.exr"), LightStageFiles.Normals(Data(".normal.png")), Data(".uv.exr")) : null;
        return sample with
        {
            Photograph = photograph,
            Landmarks = view.Landmarks,
            Camera = view.Camera,
            Light = view.Light,
            Expression = view.Expression,
            Mask = Data(".mask.png"),
            Labels = labels is { Position: null, Normal: null, Uv: null } ? null : labels,
            Mesh = neutral is null ? null : LightStageFiles.Express(neutral, view.Expression, picture),
        };
    }

    private MapSet ReadMaps(Stored item, CancellationToken cancellation)
    {
        var maps = MapSet.Empty;
        foreach (var descriptor in options.Maps.Select(m => MapReading.Known[m]))
        {
            cancellation.ThrowIfCancellationRequested();
            var file = $"maps/{descriptor.Name}{ImageFile.Extension(descriptor.Encoding)}";
            if (descriptor.Name == WellKnownMaps.Diffuse.Name || item.Has(file))
            {
                maps = maps.With(MapReading.Read(item.At(file), descriptor));
            }
        }

        return maps;
    }

    private IEnumerable<Stored> Subject(string folder)
    {
        // Two listings a subject and no look into any file, so that a million renders are indexed in seconds.
        var id = Path.GetFileName(folder);
        var maps = Names(folder, "maps");
        var views = options.Views == StageViews.None ? [] : Names(folder, "views");
        string[] shared =
        [
            "subject.json",
            .. model is not null && File.Exists(Path.Combine(folder, "mesh.obj")) ? ["mesh.obj"] : Array.Empty<string>(),
            .. options.Maps.Select(m => $"maps/{m}{ImageFile.Extension(MapReading.Known[m].Encoding)}").Where(f => f == "maps/diffuse.png" || maps.Contains(f)),
        ];
        if (options.Views == StageViews.None)
        {
            return [new Stored(new DatasetItem(id, id, Absolute(folder, shared)), folder, null)];
        }

        return views.Where(f => f.EndsWith(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(f => f[..^".json".Length]).Where(IsWanted).Select(view =>
        {
            string[] labels = options.Labels ? [".position.exr", ".normal.png", ".uv.exr"] : [];
            IEnumerable<string> files = [.. shared, $"{view}.json", $"{view}.png", .. labels.Append(".mask.png").Select(s => view + s).Where(views.Contains)];
            return new Stored(new DatasetItem($"{id}/{Path.GetFileName(view)}", id, Absolute(folder, files)), folder, view);
        });
    }

    private bool IsWanted(string view) =>
        options.Views == StageViews.All || Path.GetFileName(view).StartsWith(options.Views == StageViews.Stage ? "stage_" : "wild_", StringComparison.Ordinal);

    private static HashSet<string> Names(string folder, string inner) => Directory.Exists(Path.Combine(folder, inner))
        ? Directory.EnumerateFiles(Path.Combine(folder, inner)).Select(f => $"{inner}/{Path.GetFileName(f)}").ToHashSet(StringComparer.Ordinal)
        : [];

    private static string[] Absolute(string folder, IEnumerable<string> files) => [.. files.Select(f => Path.GetFullPath(f, folder))];

    /// <param name="View">Its path below the subject without extension, <c>views/wild_000</c>; null for a whole subject.</param>
    private sealed record Stored(DatasetItem Item, string Folder, string? View)
    {
        public string At(string file) => Path.GetFullPath(file, Folder);

        public bool Has(string file) => Item.Files.Contains(At(file));
    }
}
