namespace MoSar;

/// <summary>
/// An error that a person can act on: what is wrong, with which file or value, and what to do about it.
/// Everything a user can cause ends here; any other exception type that reaches the command line is a bug of ours.
/// </summary>
public sealed class MoSarException : Exception
{
    /// <param name="code">Stable, kebab-case, for programs: <c>image-truncated</c>, <c>no-face</c>, <c>weights-missing</c> …</param>
    /// <param name="message">What is wrong, naming the file or value.</param>
    /// <param name="remedy">What to do about it, one sentence; null when the message already says it.</param>
    /// <param name="inner">The cause, kept for the log.</param>
    public MoSarException(string code, string message, string? remedy = null, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Remedy = remedy;
    }

    public string Code { get; }

    public string? Remedy { get; }
}
