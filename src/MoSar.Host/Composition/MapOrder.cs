using MoSar.Host.Manifests;

namespace MoSar.Host.Composition;

/// <summary>Orders map estimators so that each runs after those that make what it needs.</summary>
internal static class MapOrder
{
    /// <param name="estimators">In the manifest's order, which decides among those that are free.</param>
    /// <exception cref="ManifestException">Two make the same map, nothing makes a needed one, or they need each other.</exception>
    public static IReadOnlyList<ComposedStage<IMapEstimator>> Sort(IReadOnlyList<ComposedStage<IMapEstimator>> estimators)
    {
        var problems = new List<ManifestProblem>();
        var makers = new Dictionary<string, ComposedStage<IMapEstimator>>(StringComparer.Ordinal);
        foreach (var estimator in estimators)
        {
            foreach (var map in estimator.Stage.Makes)
            {
                if (!makers.TryAdd(map.Name, estimator))
                {
                    problems.Add(new ManifestProblem(
                        "maps-made-twice",
                        estimator.Choice.Location,
                        $"'{estimator.Choice.Path}' makes the map '{map.Name}', which '{makers[map.Name].Choice.Path}' already makes",
                        "one maker a map",
                        [$"the other is at {makers[map.Name].Choice.Location}", "remove one of the two: set it to null"]));
                }
            }
        }

        foreach (var estimator in estimators)
        {
            foreach (var need in estimator.Stage.Needs.Where(n => !makers.ContainsKey(n)))
            {
                problems.Add(new ManifestProblem(
                    "maps-need-missing",
                    estimator.Choice.Location,
                    $"'{estimator.Choice.Path}' needs the map '{need}', which no stage of this manifest makes",
                    "an estimator that makes it",
                    [.. OptionsBinder.Listed("maps that are made", [.. makers.Keys.Order(StringComparer.Ordinal)]), .. OptionsBinder.Suggested(need, makers.Keys)]));
            }
        }

        if (problems.Count > 0)
        {
            throw new ManifestException(problems);
        }

        var sorted = new List<ComposedStage<IMapEstimator>>();
        var open = estimators.ToList();
        while (open.Count > 0)
        {
            var ready = open.Find(e => e.Stage.Needs.All(n => sorted.Contains(makers[n])));
            if (ready is null)
            {
                throw new ManifestException([.. open.Select(e => new ManifestProblem(
                    "maps-cycle",
                    e.Choice.Location,
                    $"'{e.Choice.Path}' waits in a circle: it needs {string.Join(", ", e.Stage.Needs.Where(n => !sorted.Contains(makers[n])).Select(n => $"'{n}' from '{makers[n].Choice.Path}'"))}",
                    "maps that do not need each other"))]);
            }

            sorted.Add(ready);
            open.Remove(ready);
        }

        return sorted;
    }
}
