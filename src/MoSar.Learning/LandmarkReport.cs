namespace MoSar.Learning;

/// <summary>The landmark errors of one portrait, percent of the outer-eye distance.</summary>
/// <param name="Detected">Of the landmark stage.</param>
/// <param name="Projected">Of the fitted mesh.</param>
public sealed record LandmarkRow(Portrait Portrait, float Detected, float Projected);

/// <summary>Mean errors of a collection, held-out people apart from those that were trained on.</summary>
public sealed record LandmarkSummary(string Collection, bool HeldOut, int Count, float Detected, float Projected);

/// <summary>Compares a run with hand-placed points.</summary>
public static class LandmarkReport
{
    /// <summary>One row for each portrait of London and Canada that has points and is in the run, by collection and name.</summary>
    /// <exception cref="MoSarException">No portrait has points, or none of the run's photographs has.</exception>
    public static IReadOnlyList<LandmarkRow> Rows(IReadOnlyList<Portrait> portraits, IReadOnlyList<SavedReconstruction> run)
    {
        if (!portraits.Any(p => p is { TemPath: not null, Collection: "london" or "canada" }))
        {
            throw new MoSarException("portraits-missing", "The portrait folder has no london/ or canada/ with hand-placed points (.tem) in it.", "Pass the folder that holds london/ and canada/.");
        }

        var byName = run.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var rows = portraits
            .Where(p => p is { TemPath: not null, Collection: "london" or "canada" } && byName.ContainsKey(p.Name))
            .OrderBy(p => p.Collection, StringComparer.Ordinal).ThenBy(p => p.Person)
            .Select(p =>
            {
                var truth = TemPoints.Load(p.TemPath!);
                var fit = byName[p.Name];
                return new LandmarkRow(p, LandmarkError.Mean(fit.Detected, truth), LandmarkError.Mean(fit.Projected, truth));
            })
            .ToList();
        return rows.Count > 0
            ? rows
            : throw new MoSarException("run-missing", "None of the run's photographs is a London or Canada portrait with hand-placed points.", "Run them first: `mosar run DIR/london/neutral_front DIR/canada --out RUN`.");
    }

    public static IReadOnlyList<LandmarkSummary> Summarise(IReadOnlyList<LandmarkRow> rows) =>
    [
        .. rows.GroupBy(r => (r.Portrait.Collection, r.Portrait.HeldOut))
            .OrderBy(g => g.Key.Collection, StringComparer.Ordinal).ThenByDescending(g => g.Key.HeldOut)
            .Select(g => new LandmarkSummary(g.Key.Collection, g.Key.HeldOut, g.Count(), g.Average(r => r.Detected), g.Average(r => r.Projected))),
    ];
}
