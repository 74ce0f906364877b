namespace MoSar.Testing;

/// <summary>The repository that a test was built in.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    /// <summary>A folder or file below the repository's root.</summary>
    public static string Folder(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MoSar.Host.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
