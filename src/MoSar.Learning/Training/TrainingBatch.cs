using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>The rows of one source in a batch.</summary>
/// <param name="Source">Its name in the manifest.</param>
/// <param name="Items">Ids, for reports.</param>
/// <param name="Arrays">[rows, …] each.</param>
public sealed record BatchPart(string Source, IReadOnlyList<string> Items, IReadOnlyDictionary<string, Tensor> Arrays)
{
    public int Rows => Items.Count;
}

/// <summary>Items of one or several sources side by side: all rows of the first part, then all of the second, and so on.</summary>
public sealed class TrainingBatch
{
    private readonly Dictionary<string, Tensor> joined = [];

    public TrainingBatch(IReadOnlyList<BatchPart> parts)
    {
        Parts = parts;
        Rows = parts.Sum(p => p.Rows);
    }

    public IReadOnlyList<BatchPart> Parts { get; }

    public int Rows { get; }

    /// <summary>An array that every row has, [<see cref="Rows"/>, …].</summary>
    /// <exception cref="MoSarException"><c>training-array-missing</c>: a source does not give it.</exception>
    public Tensor this[string name] => Find(name) ?? throw Missing(name, Parts);

    /// <summary>As the indexer; null when some source does not give it.</summary>
    public Tensor? Find(string name)
    {
        if (!joined.TryGetValue(name, out var tensor))
        {
            if (Parts.Any(p => !p.Arrays.ContainsKey(name)))
            {
                return null;
            }

            tensor = Join([.. Parts.Select(p => p.Arrays[name])]);
            joined.Add(name, tensor);
        }

        return tensor;
    }

    /// <summary>The rows of some sources, with what was estimated for them. Gradients pass.</summary>
    /// <param name="sources">Names; empty: all.</param>
    /// <param name="estimates">[<see cref="Rows"/>, …] each.</param>
    public (TrainingBatch Batch, IReadOnlyDictionary<string, Tensor> Estimates) Only(IReadOnlyList<string> sources, IReadOnlyDictionary<string, Tensor> estimates)
    {
        if (sources.Count == 0 || Parts.All(p => sources.Contains(p.Source)))
        {
            return (this, estimates);
        }

        var ranges = new List<(int Start, int Rows)>();
        var start = 0;
        foreach (var part in Parts)
        {
            if (sources.Contains(part.Source))
            {
                ranges.Add((start, part.Rows));
            }

            start += part.Rows;
        }

        return (
            new TrainingBatch([.. Parts.Where(p => sources.Contains(p.Source))]),
            estimates.ToDictionary(e => e.Key, e => Join([.. ranges.Select(r => e.Value.narrow(0, r.Start, r.Rows))])));
    }

    internal static MoSarException Missing(string name, IEnumerable<BatchPart> parts)
    {
        var without = parts.Where(p => !p.Arrays.ContainsKey(name)).Select(p => p.Source).ToArray();
        var there = parts.First(p => !p.Arrays.ContainsKey(name)).Arrays.Keys.Order(StringComparer.Ordinal);
        return new MoSarException(
            "training-array-missing",
            $"The source '{string.Join("', '", without)}' gives no '{name}'. It gives: {string.Join(", ", there)}.",
            "Let only sources with such labels into what needs them ('sources:' of a loss), or take it out.");
    }

    private static Tensor Join(IReadOnlyList<Tensor> tensors) => tensors.Count == 1 ? tensors[0] : cat([.. tensors]);
}
