using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders;

public sealed record ImagesOptions
{
    [Required]
    [ManifestPath(MustExist = false)]
    [Description("Folder of PNG, JPEG or TIFF files; subfolders are searched, too.")]
    public string Folder { get; init; } = string.Empty;

    [Description("Whom a photograph shows, when one person is in several: a regular expression over its path below the folder (without extension) whose first group is the subject, such as ^([0-9]+)_. Nothing: each photograph is a subject of its own, as in FFHQ.")]
    public string? Subject { get; init; }
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
/// </remarks>
public sealed class ImagesSource : IDatasetSource
{
    private const string Wanted = "photographs (*.png, *.jpg, *.tif) in it or its subfolders";

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
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var item = Items[index];
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Photograph = ImageFile.ReadPhotograph(item.Files[0]).Pixels };
    }

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
