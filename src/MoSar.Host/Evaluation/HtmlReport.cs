using System.Net;
using System.Text;

namespace MoSar.Host.Evaluation;

/// <summary>One file without anything outside it; light or dark as the reader's system is.</summary>
internal static class HtmlReport
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1c2024; --soft: #5d6670; --paper: #ffffff; --line: #d9dee3; --best: #e3f1e5; --best-ink: #14532d; --stripe: #f6f8f9; --warn: #8a2c0d; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa4ae; --paper: #15181b; --line: #343a40; --best: #1d3a27; --best-ink: #b9f0c8; --stripe: #1b1f23; --warn: #ffb49a; } }
        body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 104rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .6rem; }
        p { margin: .3rem 0; max-width: 60rem; } .soft, footer { color: var(--soft); } .warn { color: var(--warn); font-weight: 600; }
        .wide { overflow-x: auto; margin-top: 1rem; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
        th, td { padding: .4rem .55rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th { font-weight: 600; vertical-align: bottom; border-bottom: 2px solid var(--line); white-space: normal; }
        th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--paper); white-space: nowrap; }
        tbody tr:nth-child(even) td { background: var(--stripe); }
        tbody tr.reference td { color: var(--soft); font-style: italic; } tbody tr.first td { border-top: 2px solid var(--line); }
        tbody td.best { background: var(--best) !important; color: var(--best-ink); font-weight: 600; }
        td small { color: var(--soft); font-size: .82em; font-weight: 400; } td.best small { color: inherit; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; max-width: 70rem; } dt { font-weight: 600; } dd { margin: 0; color: var(--soft); }
        li { margin: .15rem 0; } footer { margin-top: 3rem; font-size: .88rem; overflow-wrap: anywhere; }
        """;

    public static string Write(EvaluationTable table, EvaluationRecord record)
    {
        var html = new StringBuilder();
        html.Append($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{Text(ReportHeading.Name(record))}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n");
        html.Append($"<h1>{Text(ReportHeading.Name(record))}</h1>\n<p>{Text(ReportHeading.Description(record))}</p>\n<p class=\"soft\">{Text(ReportHeading.Photographs(record))} {Text(ReportHeading.Figures)}</p>\n");
        foreach (var warning in table.Warnings)
        {
            html.Append($"<p class=\"warn\">{Text(warning)}</p>\n");
        }

        foreach (var t in EvaluationReport.Tables(table))
        {
            Table(html, t);
        }

        var failures = EvaluationReport.Failures(table);
        if (failures.Count > 0)
        {
            html.Append($"<h2>Photographs that failed</h2>\n<ul>\n{string.Concat(failures.Select(f => $"<li>{Text(f)}</li>\n"))}</ul>\n");
        }

        List(html, "Columns", EvaluationReport.Legend(table));
        List(html, "Rows", [.. ReportHeading.Rows(record)]);
        return html.Append($"<footer>{Text(ReportHeading.Made(record))}</footer>\n</body>\n</html>\n").ToString();
    }

    private static void Table(StringBuilder html, ReportTable table)
    {
        html.Append(table.Title.Length > 0 ? $"<h2>{Text(table.Title)}</h2>\n" : string.Empty);
        html.Append($"<div class=\"wide\"><table>\n<thead><tr>{string.Concat(table.Headers.Select(h => $"<th>{Text(h)}</th>"))}</tr></thead>\n<tbody>\n");
        var wasReference = false;
        foreach (var row in table.Rows)
        {
            var css = row.IsReference ? wasReference ? " class=\"reference\"" : " class=\"reference first\"" : string.Empty;
            html.Append($"<tr{css}><td>{Text(row.Label)}</td>{string.Concat(row.Cells.Select(c => $"<td{(c.IsBest ? " class=\"best\"" : string.Empty)}>{Figure(c.Text)}</td>"))}</tr>\n");
            wasReference = row.IsReference;
        }

        html.Append("</tbody>\n</table></div>\n");
    }

    /// <summary>The deviation smaller than what it belongs to.</summary>
    private static string Figure(string text) => text.IndexOf('±') is > 0 and var at ? $"{Text(text[..at].TrimEnd())} <small>{Text(text[at..])}</small>" : Text(text);

    private static void List(StringBuilder html, string title, IReadOnlyList<(string Name, string Text)> items) =>
        html.Append($"<h2>{title}</h2>\n<dl>\n{string.Concat(items.Select(i => $"<dt>{Text(i.Name)}</dt><dd>{Text(i.Text)}</dd>\n"))}</dl>\n");

    private static string Text(string value) => WebUtility.HtmlEncode(value);
}
