namespace MoSar.Graphics.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void FullDiskLeavesTheOldFileAndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("map.png");
        File.WriteAllText(path, "old");

        // /dev/full answers every write as a full disk does.
        var e = Assert.Throws<MoSarException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
            full.Write(new byte[100_000]);
        }));
        Assert.Equal(("disk-full", $"Cannot write '{path}': no space left on the disk."), (e.Code, e.Message));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void OtherFailuresLeaveNothingAndStayWhatTheyAre()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => AtomicFile.Write(folder.File("a"), _ => throw new OperationCanceledException()));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void MissingFolderIsSaid()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "none", "a.png");
        var e = Assert.Throws<MoSarException>(() => ImageFile.WritePng(path, new Image(1, 1, 1)));
        Assert.Equal(("file-not-writable", $"Cannot write '{path}': its folder does not exist."), (e.Code, e.Message));
    }

    [Fact]
    public void AFolderInTheWayIsSaid()
    {
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<MoSarException>(() => ImageFile.WritePng(folder.Path, new Image(1, 1, 1)));
        Assert.Equal("file-not-writable", e.Code);
    }
}
