using MoSar.Graphics;

namespace MoSar.Host.Runs;

/// <summary>Reads pictures through MoSar.Graphics.</summary>
public sealed class PhotographReader : IPhotographReader
{
    /// <summary>
    /// Starts loading the image library (a quarter of a second, most of it waiting for files) while the manifest is composed. Should it
    /// fail, reading the first picture fails in the same way and says why.
    /// </summary>
    public PhotographReader() => _ = Task.Run(ImageFile.Warm);

    public Photograph Read(InputPhotograph input) => ImageFile.ReadPhotograph(input.Path) with { Name = input.Name };
}
