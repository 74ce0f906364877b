using System.Collections.Concurrent;
using MoSar.Learning.Data;

namespace MoSar.Learning.Tests.Data;

public sealed class DataLoaderTests : IDisposable
{
    private const int Items = 23;

    private static readonly DataOptions Options = new()
    {
        Resolution = 16,
        Augment = new AugmentationOptions { Brightness = 1, Flip = 0.5 },
        Loader = new LoaderOptions { Threads = 4, Queue = 5 },
    };

    private readonly DataFolder folder = new();
    private readonly FakeSource source;

    public DataLoaderTests() => source = new FakeSource(folder.Path, Items);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(7, 2)]
    [InlineData(16, 64)]
    public void OrderAndContentDoNotDependOnThreadsOrQueue(int threads, int queue)
    {
        var expected = Names(Loader().Read(DataPosition.Start, CancellationToken.None).Take(3 * Items));
        var options = Options with { Loader = new LoaderOptions { Threads = threads, Queue = queue } };

        // Items of odd number take longer: later ones overtake them, and must not be seen to.
        source.Before = (i, _) => Thread.SpinWait(i % 2 == 1 ? 20_000 : 10);
        Assert.Equal(expected, Names(Loader(options).Read(DataPosition.Start, CancellationToken.None).Take(3 * Items)));
    }

    [Fact]
    public void EveryEpochVisitsEverythingOnceInAnotherOrder()
    {
        var all = Loader().Read(DataPosition.Start, CancellationToken.None).Take(3 * Items).Select(s => s.Sample.Id).ToArray();
        var epochs = all.Chunk(Items).ToArray();
        Assert.All(epochs, e => Assert.Equal(Items, e.Distinct().Count()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[0], Loader(seed: 8).ReadEpoch(DataPosition.Start, CancellationToken.None).Select(s => s.Sample.Id));
    }

    [Fact]
    public void AnEpochEnds()
    {
        Assert.Equal(Items, Loader().ReadEpoch(new DataPosition(4, 0), CancellationToken.None).Count());
        var last = Loader().ReadEpoch(new DataPosition(4, 20), CancellationToken.None).ToArray();
        Assert.Equal(3, last.Length);
        Assert.Equal((new DataPosition(4, 22), new DataPosition(5, 0)), (last[^1].Position, last[^1].Next));
    }

    [Fact]
    public void ReadingGoesOnWhereItWasLeft()
    {
        var all = Names(Loader().Read(DataPosition.Start, CancellationToken.None).Take(2 * Items));
        var position = Loader().Read(DataPosition.Start, CancellationToken.None).ElementAt(16).Next;
        Assert.Equal(new DataPosition(0, 17), position);
        Assert.Equal(all[17..], Names(Loader().Read(position, CancellationToken.None).Take((2 * Items) - 17)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Loader().Read(new DataPosition(0, Items), CancellationToken.None).First());
    }

    [Fact]
    public void ThePositionMeansSomethingOnlyWithTheSameData()
    {
        Assert.Equal(Loader().Identity, Loader(Options with { Loader = new LoaderOptions { Threads = 1 } }).Identity);
        Assert.NotEqual(Loader().Identity, Loader(seed: 8).Identity);
        Assert.NotEqual(Loader().Identity, new DataLoader([.. source.Entries().Skip(1)], Options, LoaderMode.Training(7), null).Identity);
    }

    [Fact]
    public void EvaluationIsInOrderAndUntouched()
    {
        var loader = new DataLoader(source.Entries(), Options, LoaderMode.Evaluation, null);
        Assert.Equal(Enumerable.Range(0, Items).Select(i => i / 1024f), loader.ReadEpoch(DataPosition.Start, CancellationToken.None).Select(s => s.Sample.Photograph!.Pixels[0]));
    }

    [Fact]
    public void TheCacheChangesNothingButTime()
    {
        var expected = Names(Loader().Read(DataPosition.Start, CancellationToken.None).Take(2 * Items));
        using var elsewhere = new DataFolder();
        var fresh = new FakeSource(elsewhere.Path, Items);
        var cache = new SampleCache(folder.At("cache"), 1 << 24);
        var cached = new DataLoader(fresh.Entries(), Options with { Loader = new LoaderOptions { Threads = 4, Queue = 2 } }, LoaderMode.Training(7), cache);
        Assert.Equal(expected, Names(cached.Read(DataPosition.Start, CancellationToken.None).Take(2 * Items)));

        // Two may be in work at once where one epoch meets the next.
        Assert.InRange(fresh.Loads, Items, Items + 2);
    }

    [Fact]
    public void ASlowReaderHoldsTheThreadsBack()
    {
        // Every load signals; after the queue's five no sixth may start until one is taken.
        using var started = new SemaphoreSlim(0);
        source.Before = (_, _) => started.Release();
        using var reader = Loader().Read(DataPosition.Start, CancellationToken.None).GetEnumerator();
        Assert.True(reader.MoveNext());
        for (var i = 0; i < 6; i++)
        {
            started.Wait();
        }

        // One is handed out and five may be ahead of it. The seventh starts only when the second is taken: no wait can show that it does
        // not, but the count after as many hand-overs as items must be exact.
        for (var taken = 2; taken <= 12; taken++)
        {
            Assert.True(source.Loads <= taken - 1 + 5, $"{source.Loads} loads with {taken - 1} taken");
            Assert.True(reader.MoveNext());
            started.Wait();
        }
    }

    [Fact]
    public void CancellingWakesTheReaderThoughAThreadIsStuck()
    {
        using var cancellation = new CancellationTokenSource();
        using var stuck = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        source.Before = (_, _) =>
        {
            // As a decoder or a network disk: deaf to cancellation.
            stuck.Release();
            release.Wait();
        };
        var reading = Task.Run(() => Loader().Read(DataPosition.Start, cancellation.Token).First());
        stuck.Wait();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => reading.GetAwaiter().GetResult());
        release.Set();
    }

    [Fact]
    public void LeavingTheLoopStopsTheThreads()
    {
        // Every started load ends with its token cancelled or with a sample that nobody wants; none starts afterwards.
        using var waiting = new SemaphoreSlim(0);
        using var ended = new CountdownEvent(4);
        source.Before = (i, token) =>
        {
            if (i == FirstItem())
            {
                return;
            }

            waiting.Release();
            try
            {
                token.WaitHandle.WaitOne();
            }
            finally
            {
                ended.Signal();
            }
        };
        using (var reader = Loader().Read(DataPosition.Start, CancellationToken.None).GetEnumerator())
        {
            Assert.True(reader.MoveNext());
            for (var i = 0; i < 4; i++)
            {
                waiting.Wait();
            }
        }

        ended.Wait();
        Assert.Equal(5, source.Loads);
    }

    [Fact]
    public void ACorruptItemStopsTheWorkWithItsName()
    {
        source.Corrupt = new HashSet<int> { 11 };
        var seen = new List<string>();
        var e = Assert.Throws<MoSarException>(() =>
        {
            foreach (var sample in Loader().Read(DataPosition.Start, CancellationToken.None))
            {
                seen.Add(sample.Sample.Id);
            }
        });
        Assert.Equal("data-item-corrupt", e.Code);
        Assert.Contains("fake/11", e.Message);
        Assert.Contains("'11.txt' is truncated.", e.Message);
        Assert.Contains("skip_corrupt", e.Remedy);

        // Everything before it in the order was delivered, whichever thread met it first.
        Assert.Equal(Array.IndexOf(Loader().OrderOf(0), 11), seen.Count);
    }

    [Fact]
    public void WithLeaveTheyAreSkippedAndCounted()
    {
        source.Corrupt = new HashSet<int> { 3, 11 };
        var loader = Loader(Options with { SkipCorrupt = true });
        var read = loader.Read(DataPosition.Start, CancellationToken.None).Take(2 * (Items - 2)).ToArray();
        Assert.DoesNotContain(read, s => s.Sample.Id is "3" or "11");
        Assert.Equal(["fake/11", "fake/3"], loader.Skipped.Select(s => s.Item));
        Assert.All(loader.Skipped, s => Assert.Equal("image-truncated", s.Code));

        // Positions count what was skipped, so that a checkpoint means the same on a machine where the file is whole.
        var order = loader.OrderOf(1);
        Assert.Equal(read[^1].Position.Index, Array.FindLastIndex(order, i => i is not (3 or 11)));
    }

    [Fact]
    public void WhenNothingIsLeftItSaysSo()
    {
        source.Corrupt = Enumerable.Range(0, Items).ToHashSet();
        var e = Assert.Throws<MoSarException>(() => Loader(Options with { SkipCorrupt = true }).Read(DataPosition.Start, CancellationToken.None).First());
        Assert.Equal("data-all-corrupt", e.Code);
    }

    [Fact]
    public void AFaultOfAPluginIsNotACorruptItem()
    {
        source.Before = (_, _) => throw new InvalidOperationException("a bug");
        Assert.Throws<InvalidOperationException>(() => Loader(Options with { SkipCorrupt = true }).Read(DataPosition.Start, CancellationToken.None).First());

        source.Before = (_, _) => { };
        Assert.Equal("data-no-landmarks", Assert.Throws<MoSarException>(
            () => Loader(Options with { SkipCorrupt = true, Crop = SampleCrop.Face }).Read(DataPosition.Start, CancellationToken.None).First()).Code);
    }

    [Fact]
    public void TwoReadersDoNotDisturbEachOther()
    {
        var loader = Loader();
        var expected = Names(loader.Read(DataPosition.Start, CancellationToken.None).Take(Items));
        var results = new ConcurrentBag<string[]>();
        Parallel.For(0, 3, _ => results.Add(Names(loader.ReadEpoch(DataPosition.Start, CancellationToken.None))));
        Assert.All(results, r => Assert.Equal(expected, r));
    }

    private int FirstItem() => Loader().OrderOf(0)[0];

    private DataLoader Loader(DataOptions? options = null, int seed = 7) => new(source.Entries(), options ?? Options, LoaderMode.Training(seed), null);

    /// <summary>Position, id and a pixel, which knows the augmentation.</summary>
    private static string[] Names(IEnumerable<Loaded<DatasetSample>> samples) => [.. samples.Select(s => $"{s.Position} {s.Sample.Id} {s.Sample.Photograph!.Pixels[0]:R}")];
}
