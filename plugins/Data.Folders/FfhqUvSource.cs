using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Folders;

public sealed record FfhqUvOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("The data set's folder, ffhq-uv or ffhq-uv-interpolate: it holds uv-maps/.")]
    public string Folder { get; init; } = string.Empty;

    [ManifestPath]
    [Description("What `mosar retarget` has made of the data set's topology: maps come in the template's atlas. Without it they stay in HIFI3D++'s.")]
    public string? Correspondence { get; init; }
}

/// <summary>
/// <c>data.ffhq-uv</c>: the textures of FFHQ-UV (Bai et al., CVPR 2023), evenly lit, light and skin in one. Layout as published
/// (csbhr/FFHQ-UV, README_dataset.md): <c>dataset/ffhq-uv/uv-maps/</c>; its archives 000.zip … 054.zip are unpacked there, with or
/// without a folder each. The sample's map is <c>texture</c>, in the atlas of HIFI3D++, or with a correspondence in the template's, with
/// <c>counterpart</c> beside it.
/// </summary>
/// <remarks>
/// | option         | default  | meaning |
/// |----------------|----------|---------|
/// | folder         | required | the folder that holds uv-maps/ |
/// | correspondence | none     | file of `mosar retarget`: gives the texture in the template's atlas |
/// </remarks>
public sealed class FfhqUvSource : IDatasetSource
{
    /// <summary>Name of HIFI3D++'s atlas in <see cref="DatasetSample.Atlas"/>.</summary>
    public const string Atlas = "hifi3d";

    private const string Wanted = "uv-maps/ with textures (*.png) in it";

    private static readonly MapDescriptor Texture = new(
        "texture", 3, 0, 1, MapEncoding.SrgbPng8, "linear Rec.709", "Evenly lit skin: diffuse, occlusion and what is left of highlights in one.");

    private readonly TemplateAtlas? template;

    public FfhqUvSource(FfhqUvOptions options)
    {
        template = TemplateAtlas.Of(options.Correspondence);
        var folder = Layout.Folder(options.Folder, Wanted);
        var maps = Path.Combine(folder, "uv-maps");
        var files = Directory.Exists(maps) ? Layout.Files(maps, [".png"]) : [];
        if (files.Count == 0)
        {
            throw Layout.Empty(Directory.Exists(maps) ? maps : folder, Directory.Exists(maps) ? "textures (*.png); unpack 000.zip, 001.zip … there" : Wanted);
        }

        // The file's name alone is the person: the same number is the same person in FFHQ-UV-Intrinsics.
        Items = [.. files.Select(f => new DatasetItem(Layout.Id(maps, f), Path.GetFileNameWithoutExtension(f), TemplateAtlas.FilesWith(options.Correspondence, [f])))];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = Items[index];
        var maps = MapSet.Empty.With(MapReading.Read(item.Files[0], Texture));
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Maps = template?.Carry(maps, cancellation) ?? maps, Atlas = template?.Id ?? Atlas };
    }
}
