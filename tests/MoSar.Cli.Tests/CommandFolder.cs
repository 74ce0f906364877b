using System.Runtime.CompilerServices;
using MoSar.Graphics;

namespace MoSar.Cli.Tests;

/// <summary>Runs the command in this process, in a folder of its own with the fakes as plugins, and keeps what it wrote.</summary>
internal sealed class CommandFolder : IDisposable
{
    public CommandFolder()
    {
        Root = Directory.CreateTempSubdirectory("mosar-cli-").FullName;
        AddPlugin("Fixture.Fakes");
        File.Copy(Path.Combine(SourceFolder(), "..", "MoSar.Host.Tests", "Manifests", "fakes.yaml"), At("fakes.yaml"));
    }

    public string Root { get; }

    public static string SourceFolder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    public string At(string path) => Path.Combine(Root, path);

    public void AddPlugin(string fixture)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var target = Directory.CreateDirectory(At($"plugins/{fixture}")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(output.Parent!.Parent!.FullName, fixture, output.Name)))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    public string Picture(string path, float grey = 0.5f)
    {
        var pixels = new Image(80, 80, 3);
        Array.Fill(pixels.Pixels, grey);
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        ImageFile.WritePng(At(path), pixels);
        return path;
    }

    public (int Code, string Out, string Error) Run(params string[] args)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        var code = Application.Run(args, new Terminal(output, error, IsInteractive: false, Width: 160), Root);
        return (code, Clean(output), Clean(error));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string Clean(StringWriter text) => text.ToString().Replace(Root, "ROOT", StringComparison.Ordinal).ReplaceLineEndings("\n");
}
