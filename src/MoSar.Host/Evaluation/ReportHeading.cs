using System.Globalization;

namespace MoSar.Host.Evaluation;

/// <summary>What stands around the tables of a report.</summary>
internal static class ReportHeading
{
    public const string Figures = "Figures are means ± sample deviations over photographs; a row's are over the photographs that it managed.";

    public static string Name(EvaluationRecord record) => (string)record.Manifest["name"]!;

    public static string Description(EvaluationRecord record) => (string)record.Manifest["description"]!;

    public static string Photographs(EvaluationRecord record)
    {
        var split = (string)record.Manifest["evaluation"]!["split"]!;
        return $"{record.Photographs} {(record.Photographs == 1 ? "photograph" : "photographs")} of {record.Subjects} {(record.Subjects == 1 ? "subject" : "subjects")}, share '{split}' of the data.";
    }

    /// <summary>What each row read, by content.</summary>
    public static IEnumerable<(string Label, string Text)> Rows(EvaluationRecord record) =>
        record.Rows.Where(r => r.Weights.Count > 0).Select(r => (r.Label, string.Join(", ", r.Weights.DistinctBy(w => w.File.Path).Select(w => $"{Path.GetFileName(w.File.Path)} ({w.File.Sha256[..8]})"))));

    public static string Made(EvaluationRecord record) => string.Create(
        CultureInfo.InvariantCulture,
        $"Made by mosar {record.Versions.MoSar} on {record.Ended:yyyy-MM-dd} from {string.Join(", ", record.ManifestFiles.Select(f => Path.GetFileName(f)))}{string.Concat(record.Sets.Select(s => $" --set {s}"))}, seed {record.Seed}.");
}
