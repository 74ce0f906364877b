using System.Text;

namespace MoSar.Host.Evaluation;

internal static class MarkdownReport
{
    public static string Write(EvaluationTable table, EvaluationRecord record)
    {
        var text = new StringBuilder();
        text.Append($"# {ReportHeading.Name(record)}\n\n");
        if (ReportHeading.Description(record) is { Length: > 0 } description)
        {
            text.Append($"{description}\n\n");
        }

        text.Append($"{ReportHeading.Photographs(record)} {ReportHeading.Figures}\n");
        foreach (var warning in table.Warnings)
        {
            text.Append($"\n**{warning}**\n");
        }

        foreach (var t in EvaluationReport.Tables(table))
        {
            text.Append(t.Title.Length > 0 ? $"\n## {t.Title}\n\n" : "\n");
            text.Append($"| {string.Join(" | ", t.Headers.Select(Cell))} |\n|---|{string.Concat(t.Headers.Skip(1).Select(_ => "---:|"))}\n");
            foreach (var row in t.Rows)
            {
                var label = row.IsReference ? $"*{Cell(row.Label)}*" : Cell(row.Label);
                text.Append($"| {label} | {string.Join(" | ", row.Cells.Select(c => c.IsBest ? $"**{Cell(c.Text)}**" : Cell(c.Text)))} |\n");
            }
        }

        Items(text, "Photographs that failed", [.. EvaluationReport.Failures(table)]);
        Items(text, "Columns", [.. EvaluationReport.Legend(table).Select(l => $"**{l.Title}**: {l.Text}")]);
        Items(text, "Rows", [.. ReportHeading.Rows(record).Select(r => $"**{r.Label}**: {r.Text}")]);
        text.Append($"\n{ReportHeading.Made(record)}\n");
        return text.ToString();
    }

    private static void Items(StringBuilder text, string title, IReadOnlyList<string> items)
    {
        if (items.Count > 0)
        {
            text.Append($"\n## {title}\n\n{string.Concat(items.Select(i => $"- {i}\n"))}");
        }
    }

    private static string Cell(string value) => value.Replace("|", "\\|", StringComparison.Ordinal);
}
