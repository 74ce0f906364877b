namespace MoSar.Host.Tests;

/// <summary>Compares a text that people read with the one kept beside the tests; MOSAR_UPDATE_SNAPSHOTS=1 writes it anew.</summary>
internal static class Snapshot
{
    public static void Check(string name, string text, Workspace? workspace = null)
    {
        var actual = workspace is null ? text : text.Replace(workspace.Root, "ROOT", StringComparison.Ordinal);
        var path = Path.Combine(Workspace.SourceFolder(), "Messages", name + ".txt");
        if (Environment.GetEnvironmentVariable("MOSAR_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"No snapshot {path}; run once with MOSAR_UPDATE_SNAPSHOTS=1 and read what it wrote.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
