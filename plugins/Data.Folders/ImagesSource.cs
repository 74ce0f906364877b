using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using MoSar.Graphics;
using MoSar.Learning.Data;

namespace MoSar.Plugins.Folders;

public sealed record ImagesOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("Folder of PNG, JPEG or TIFF files; subfolders are searched, too.")]
    public string Folder { get; init; } = string.Empty;

    [Description("Whom a photograph shows, when one person is in several: a regular expression over its path below the folder (without extension) whose first group is the subject, such as ^([0-9]+)_. Nothing: each photograph is a subject of its own, as in FFHQ.")]
    public string? Subject { get; init; }

    [ManifestPath]
    [Description("Landmarks that `mosar data landmarks` found; nothing: landmarks.json in the folder, where it is there. Photographs without a face are left out.")]
    public string? Landmarks { get; init; }
}

/// <summary>
/// <c>data.images</c>: photographs without labels, in a folder and its subfolders, such as FFHQ's
/// <c>images1024x1024/00000/00000.png</c>.
/// </summary>
/// <remarks>
/// | option  | default  | meaning |
/// |---------|----------|---------|
/// | folder  | required | where they are |
/// | subject | none     | regular expression whose first group names the person |
/// | landmarks | landmarks.json in the folder | what `mosar data landmarks` wrote: face crops need it |
/// </remarks>
public sealed class ImagesSource : IDatasetSource
{
    private const string Wanted = "photographs (*.png, *.jpg, *.tif) in it or its subfolders";

    private readonly IReadOnlyDictionary<string, FoundLandmarks> landmarks = new Dictionary<string, FoundLandmarks>();

    public ImagesSource(ImagesOptions options)
    {
        var folder = Layout.Folder(options.Folder, Wanted);
        var files = Layout.Files(folder, Layout.Pictures);
        var subject = Pattern(options.Subject);
        Items = [.. files.Select(f => Item(Layout.Id(folder, f), f, subject))];
        if (Items.Count == 0)
        {
            throw Layout.Empty(folder, Wanted);
        }

        // face.png beside face.jpg: one id for two pictures would make every message about it a riddle.
        if (Items.GroupBy(i => i.Id).FirstOrDefault(g => g.Count() > 1) is { } twins)
        {
            throw new MoSarException(
                "data-layout",
                $"'{folder}' holds '{twins.Key}' twice: {string.Join(" and ", twins.Select(i => Path.GetFileName(i.Files[0])))}.",
                "Remove one of the two.");
        }

        if ((options.Landmarks ?? Path.Combine(folder, PhotographLandmarks.FileName)) is var file && (options.Landmarks is not null || File.Exists(file)))
        {
            var found = PhotographLandmarks.Read(file).Photographs;
            Items = WithLandmarks(folder, file, found);
            landmarks = Items.ToDictionary(i => i.Id, i => found[Name(folder, i)]);
        }
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = Items[index];
        var pixels = ImageFile.ReadPhotograph(item.Files[0]).Pixels;
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Photograph = pixels, Landmarks = Landmarks(item, pixels) };
    }

    private SampleLandmarks? Landmarks(DatasetItem item, Image pixels)
    {
        if (!landmarks.TryGetValue(item.Id, out var found))
        {
            return null;
        }

        // By content, not by date: copies keep it, and a face cut from the wrong place would train in silence.
        return (found.Width, found.Height) == (pixels.Width, pixels.Height) && found.Sha256 == FoundLandmarks.HashOf(item.Files[0])
            ? found.Landmarks
            : throw new MoSarException("landmarks-stale", $"'{item.Files[0]}' is not the photograph whose landmarks were found: it was changed since.", Again);
    }

    private const string Again = "Run `mosar data landmarks` on the folder again: it looks at what is new or changed only.";

    private IReadOnlyList<DatasetItem> WithLandmarks(string folder, string file, IReadOnlyDictionary<string, FoundLandmarks> found)
    {
        string[] missing = [.. Items.Select(i => Name(folder, i)).Where(n => !found.ContainsKey(n))];
        if (missing.Length > 0)
        {
            var names = string.Join(", ", missing.Take(3)) + (missing.Length > 3 ? ", …" : string.Empty);
            throw new MoSarException("landmarks-incomplete", $"'{file}' has no entry for {missing.Length} of {Items.Count} photographs in '{folder}': {names}.", Again);
        }

        // The points are in the cache's key, so that a photograph's landmarks found anew are not overlooked.
        IReadOnlyList<DatasetItem> with = [.. Items
            .Select(i => (Item: i, found[Name(folder, i)].Points))
            .Where(p => p.Points is not null)
            .Select(p => p.Item with { Labels = string.Join(' ', p.Points!.Select(x => x.ToString(System.Globalization.CultureInfo.InvariantCulture))) })];
        return with.Count > 0 ? with : throw new MoSarException(
            "landmarks-none", $"No face was found in any of the {Items.Count} photographs in '{folder}', says '{file}'.", "Choose photographs in which a face is clearly seen.");
    }

    private static string Name(string folder, DatasetItem item) => Path.GetRelativePath(folder, item.Files[0]).Replace('\\', '/');

    private static DatasetItem Item(string id, string file, Regex? subject)
    {
        if (subject is null)
        {
            return new DatasetItem(id, id, [file]);
        }

        var match = subject.Match(id);
        return match is { Success: true, Groups: [_, { Success: true }, ..] }
            ? new DatasetItem(id, match.Groups[1].Value, [file])
            : throw new MoSarException("data-layout", $"The pattern '{subject}' does not find a subject in '{id}' ('{file}').", "Correct 'subject', or move the file away.");
    }

    private static Regex? Pattern(string? text)
    {
        try
        {
            return text is null ? null : new Regex(text, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new MoSarException("data-subject-pattern", $"'subject' is not a regular expression: {e.Message}", @"For example ^([0-9]+)_.", e);
        }
    }
}
