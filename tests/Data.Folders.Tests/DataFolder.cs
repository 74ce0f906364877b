using MoSar.Graphics;

namespace MoSar.Plugins.Folders.Tests;

/// <summary>A folder of a test's own, with means to fill it with tiny data.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("mosar-folders-").FullName;

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>A grey PNG, or EXR by the name.</summary>
    public string Picture(string path, float grey = 0.25f, int width = 64, int height = 64, int channels = 3)
    {
        var image = new Image(width, height, channels);
        Array.Fill(image.Pixels, grey);
        return Picture(path, image);
    }

    public string Picture(string path, Image image)
    {
        var full = At(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        switch (Path.GetExtension(path))
        {
            case ".exr":
                ImageFile.WriteExr(full, image);
                break;
            case ".hdr":
                ImageFile.WriteHdr(full, image);
                break;
            default:
                ImageFile.WritePng(full, image, encoding: path.Contains("diffuse") || path.Contains("photo") ? ColourEncoding.Srgb : ColourEncoding.Linear);
                break;
        }

        return full;
    }

    public string Text(string path, string text)
    {
        var full = At(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
