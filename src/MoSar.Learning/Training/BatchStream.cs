using MoSar.Learning.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>One source's part of every batch.</summary>
/// <param name="Name">Of the source.</param>
/// <param name="Rows">How many samples of it a batch has.</param>
public sealed record MixedSource(string Name, DataLoader Loader, int Rows);

/// <summary>Batches that mix sources in fixed shares. Which samples are in which batch depends on the positions alone.</summary>
public sealed class BatchStream : IDisposable
{
    private readonly IReadOnlyList<MixedSource> sources;
    private readonly bool channelsLast;
    private readonly IEnumerator<Loaded<LearningItem>>[] readers;
    private readonly Dictionary<string, DataPosition> positions;

    /// <param name="from">Where each source goes on, by name; sources that are not named start anew.</param>
    public BatchStream(IReadOnlyList<MixedSource> sources, Func<DatasetSample, LearningItem> prepare, bool channelsLast, IReadOnlyDictionary<string, DataPosition> from, CancellationToken cancellation)
    {
        (this.sources, this.channelsLast) = (sources, channelsLast);
        positions = sources.ToDictionary(s => s.Name, s => from.GetValueOrDefault(s.Name, DataPosition.Start));
        readers = [.. sources.Select(s => s.Loader.Read(positions[s.Name], prepare, cancellation).GetEnumerator())];
    }

    /// <summary>Where the next batch begins, by source.</summary>
    public IReadOnlyDictionary<string, DataPosition> Positions => positions;

    /// <exception cref="MoSarException">A corrupt item, or items of different shapes.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TrainingBatch Next()
    {
        var parts = new List<BatchPart>();
        foreach (var (source, reader) in sources.Zip(readers))
        {
            var loaded = new List<Loaded<LearningItem>>();
            while (loaded.Count < source.Rows && reader.MoveNext())
            {
                loaded.Add(reader.Current);
            }

            positions[source.Name] = loaded[^1].Next;
            parts.Add(Collate(source.Name, loaded, channelsLast));
        }

        return new TrainingBatch(parts);
    }

    public void Dispose()
    {
        foreach (var reader in readers)
        {
            reader.Dispose();
        }
    }

    /// <summary>Shares as whole rows by largest remainders.</summary>
    /// <param name="mix">Shares by source; not normalised.</param>
    /// <exception cref="MoSarException"><c>training-mix</c>: a share is negative, none is positive, or one is too small for a row.</exception>
    public static IReadOnlyList<(string Name, int Rows)> Rows(IReadOnlyList<(string Name, double Share)> mix, int batch)
    {
        var total = mix.Sum(m => m.Share);
        if (mix.Any(m => m.Share < 0) || total <= 0)
        {
            throw new MoSarException("training-mix", "The shares of training.mix must not be negative, and one must be above 0.", "For example mix: {stage: 1, photographs: 1}.");
        }

        var wanted = mix.Where(m => m.Share > 0).Select(m => (m.Name, Exact: batch * m.Share / total)).ToArray();
        var rows = wanted.Select(w => (int)Math.Floor(w.Exact + 1e-9)).ToArray();
        foreach (var i in Enumerable.Range(0, rows.Length).OrderByDescending(i => wanted[i].Exact - rows[i]).ThenBy(i => i).Take(batch - rows.Sum()))
        {
            rows[i]++;
        }

        return Array.IndexOf(rows, 0) is >= 0 and var none
            ? throw new MoSarException("training-mix", $"A batch of {batch} leaves no row for '{wanted[none].Name}'.", "Enlarge training.batch or its share in training.mix.")
            : [.. wanted.Select((w, i) => (w.Name, rows[i]))];
    }

    /// <summary>Items of one source as a batch of their own.</summary>
    /// <exception cref="MoSarException">As <see cref="Next"/>.</exception>
    public static TrainingBatch Batch(string source, IReadOnlyList<Loaded<LearningItem>> items, bool channelsLast) => new([Collate(source, items, channelsLast)]);

    /// <summary>Items side by side as tensors.</summary>
    /// <exception cref="MoSarException"><c>training-array-shape</c>: an array has another shape in one item than in another.</exception>
    internal static BatchPart Collate(string source, IReadOnlyList<Loaded<LearningItem>> items, bool channelsLast)
    {
        var arrays = new Dictionary<string, Tensor>();
        foreach (var (name, first) in items[0].Sample.Arrays)
        {
            var length = first.Values.Length;
            var joined = new float[items.Count * length];
            for (var i = 0; i < items.Count; i++)
            {
                if (!items[i].Sample.Arrays.TryGetValue(name, out var array) || !array.Shape.AsSpan().SequenceEqual(first.Shape))
                {
                    throw new MoSarException(
                        "training-array-shape",
                        $"'{name}' of {items[i].Entry} is {(array.Shape is null ? "not there" : $"[{string.Join(", ", array.Shape)}]")}, that of {items[0].Entry} is [{string.Join(", ", first.Shape)}].",
                        "All items of a source must have the same labels; check the folder with `mosar data check`.");
                }

                array.Values.CopyTo(joined, i * length);
            }

            var rows = tensor(joined, [items.Count, .. first.Shape]);
            arrays.Add(name, channelsLast && rows.dim() == 4 ? rows.to_channels_last() : rows);
        }

        return new BatchPart(source, [.. items.Select(i => i.Entry.Item.Id)], arrays);
    }
}
