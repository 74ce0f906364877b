using MoSar.Faces.Evaluation;

namespace MoSar.Host.Evaluation;

/// <param name="Evaluator">The manifest's name of it.</param>
/// <param name="Title">The column's name; with the evaluator's where two of them have one of that name.</param>
public sealed record TableColumn(string Evaluator, EvaluationColumn Column, string Title)
{
    /// <summary>For files.</summary>
    public string Key => $"{Evaluator}.{Column.Name}";

    public double? In(PhotographResult result) =>
        result.Measures.TryGetValue(Evaluator, out var measured) ? measured.Values[Index] : null;

    /// <summary>Into the evaluator's columns.</summary>
    public required int Index { get; init; }
}

/// <param name="Figures">Over the photographs that were measured; parallel to the columns, NaN where there were none.</param>
public sealed record TableRow(EvaluationRow Row, IReadOnlyList<Spread> Figures, IReadOnlyList<PhotographResult> Measured, IReadOnlyList<PhotographResult> Failed)
{
    internal RowRecord ToRecord(IReadOnlyList<TableColumn> columns) => new(
        Row.Name,
        Row.Label,
        Row.Key,
        Row.Weights,
        Measured.Count,
        columns.Zip(Figures).ToDictionary(c => c.First.Key, c => new ColumnRecord(c.First.Column.Unit, c.Second.Mean, c.Second.Median, c.Second.Deviation)),
        Failed.ToDictionary(f => f.Photograph, f => f.Failure!));
}

/// <param name="Name">Of the group: "tan".</param>
/// <param name="Photographs">In it, measured or not.</param>
/// <param name="Rows">As the table's, of this group alone.</param>
public sealed record TableGroup(string Name, int Photographs, IReadOnlyList<TableRow> Rows);

/// <summary>All figures of an evaluation.</summary>
/// <param name="Rows">Each over the photographs that it managed.</param>
/// <param name="Shared">Over the photographs that every row managed; null when that is all of them, or none.</param>
/// <param name="Groupings">By what photographs are grouped, and the groups in order; without those that have one group only.</param>
/// <param name="Warnings">What makes the figures doubtful.</param>
public sealed record EvaluationTable(
    IReadOnlyList<TableColumn> Columns,
    IReadOnlyList<TableRow> Rows,
    IReadOnlyList<TableRow>? Shared,
    IReadOnlyList<(string By, IReadOnlyList<TableGroup> Groups)> Groupings,
    IReadOnlyList<string> Warnings)
{
    // Single precision places a truth's own samples within a few millionths of its surface.
    private const double Nothing = 1e-3;

    private static readonly string[] Tones = ["very light", "light", "intermediate", "tan", "brown", "dark"];
    private static readonly (double Below, string Name)[] Yaws = [(15, "0° to 15°"), (30, "15° to 30°"), (45, "30° to 45°"), (double.PositiveInfinity, "45° and more")];

    internal static EvaluationTable Of(ComposedEvaluation composed, IReadOnlyList<PhotographResult> results)
    {
        var columns = Titled(composed.Evaluators);
        var rows = RowsOf(composed.Rows, columns, results);
        var failed = results.Where(r => r.Failure is not null).Select(r => r.Photograph).ToHashSet();
        var shared = results.Where(r => !failed.Contains(r.Photograph)).ToArray();
        return new EvaluationTable(
            columns,
            rows,
            failed.Count > 0 && shared.Length > 0 ? RowsOf(composed.Rows, columns, shared) : null,
            [
                .. Grouping("skin tone", Tones, r => r.SkinTone),
                .. Grouping("yaw", [.. Yaws.Select(y => y.Name)], r => r.Yaw is { } yaw ? Yaws.First(y => Math.Abs(yaw) < y.Below).Name : null),
            ],
            [.. rows.Where(r => r.Row.Kind == RowKind.GroundTruth).SelectMany(r => columns.Zip(r.Figures)).Where(c => c.First.Column.LowerIsBetter && Math.Abs(c.Second.Mean) > Nothing)
                .Select(c => $"The ground truth itself measures {c.Second.Mean:G3} {c.First.Column.Unit} in '{c.First.Title}': the measure or the labels are off by that.")]);

        IEnumerable<(string By, IReadOnlyList<TableGroup> Groups)> Grouping(string by, string[] order, Func<PhotographResult, string?> group)
        {
            var groups = results.GroupBy(r => group(r) ?? "unknown").OrderBy(g => (uint)Array.IndexOf(order, g.Key)).ToArray();
            return groups.Length > 1
                ? [(by, [.. groups.Select(g => new TableGroup(g.Key, g.Select(r => r.Photograph).Distinct().Count(), RowsOf(composed.Rows, columns, [.. g])))])]
                : [];
        }
    }

    private static TableColumn[] Titled(IReadOnlyList<NamedEvaluator> evaluators)
    {
        var names = evaluators.SelectMany(e => e.Evaluator.Columns).CountBy(c => c.Name).ToDictionary();
        return [.. evaluators.SelectMany(e => e.Evaluator.Columns.Select((c, i) => new TableColumn(e.Name, c, (names[c.Name] > 1 ? $"{e.Name} {c.Name}" : c.Name).Replace('_', ' ')) { Index = i }))];
    }

    private static TableRow[] RowsOf(IReadOnlyList<EvaluationRow> rows, IReadOnlyList<TableColumn> columns, IReadOnlyList<PhotographResult> results)
    {
        var byRow = results.ToLookup(r => r.Row);
        return [.. rows.Select(row =>
        {
            var measured = byRow[row.Name].Where(r => r.Failure is null).ToArray();
            return new TableRow(row, [.. columns.Select(c => Spread.Of(measured.Select(m => c.In(m)!.Value)))], measured, [.. byRow[row.Name].Where(r => r.Failure is not null)]);
        })];
    }
}
