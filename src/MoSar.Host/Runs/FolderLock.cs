namespace MoSar.Host.Runs;

/// <summary>Two processes in one folder would tear each other's files.</summary>
internal static class FolderLock
{
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="works">What another process does there: "trains".</param>
    /// <exception cref="MoSarException"><c>out-busy</c>, <c>out-is-file</c>, <c>file-not-writable</c>.</exception>
    public static FileStream Take(string folder, string works)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(folder)
                ? new MoSarException("out-is-file", $"'{folder}' is a file.", "Choose a folder with --out.", e)
                : File.Exists(Path.Combine(folder, ".lock"))
                    ? new MoSarException("out-busy", $"Another process {works} in '{folder}'.", "Wait for it, or choose another folder with --out.", e)
                    : new MoSarException("file-not-writable", $"Cannot write into '{folder}': {e.Message}", "Choose another folder with --out.", e);
        }
    }
}
