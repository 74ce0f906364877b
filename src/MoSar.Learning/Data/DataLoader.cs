using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace MoSar.Learning.Data;

/// <summary>A place in the endless sequence of epochs. Store that of the next sample in a checkpoint to go on there.</summary>
/// <param name="Epoch">From 0.</param>
/// <param name="Index">Into the epoch's order, from 0.</param>
public sealed record DataPosition(int Epoch, int Index)
{
    public static DataPosition Start { get; } = new(0, 0);
}

/// <typeparam name="T">What was made of a sample; the sample itself where nothing was.</typeparam>
/// <param name="Sample">Prepared and, for training, augmented.</param>
/// <param name="Entry">Where it is from.</param>
/// <param name="Position">Its place.</param>
/// <param name="Next">The place after it.</param>
public sealed record Loaded<T>(T Sample, DatasetEntry Entry, DataPosition Position, DataPosition Next);

/// <summary>An item that could not be read and was left out, because the manifest says <c>skip_corrupt</c>.</summary>
/// <param name="Item">Source and id.</param>
public sealed record SkippedItem(string Item, string Code, string Message);

/// <param name="Seed">Of the order and the augmentation; the run's.</param>
/// <param name="Shuffle">False: the entries' own order, for measuring.</param>
/// <param name="Augment">False: as prepared, for measuring.</param>
public sealed record LoaderMode(int Seed, bool Shuffle, bool Augment)
{
    public static LoaderMode Training(int seed) => new(seed, true, true);

    public static LoaderMode Evaluation { get; } = new(0, false, false);
}

/// <summary>
/// Delivers samples ahead of their use, decoded by threads of its own. Which samples, in which order and augmented how depends on the
/// seed and the position alone, not on threads, timing, the cache, or where reading began.
/// </summary>
public sealed class DataLoader
{
    private readonly IReadOnlyList<DatasetEntry> entries;
    private readonly DataOptions options;
    private readonly LoaderMode mode;
    private readonly SampleCache? cache;
    private readonly ConcurrentDictionary<string, SkippedItem> skipped = new(StringComparer.Ordinal);

    /// <param name="entries">What an epoch visits once each; at least one.</param>
    /// <param name="cache">Null: everything is decoded every time.</param>
    public DataLoader(IReadOnlyList<DatasetEntry> entries, DataOptions options, LoaderMode mode, SampleCache? cache)
    {
        ArgumentOutOfRangeException.ThrowIfZero(entries.Count, nameof(entries));
        (this.entries, this.options, this.mode, this.cache) = (entries, options, mode, cache);
        Identity = Fingerprint();
    }

    /// <summary>Samples in an epoch, corrupt ones counted.</summary>
    public int Count => entries.Count;

    /// <summary>A hash of the entries' names, the seed and the order's kind: a stored position means something only where this is the same.</summary>
    public string Identity { get; }

    /// <summary>Items left out so far, by name.</summary>
    public IReadOnlyList<SkippedItem> Skipped => [.. skipped.Values.OrderBy(s => s.Item, StringComparer.Ordinal)];

    /// <summary>The entries' indices in the order of an epoch.</summary>
    public int[] OrderOf(int epoch)
    {
        var order = Enumerable.Range(0, entries.Count).ToArray();
        if (mode.Shuffle)
        {
            // Fisher and Yates.
            var random = new SplitMix(Mix(epoch, -1));
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = random.NextInt(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }
        }

        return order;
    }

    /// <summary>
    /// Samples from a position on, epoch after epoch without end. At most <see cref="LoaderOptions.Queue"/> are ready or in work; when the reader is
    /// slow, the threads wait. Leaving the loop stops them.
    /// </summary>
    /// <exception cref="MoSarException"><c>data-item-corrupt</c>, at the item's place in the order; <c>data-all-corrupt</c>: a whole epoch was.</exception>
    /// <exception cref="OperationCanceledException">Cancelled, at once, whatever the threads are doing.</exception>
    public IEnumerable<Loaded<DatasetSample>> Read(DataPosition from, CancellationToken cancellation) => Read(from, s => s, cancellation);

    /// <summary>As <see cref="Read(DataPosition, CancellationToken)"/>.</summary>
    /// <param name="from">The first sample.</param>
    /// <param name="make">What to make of each sample, on the loader's threads; may throw, which is handed out in the sample's place.</param>
    public IEnumerable<Loaded<T>> Read<T>(DataPosition from, Func<DatasetSample, T> make, CancellationToken cancellation) => Read(from, long.MaxValue, make, cancellation);

    /// <summary>The rest of one epoch.</summary>
    public IEnumerable<Loaded<DatasetSample>> ReadEpoch(DataPosition from, CancellationToken cancellation) => ReadEpoch(from, s => s, cancellation);

    /// <summary>The rest of one epoch, made into something.</summary>
    public IEnumerable<Loaded<T>> ReadEpoch<T>(DataPosition from, Func<DatasetSample, T> make, CancellationToken cancellation) =>
        Read(from, ((long)from.Epoch + 1) * Count, make, cancellation);

    private IEnumerable<Loaded<T>> Read<T>(DataPosition from, long end, Func<DatasetSample, T> make, CancellationToken cancellation)
    {
        if (from.Epoch < 0 || from.Index < 0 || from.Index >= Count)
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"{from} is not in epochs of {Count} samples.");
        }

        var orders = new ConcurrentDictionary<int, int[]>();
        var threads = options.Loader.Threads > 0 ? options.Loader.Threads : Environment.ProcessorCount;
        using var queue = new OrderedPrefetch<Loaded<T>>(
            (ticket, stopping) => Make(ticket, orders, make, stopping), ((long)from.Epoch * Count) + from.Index, end, options.Loader.Queue, threads, cancellation);
        var missed = 0;
        while (queue.TryNext(out var sample))
        {
            missed = sample is null ? missed + 1 : 0;
            if (sample is not null)
            {
                yield return sample;
            }
            else if (missed >= Count)
            {
                throw new MoSarException("data-all-corrupt", $"None of {Count} items could be read; the first: {Skipped[0].Message}", "See `mosar data check`.");
            }
        }
    }

    /// <returns>Null for a corrupt item that may be skipped.</returns>
    private Loaded<T>? Make<T>(long ticket, ConcurrentDictionary<int, int[]> orders, Func<DatasetSample, T> make, CancellationToken cancellation)
    {
        var (epoch, index) = ((int)(ticket / Count), (int)(ticket % Count));
        var order = orders.GetOrAdd(epoch, OrderOf);
        orders.TryRemove(epoch - 2, out _);
        var entry = entries[order[index]];
        if (Prepared(entry, cancellation) is not { } prepared)
        {
            return null;
        }

        var draw = mode.Augment ? Augmentation.Draw(options.Augment, Mix(epoch, order[index])) : AugmentationDraw.None;
        var next = index + 1 < Count ? new DataPosition(epoch, index + 1) : new DataPosition(epoch + 1, 0);
        return new Loaded<T>(make(Augmentation.Apply(prepared, draw, options.Resolution)), entry, new DataPosition(epoch, index), next);
    }

    private DatasetSample? Prepared(DatasetEntry entry, CancellationToken cancellation)
    {
        DatasetSample Load()
        {
            try
            {
                return entry.Source.Source.Load(entry.Index, cancellation);
            }
            catch (MoSarException e)
            {
                throw new CorruptItemException(e);
            }
        }

        DatasetSample Make() => SamplePreparation.Prepare(Load(), options);
        try
        {
            return cache is null ? Make() : cache.Get(entry, options, Make);
        }
        catch (CorruptItemException e) when (options.SkipCorrupt)
        {
            skipped.TryAdd(entry.ToString(), new SkippedItem(entry.ToString(), e.Reason.Code, e.Reason.Message));
            return null;
        }
        catch (CorruptItemException e)
        {
            throw new MoSarException(
                "data-item-corrupt",
                $"The item {entry} cannot be read: {e.Reason.Message}",
                "Mend or remove it, or say data.skip_corrupt: true to go on without such items; `mosar data check` lists all of them.",
                e.Reason);
        }
    }

    private ulong Mix(int epoch, int what) => SplitMix.Mix(SplitMix.Mix(SplitMix.Mix((ulong)(uint)mode.Seed) + (uint)epoch) + (uint)what);

    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{mode.Seed} {mode.Shuffle}\n"));
        foreach (var entry in entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Tells what a source says of its files from what is wrong with the manifest or this program.</summary>
    private sealed class CorruptItemException(MoSarException reason) : Exception(reason.Message, reason)
    {
        public MoSarException Reason { get; } = reason;
    }
}
