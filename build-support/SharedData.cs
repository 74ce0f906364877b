namespace MoSar.Testing;

/// <summary>Finds the real data that some tests use: $MOSAR_SHARED, else ../shared/data beside the repository. Null when absent;
/// such a test then says so and passes, because everything must build and test without it.</summary>
internal static class SharedData
{
    public static string? Root { get; } = Find();

    /// <summary>A file or folder of the shared data, or null (with a plain line on the console) when it is not there.</summary>
    public static string? Find(params string[] parts)
    {
        if (Root is not null && Path.Combine([Root, .. parts]) is var path && (File.Exists(path) || Directory.Exists(path)))
        {
            return path;
        }

        Console.WriteLine($"Shared data '{string.Join('/', parts)}' is absent; this test checks nothing here.");
        return null;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("MOSAR_SHARED") is { Length: > 0 } set)
        {
            return Directory.Exists(set) ? set : null;
        }

        var shared = Repository.Folder("..", "shared", "data");
        return Directory.Exists(shared) ? shared : null;
    }
}
