using System.Text;

namespace MoSar.Host.Manifests;

/// <summary>One mistake in a manifest.</summary>
/// <param name="Where">Null when the mistake has no place, such as a file that is not there.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Expected">What would be right; shown under the caret.</param>
/// <param name="Notes">Further lines: what there is, the nearest name, how to mend it.</param>
/// <param name="Code">For programs: <c>manifest-key-unknown</c>, <c>weights-missing</c> …</param>
public sealed record ManifestProblem(string Code, Location? Where, string Message, string? Expected = null, IReadOnlyList<string>? Notes = null)
{
    /// <summary>As compilers do it: the message, the place, the line with a caret below the culprit, then the notes.</summary>
    public string Render()
    {
        var text = new StringBuilder().Append("error: ").Append(Message).Append('\n');
        var gutter = string.Empty;
        if (Where is { } place)
        {
            var number = place.Line.ToString(System.Globalization.CultureInfo.InvariantCulture);
            gutter = new string(' ', number.Length);
            var caret = new string(' ', Math.Max(0, place.Column - 1)) + new string('^', Math.Max(1, place.Length));
            text.Append(gutter).Append("--> ").Append(place).Append('\n')
                .Append(gutter).Append(" |\n")
                .Append(number).Append(" | ").Append(Printable(place.Source.Line(place.Line))).Append('\n')
                .Append(gutter).Append(" | ").Append(caret).Append(Expected is null ? string.Empty : " expected " + Expected).Append('\n');
        }
        else if (Expected is not null)
        {
            text.Append(" = expected ").Append(Expected).Append('\n');
        }

        foreach (var note in Notes ?? [])
        {
            text.Append(gutter).Append(" = ").Append(note).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A file that is not text at all must not send its bytes to the terminal; one sign stays one sign, so that the caret fits.</summary>
    private static string Printable(string line) => string.Create(line.Length, line, (to, from) =>
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = from[i] == '\t' ? ' ' : char.IsControl(from[i]) ? '\uFFFD' : from[i];
        }
    });
}

/// <summary>All mistakes of a manifest at once: nobody should have to run six times to find six typing errors.</summary>
public sealed class ManifestException : Exception
{
    public ManifestException(IReadOnlyList<ManifestProblem> problems)
        : base(Render(InOrder(problems))) => Problems = InOrder(problems);

    public ManifestException(ManifestProblem problem)
        : this([problem])
    {
    }

    public IReadOnlyList<ManifestProblem> Problems { get; }

    /// <summary>As someone reads: file by file, each from top to bottom.</summary>
    private static ManifestProblem[] InOrder(IReadOnlyList<ManifestProblem> problems) =>
    [
        .. problems.GroupBy(p => p.Where?.Source.Name).SelectMany(file => file.OrderBy(p => p.Where?.Line).ThenBy(p => p.Where?.Column)),
    ];

    private static string Render(IReadOnlyList<ManifestProblem> problems) =>
        string.Join('\n', problems.Select(p => p.Render())) + (problems.Count > 1 ? $"\n{problems.Count} errors\n" : string.Empty);
}
