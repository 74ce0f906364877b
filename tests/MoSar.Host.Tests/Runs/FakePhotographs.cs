using MoSar.Host.Runs;

namespace MoSar.Host.Tests.Runs;

/// <summary>"Pictures" that are text files: a number is a grey level, anything else is broken. Needs no native library.</summary>
internal sealed class FakePhotographs : IPhotographReader
{
    public Photograph Read(InputPhotograph input)
    {
        if (!File.Exists(input.Path))
        {
            throw new MoSarException("file-missing", $"There is no file '{input.Path}'.", "Check the name.");
        }

        var text = File.ReadAllText(input.Path);
        if (!float.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var grey))
        {
            throw new MoSarException("image-unknown", $"'{input.Path}' is not a picture.", "Give a picture.");
        }

        var pixels = new Image(16, 16, 3);
        Array.Fill(pixels.Pixels, grey);
        return new Photograph(input.Name, input.Path, pixels, null, string.Empty);
    }
}
