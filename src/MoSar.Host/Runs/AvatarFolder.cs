namespace MoSar.Host.Runs;

/// <summary>An avatar's folder while it is being written: hidden, beside its place, renamed when it is whole.</summary>
internal sealed class AvatarFolder : IDisposable
{
    private readonly string final;

    public AvatarFolder(string runFolder, string name)
    {
        final = Path.Combine(runFolder, name);
        Working = Path.Combine(runFolder, $".{name}.partial");
        Delete(Working);
        Directory.CreateDirectory(Working);
    }

    /// <summary>Where to write.</summary>
    public string Working { get; }

    /// <summary>All files below it, hashed; paths relative to it, with /.</summary>
    public IReadOnlyList<FileRecord> Hash() =>
        [.. Directory.EnumerateFiles(Working, "*", SearchOption.AllDirectories)
            .Select(f => (Path: f, Shown: Path.GetRelativePath(Working, f).Replace('\\', '/')))
            .OrderBy(f => f.Shown, StringComparer.Ordinal)
            .Select(f => FileHash.OfOutput(f.Path, f.Shown))];

    /// <summary>Moves it into place, over an older one.</summary>
    public void Commit()
    {
        if (!Directory.Exists(final))
        {
            Directory.Move(Working, final);
            return;
        }

        // A folder cannot be renamed over another; the old one stays whole under another name until the new one is in place.
        var old = final + ".old";
        Delete(old);
        Directory.Move(final, old);
        Directory.Move(Working, final);
        Delete(old);
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose() => Delete(Working);

    private static void Delete(string folder)
    {
        // A stage that was abandoned may still add a file between listing and removal.
        for (var attempt = 0; Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (attempt < 10)
            {
                Thread.Yield();
            }
        }
    }
}
