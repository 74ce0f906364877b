using System.Globalization;
using System.Text;
using MoSar.Faces.Evaluation;

namespace MoSar.Host.Evaluation;

/// <param name="Text">For a person.</param>
/// <param name="IsBest">The best variant in its column.</param>
public readonly record struct ReportCell(string Text, bool IsBest = false);

/// <param name="Label">The first column.</param>
/// <param name="IsReference">Mean face or ground truth.</param>
public sealed record ReportRow(string Label, bool IsReference, IReadOnlyList<ReportCell> Cells);

/// <param name="Title">Empty for the main table.</param>
/// <param name="Headers">The label's first.</param>
public sealed record ReportTable(string Title, IReadOnlyList<string> Headers, IReadOnlyList<ReportRow> Rows);

/// <summary>The figures as tables for people, and the files of an evaluation.</summary>
public static class EvaluationReport
{
    public const string CsvFileName = "table.csv";
    public const string PhotographsFileName = "photographs.csv";
    public const string MarkdownFileName = "table.md";
    public const string HtmlFileName = "table.html";

    /// <summary>The main table, then the one over shared photographs, then the groupings.</summary>
    public static IReadOnlyList<ReportTable> Tables(EvaluationTable table) =>
    [
        Whole(string.Empty, table.Columns, table.Rows),
        .. table.Shared is { } shared ? [Whole($"Over the {shared[0].Measured.Count} photographs that every row managed", table.Columns, shared)] : Array.Empty<ReportTable>(),
        .. table.Groupings.SelectMany(g => table.Columns.Where(c => c.Column.IsMain).Select(c => Grouped(g.By, g.Groups, table.Columns, c))),
    ];

    /// <summary>Lines that name every photograph that a row failed on.</summary>
    public static IReadOnlyList<string> Failures(EvaluationTable table) =>
        [.. table.Rows.SelectMany(r => r.Failed).GroupBy(f => (f.Photograph, f.Failure!.Code, f.Failure.Message)).Select(g =>
        {
            var labels = table.Rows.Where(r => g.Any(f => f.Row == r.Row.Name)).Select(r => r.Row.Label).ToArray();
            return $"{g.Key.Photograph}: {(labels.Length == table.Rows.Count(r => r.Row.Kind == RowKind.Variant) ? "every variant" : string.Join("; ", labels))}: {g.Key.Message}";
        })];

    /// <summary>What the columns are, a line each.</summary>
    public static IReadOnlyList<(string Title, string Text)> Legend(EvaluationTable table) =>
        [.. table.Columns.Select(c => ($"{c.Title}", $"{c.Column.Description} In {c.Column.Unit}; {(c.Column.LowerIsBetter ? "lower" : "higher")} is better."))];

    internal static IEnumerable<(string File, string Text)> Files(EvaluationTable table, EvaluationRecord record) =>
    [
        (CsvFileName, Csv(table)),
        (PhotographsFileName, PhotographsCsv(table)),
        (MarkdownFileName, MarkdownReport.Write(table, record)),
        (HtmlFileName, HtmlReport.Write(table, record)),
    ];

    private static ReportTable Whole(string title, IReadOnlyList<TableColumn> columns, IReadOnlyList<TableRow> rows)
    {
        var mean = rows.First(r => r.Row.Kind == RowKind.MeanFace);
        var cells = new List<(string Header, Func<TableRow, ReportCell> Of)>();
        foreach (var (i, column) in columns.Index())
        {
            var best = Best(rows, column, i);
            cells.Add(($"{column.Title}, {column.Column.Unit}", r => new ReportCell(Shown(r.Figures[i], column), ReferenceEquals(r, best))));
            if (column.Column is { IsMain: true, LowerIsBetter: true })
            {
                cells.Add(("of mean face's", r => new ReportCell(Percent(r.Figures[i].Mean / mean.Figures[i].Mean))));
            }
        }

        cells.Add(("failed", r => new ReportCell($"{r.Failed.Count} of {r.Measured.Count + r.Failed.Count}")));
        return new ReportTable(title, ["variant", .. cells.Select(c => c.Header)], [.. rows.Select(r => new ReportRow(r.Row.Label, r.Row.Kind != RowKind.Variant, [.. cells.Select(c => c.Of(r))]))]);
    }

    private static ReportTable Grouped(string by, IReadOnlyList<TableGroup> groups, IReadOnlyList<TableColumn> columns, TableColumn column)
    {
        var i = columns.Index().First(c => ReferenceEquals(c.Item, column)).Index;
        var best = groups.Select(g => Best(g.Rows, column, i)).ToArray();
        return new ReportTable(
            $"{Capital(column.Title)}, {column.Column.Unit}, by {by}",
            ["variant", .. groups.Select(g => $"{g.Name} ({g.Photographs})")],
            [.. groups[0].Rows.Select((row, r) => new ReportRow(
                row.Row.Label, row.Row.Kind != RowKind.Variant, [.. groups.Select((g, k) => new ReportCell(Shown(g.Rows[r].Figures[i], column), ReferenceEquals(g.Rows[r], best[k])))]))]);
    }

    private static TableRow? Best(IReadOnlyList<TableRow> rows, TableColumn column, int i)
    {
        var variants = rows.Where(r => r.Row.Kind == RowKind.Variant && r.Measured.Count > 0).ToArray();
        return variants.Length < 2 ? null : column.Column.LowerIsBetter ? variants.MinBy(r => r.Figures[i].Mean) : variants.MaxBy(r => r.Figures[i].Mean);
    }

    /// <summary>A line a row; for each column mean, median and deviation.</summary>
    private static string Csv(EvaluationTable table) => Lines(
        ["row", "label", "photographs", "failed", .. table.Columns.SelectMany(c => new[] { "mean", "median", "deviation" }.Select(f => $"{c.Key}.{f}"))],
        table.Rows.Select(r => (IEnumerable<string>)[r.Row.Name, r.Row.Label, Whole(r.Measured.Count), Whole(r.Failed.Count), .. r.Figures.SelectMany(f => new[] { f.Mean, f.Median, f.Deviation }.Select(Number))]));

    /// <summary>A line a row and photograph.</summary>
    private static string PhotographsCsv(EvaluationTable table) => Lines(
        ["row", "photograph", "subject", "skin_tone", "yaw", "failure", "seconds", .. table.Columns.Select(c => c.Key)],
        table.Rows.SelectMany(r => r.Measured.Concat(r.Failed).OrderBy(p => p.Photograph, StringComparer.Ordinal)).Select(p => (IEnumerable<string>)
        [
            p.Row, p.Photograph, p.Subject, p.SkinTone ?? string.Empty, p.Yaw is { } yaw ? Number(Math.Round(yaw, 2) + 0.0) : string.Empty, p.Failure?.Code ?? string.Empty,
            p.Seconds.ToString("F3", CultureInfo.InvariantCulture), .. table.Columns.Select(c => c.In(p) is { } v ? Number(v) : string.Empty),
        ]));

    private static string Lines(IEnumerable<string> header, IEnumerable<IEnumerable<string>> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines.Prepend(header))
        {
            text.AppendJoin(',', line.Select(Quoted)).Append('\n');
        }

        return text.ToString();
    }

    private static string Quoted(string value) => value.AsSpan().IndexOfAny(",\"\n") < 0 ? value : $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Number(double value) => double.IsNaN(value) ? string.Empty : value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Shown(Spread spread, TableColumn column)
    {
        var digits = column.Column.Unit == "mm" ? "F3" : "F2";
        return double.IsNaN(spread.Mean) ? "–" : $"{spread.Mean.ToString(digits, CultureInfo.InvariantCulture)} ±{spread.Deviation.ToString(digits, CultureInfo.InvariantCulture)}";
    }

    private static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %" : "–";

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
