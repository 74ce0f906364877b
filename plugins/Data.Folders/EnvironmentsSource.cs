using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders;

public sealed record EnvironmentsOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("Folder of equirectangular HDR or EXR files; subfolders are searched, too.")]
    public string Folder { get; init; } = string.Empty;
}

/// <summary>
/// <c>data.environments</c>: panoramas to light subjects with (the paper uses 190). A sample has nothing but
/// <see cref="SampleLight.Panorama"/>; each place is a subject of its own.
/// </summary>
/// <remarks>
/// | option | default  | meaning |
/// |--------|----------|---------|
/// | folder | required | where the *.hdr and *.exr are |
/// </remarks>
public sealed class EnvironmentsSource : IDatasetSource
{
    private const string Wanted = "environments (*.hdr, *.exr) in it or its subfolders";

    public EnvironmentsSource(EnvironmentsOptions options)
    {
        var folder = Layout.Folder(options.Folder, Wanted);

        // With the extension: studio.hdr and studio.exr may be the same place at two sizes.
        Items = [.. Layout.Files(folder, Layout.Environments).Select(f => new DatasetItem(Path.GetRelativePath(folder, f).Replace('\\', '/'), Layout.Id(folder, f), [f]))];
        if (Items.Count == 0)
        {
            throw Layout.Empty(folder, Wanted);
        }
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = Items[index];
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Light = new SampleLight(Panorama: EnvironmentMap.Read(item.Files[0]).Pixels) };
    }
}
