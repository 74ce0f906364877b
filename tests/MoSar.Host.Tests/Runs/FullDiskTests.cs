using System.Diagnostics;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using Xunit.Abstractions;

namespace MoSar.Host.Tests.Runs;

/// <summary>A disk that really is full: a small tmpfs, which takes root to mount.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    [Fact]
    public void AFullDiskIsSaidPlainlyAndLeavesNothingHalfWritten()
    {
        using var workspace = new Workspace();
        workspace.Add("Fixture.Fakes");
        workspace.Write("a.png", "0.5");
        var disk = Directory.CreateDirectory(Path.Combine(workspace.Root, "disk")).FullName;
        if (!Succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk))
        {
            output.WriteLine("Not checked: a tmpfs cannot be mounted here (needs root).");
            return;
        }

        try
        {
            var request = new RunRequest
            {
                Manifest = ManifestTree.Load(workspace.Manifest(), ["pipeline.export.text.fill_bytes=4000000"], workspace.Root),
                PluginFolders = [workspace.Plugins],
                Inputs = InputList.Collect(["a.png"], workspace.Root),
                Out = Path.Combine(disk, "out"),
            };
            var result = new RunDriver(new FakePhotographs(), new SilentObserver(), TimeProvider.System).Run(request, default);

            Assert.Equal(ExitCodes.SomeFailed, result.ExitCode);
            Assert.Equal("disk-full", result.Record.Photographs.Single().Error!.Code);
            Assert.Equal(["log.txt", "manifest.yaml", "run.json"], Directory.EnumerateFileSystemEntries(request.Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal("disk-full", RunRecord.Read(request.Out).Photographs.Single().Error!.Code);
        }
        finally
        {
            Succeeds("umount", disk);
        }
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
