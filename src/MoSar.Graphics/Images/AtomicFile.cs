namespace MoSar.Graphics;

/// <summary>Writes a file whole or not at all: beside its place under a temporary name, flushed to the disk, then renamed.</summary>
public static class AtomicFile
{
    /// <param name="path">Where the file shall be; its folder must exist.</param>
    /// <param name="write">Writes the content; may be called once.</param>
    /// <exception cref="MoSarException"><c>disk-full</c>, <c>file-not-writable</c>: nothing is left behind and an older file stays as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new MoSarException("file-not-writable", $"Cannot write '{path}': a folder has that name.", "Choose another file name.");
        }

        var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.part");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);

                // Delayed allocation reports a full disk only here, and the rename must not come before the content.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception e)
        {
            Remove(temporary);
            if (Explain(path, e) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, stream => stream.Write(content.Span));

    // ENOSPC is 28 and EDQUOT 122 on Linux; 0x80070070 is Windows' ERROR_DISK_FULL.
    private static bool IsDiskFull(IOException e) => e.HResult is 28 or 122 or unchecked((int)0x80070070);

    private static MoSarException? Explain(string path, Exception e) => e switch
    {
        IOException io when IsDiskFull(io) => new MoSarException(
            "disk-full", $"Cannot write '{path}': no space left on the disk.", "Free some space or choose another output folder.", e),
        DirectoryNotFoundException => new MoSarException(
            "file-not-writable", $"Cannot write '{path}': its folder does not exist.", "Create the folder first.", e),
        FileNotFoundException or UnauthorizedAccessException => new MoSarException(
            "file-not-writable", $"Cannot write '{path}': its folder takes no new files.", "Check the folder's permissions, or choose another.", e),
        IOException => new MoSarException(
            "file-not-writable", $"Cannot write '{path}': {e.Message}", "Check the folder's permissions.", e),
        _ => null,
    };

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report.
        }
    }
}
