using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Folders;

public sealed record FfhqUvOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("The data set's folder, ffhq-uv or ffhq-uv-interpolate: it holds uv-maps/.")]
    public string Folder { get; init; } = string.Empty;
}

/// <summary>
/// <c>data.ffhq-uv</c>: the textures of FFHQ-UV (Bai et al., CVPR 2023), evenly lit, light and skin in one. Layout as published
/// (csbhr/FFHQ-UV, README_dataset.md): <c>dataset/ffhq-uv/uv-maps/</c>; its archives 000.zip … 054.zip are unpacked there, with or
/// without a folder each. The sample's map is <c>texture</c>, in the atlas of HIFI3D++.
/// </summary>
/// <remarks>
/// | option | default  | meaning |
/// |--------|----------|---------|
/// | folder | required | the folder that holds uv-maps/ |
/// </remarks>
public sealed class FfhqUvSource : IDatasetSource
{
    /// <summary>Name of HIFI3D++'s atlas in <see cref="DatasetSample.Atlas"/>.</summary>
    public const string Atlas = "hifi3d";

    private const string Wanted = "uv-maps/ with textures (*.png) in it";

    private static readonly MapDescriptor Texture = new(
        "texture", 3, 0, 1, MapEncoding.SrgbPng8, "linear Rec.709", "Evenly lit skin: diffuse, occlusion and what is left of highlights in one.");

    public FfhqUvSource(FfhqUvOptions options)
    {
        var folder = Layout.Folder(options.Folder, Wanted);
        var maps = Path.Combine(folder, "uv-maps");
        var files = Directory.Exists(maps) ? Layout.Files(maps, [".png"]) : [];
        if (files.Count == 0)
        {
            throw Layout.Empty(Directory.Exists(maps) ? maps : folder, Directory.Exists(maps) ? "textures (*.png); unpack 000.zip, 001.zip … there" : Wanted);
        }

        // The file's name alone is the person: the same number is the same person in FFHQ-UV-Intrinsics.
        Items = [.. files.Select(f => new DatasetItem(Layout.Id(maps, f), Path.GetFileNameWithoutExtension(f), [f]))];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = Items[index];
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Maps = MapSet.Empty.With(MapReading.Read(item.Files[0], Texture)), Atlas = Atlas };
    }
}
