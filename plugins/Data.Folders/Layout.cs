namespace MoSar.Plugins.Folders;

/// <summary>Looks for files as a layout wants them, and says what was looked for and where when they are not there.</summary>
internal static class Layout
{
    /// <summary>By name, where content is not looked at yet: PNG, JPEG and TIFF.</summary>
    public static readonly string[] Pictures = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

    public static readonly string[] Environments = [".hdr", ".exr"];

    /// <exception cref="MoSarException"><c>data-folder-missing</c>.</exception>
    public static string Folder(string path, string wanted)
    {
        if (File.Exists(path))
        {
            throw Missing($"'{path}' is a file.", wanted);
        }

        return Directory.Exists(path) ? path : throw Missing($"There is no folder '{path}'.", wanted);
    }

    /// <summary>Files with one of the extensions, hidden ones left out, by name.</summary>
    /// <param name="isNested">Below subfolders, too.</param>
    public static IReadOnlyList<string> Files(string folder, IReadOnlyCollection<string> extensions, bool isNested = true) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = isNested, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
            .Where(f => extensions.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)];

    /// <summary>Subfolders, hidden and half-written (dot) ones left out, by name.</summary>
    public static IReadOnlyList<string> Folders(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Where(d => !Path.GetFileName(d).StartsWith('.')).Order(StringComparer.Ordinal)];

    /// <summary>A file's path below the folder, without extension, with '/': the item's id.</summary>
    public static string Id(string folder, string file) => Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');

    /// <summary>The folder holds nothing of what it should hold.</summary>
    /// <param name="wanted">What was looked for, in words and names.</param>
    public static MoSarException Empty(string folder, string wanted)
    {
        string[] there = [.. Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e) + (Directory.Exists(e) ? "/" : string.Empty)).Order(StringComparer.Ordinal).Take(9)];
        var found = there.Length == 0 ? "It is empty." : $"There {(there.Length == 1 ? "is" : "are")}: {string.Join(", ", there.Take(8))}{(there.Length > 8 ? ", …" : string.Empty)}.";
        return new MoSarException("data-layout", $"'{folder}' does not hold {wanted}. {found}", "Name the data set's own top folder, unpacked; docs/datasets.md shows each layout.");
    }

    private static MoSarException Missing(string message, string wanted) =>
        new("data-folder-missing", $"{message} It should hold {wanted}.", "Correct 'folder', or unpack the data there.");
}
