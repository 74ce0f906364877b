namespace MoSar.Host.Runs;

/// <summary>Reads pictures. A seam, so that the run driver can be tested without native libraries.</summary>
public interface IPhotographReader
{
    /// <exception cref="MoSarException">The file is missing, not a picture, truncated, too small or too large.</exception>
    Photograph Read(InputPhotograph input);
}
