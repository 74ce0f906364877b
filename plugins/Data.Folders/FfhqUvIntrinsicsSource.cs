using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Folders;

public sealed record FfhqUvIntrinsicsOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("The folder that holds one folder a subject, or the unpacked archives that hold them.")]
    public string Folder { get; init; } = string.Empty;

    [Description("Which of its maps to read: ambient_occlusion, diffuse, normal, specular, translucency, light_normalized.")]
    public IReadOnlyList<string> Maps { get; init; } = ["ambient_occlusion", "diffuse", "normal", "specular", "translucency", "light_normalized"];

    [ManifestPath]
    [Description("What `mosar retarget` has made of the data set's topology: maps come in the template's atlas. Without it they stay in HIFI3D++'s.")]
    public string? Correspondence { get; init; }
}

/// <summary>
/// <c>data.ffhq-uv-intrinsics</c>: the maps that MoSAR's authors published for 10 000 people of FFHQ-UV:
/// <c>ID/{ambient_occlusion,diffuse,normal,specular,translucency,light_normalized}.png</c>, in the atlas of HIFI3D++.
/// A person without one of the wanted maps is a corrupt item.
/// </summary>
/// <remarks>
/// | option         | default  | meaning |
/// |----------------|----------|---------|
/// | folder         | required | the folder of ID/, or of the unpacked archives |
/// | maps           | all six  | which to read |
/// | correspondence | none     | file of `mosar retarget`: gives the maps, and `counterpart`, in the template's atlas |
///
/// Diffuse and light_normalized are taken as sRGB, the others as linear data; normals as +Y up.
/// </remarks>
public sealed class FfhqUvIntrinsicsSource : IDatasetSource
{
    private static readonly MapDescriptor[] Published =
    [
        WellKnownMaps.AmbientOcclusion,
        WellKnownMaps.Diffuse,
        WellKnownMaps.Normal,
        WellKnownMaps.Specular,
        WellKnownMaps.Translucency,
        new("light_normalized", 3, 0, 1, MapEncoding.SrgbPng8, "linear Rec.709", "The texture 𝓜 under uniform light."),
    ];

    private readonly MapDescriptor[] maps;
    private readonly TemplateAtlas? template;

    public FfhqUvIntrinsicsSource(FfhqUvIntrinsicsOptions options)
    {
        var names = string.Join(",", Published.Select(d => d.Name));
        if (options.Maps.Count == 0 || options.Maps.FirstOrDefault(n => Published.All(d => d.Name != n)) is not null)
        {
            throw new MoSarException("data-map-unknown", $"'maps' is [{string.Join(", ", options.Maps)}].", $"Name at least one of {names}, and no other.");
        }

        template = TemplateAtlas.Of(options.Correspondence);
        maps = [.. Published.Where(d => options.Maps.Contains(d.Name))];
        var wanted = $"folders ID/ with {{{names}}}.png";
        var folder = Layout.Folder(options.Folder, wanted);
        Items = [.. Subjects(folder).Select(d => new DatasetItem(Path.GetRelativePath(folder, d).Replace('\\', '/'), Path.GetFileName(d), TemplateAtlas.FilesWith(options.Correspondence, [.. maps.Select(m => Path.Combine(d, m.Name + ".png"))])))];
        if (!Items.Any(i => i.Files.Take(maps.Length).Any(File.Exists)))
        {
            throw Layout.Empty(folder, wanted);
        }
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        var item = Items[index];
        var read = MapSet.Empty;
        for (var i = 0; i < maps.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            read = read.With(MapReading.Read(item.Files[i], maps[i]));
        }

        return new DatasetSample { Id = item.Id, Subject = item.Subject, Maps = template?.Carry(read, cancellation) ?? read, Atlas = template?.Id ?? FfhqUvSource.Atlas };
    }

    /// <summary>Folders without subfolders: a subject each. An archive's own folder lies in between or not.</summary>
    private static IEnumerable<string> Subjects(string folder) =>
        Layout.Folders(folder).SelectMany(d => Layout.Folders(d) is { Count: > 0 } inner ? inner : [d]);
}
