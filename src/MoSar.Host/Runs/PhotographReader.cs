using MoSar.Graphics;

namespace MoSar.Host.Runs;

/// <summary>Reads pictures through MoSar.Graphics.</summary>
public sealed class PhotographReader : IPhotographReader
{
    public Photograph Read(InputPhotograph input) => ImageFile.ReadPhotograph(input.Path) with { Name = input.Name };
}
