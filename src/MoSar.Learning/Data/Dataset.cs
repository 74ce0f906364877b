namespace MoSar.Learning.Data;

/// <summary>A source and what the manifest calls it.</summary>
/// <param name="Name">Its key below <c>sources:</c>.</param>
/// <param name="Source">The data.</param>
/// <param name="Recipe">Whatever decides a loaded sample beside the item's files: the stage, its build, its options. Part of the cache's key.</param>
public sealed record NamedSource(string Name, IDatasetSource Source, string Recipe = "");

/// <summary>One item of one source.</summary>
/// <param name="Index">Into the source's items.</param>
public sealed record DatasetEntry(NamedSource Source, int Index)
{
    public DatasetItem Item => Source.Source.Items[Index];

    /// <summary>For messages: which item of which source.</summary>
    public override string ToString() => $"{Source.Name}/{Item.Id}";
}

/// <summary>All sources of a manifest, divided by subject.</summary>
public sealed class Dataset
{
    public Dataset(IReadOnlyList<NamedSource> sources, DataOptions options)
    {
        (Sources, Options) = (sources, options);
        Splits = sources.SelectMany(s => s.Source.Items.Select((item, i) => (Split: SubjectSplit.Of(item.Subject, options.Split), Entry: new DatasetEntry(s, i))))
            .ToLookup(x => x.Split, x => x.Entry);
    }

    public IReadOnlyList<NamedSource> Sources { get; }

    public DataOptions Options { get; }

    /// <summary>Entries by share, in the order of sources and items.</summary>
    public ILookup<DatasetSplit, DatasetEntry> Splits { get; }

    /// <summary>Training data are shuffled and augmented; those to measure on come in order and as they are.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="cache"><see cref="SampleCache.Open"/> of the options; loaders may share it.</param>
    /// <exception cref="MoSarException">As <see cref="Entries"/>.</exception>
    public DataLoader Loader(DatasetSplit split, int seed, SampleCache? cache, params string[] sources) =>
        new(Entries(split, sources), Options, split == DatasetSplit.Train ? LoaderMode.Training(seed) : LoaderMode.Evaluation, cache);

    /// <param name="split">The share.</param>
    /// <param name="sources">Names of the sources to take; none: all.</param>
    /// <exception cref="MoSarException">There is no such source, or the share is empty.</exception>
    public IReadOnlyList<DatasetEntry> Entries(DatasetSplit split, params string[] sources)
    {
        if (sources.FirstOrDefault(n => Sources.All(s => s.Name != n)) is { } unknown)
        {
            throw new MoSarException("data-source-unknown", $"The data have no source '{unknown}'.", $"There are: {string.Join(", ", Sources.Select(s => s.Name))}.");
        }

        IReadOnlyList<DatasetEntry> entries = [.. Splits[split].Where(e => sources.Length == 0 || sources.Contains(e.Source.Name))];
        return entries.Count > 0 ? entries : throw new MoSarException(
            "data-split-empty",
            $"No subject of {(sources.Length == 0 ? "the data" : string.Join(", ", sources))} falls into the share '{split.ToString().ToLowerInvariant()}'.",
            "Enlarge its share in data.split, or add subjects.");
    }
}
