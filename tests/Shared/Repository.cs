namespace MoSar.Testing;

/// <summary>The repository that a test was built in.</summary>
internal static class Repository
{
    /// <summary>A folder or file below the repository's root.</summary>
    public static string Folder(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MoSar.Host.sln")))
            {
                return Path.Combine([folder.FullName, .. parts]);
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
