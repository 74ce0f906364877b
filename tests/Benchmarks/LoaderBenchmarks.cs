using BenchmarkDotNet.Attributes;
using MoSar.Graphics;
using MoSar.Learning.Data;
using MoSar.Plugins.Folders;

namespace MoSar.Benchmarks;

/// <summary>
/// What training is fed with: an epoch of photographs through the loader to 256², on all cores. loader_twin.py reads the same files with
/// PyTorch's DataLoader, PIL and as many worker processes; its cached pictures are half-precision arrays in files.
/// </summary>
[MemoryDiagnoser]
public class LoaderBenchmarks
{
    /// <summary>Pictures of an epoch at 256²; of the slower 1024² there are fewer.</summary>
    public const int Small = 256, Large = 64;

    private static readonly AugmentationOptions All = new() { Brightness = 0.5, Rotation = 10, Scale = 0.1, Flip = 0.5 };

    private readonly DataLoader _small;
    private readonly DataLoader _large;
    private readonly DataLoader _augmented;
    private readonly DataLoader _cached;
    private readonly DataLoader _cachedAugmented;

    public LoaderBenchmarks()
    {
        // Where the script, which is copied beside this program, looks for them.
        string root = Path.Combine(AppContext.BaseDirectory, "loader");
        IReadOnlyList<DatasetEntry> small = Entries(Path.Combine(root, "256"), 256, Small);
        IReadOnlyList<DatasetEntry> large = Entries(Path.Combine(root, "1024"), 1024, Large);
        string cacheFolder = Path.Combine(root, "cache");
        if (Directory.Exists(cacheFolder))
            Directory.Delete(cacheFolder, recursive: true);
        var cache = new SampleCache(cacheFolder, 1L << 32);
        var plain = new DataOptions { Resolution = 256 };
        DataOptions augmented = plain with { Augment = All };
        (_small, _large, _augmented) = (Loader(small, plain), Loader(large, plain), Loader(small, augmented));
        (_cached, _cachedAugmented) = (Loader(small, plain, cache), Loader(small, augmented, cache));
        Epoch(_cached);
    }

    [Benchmark(OperationsPerInvoke = Small)]
    public int Decoded256() => Epoch(_small);

    [Benchmark(OperationsPerInvoke = Large)]
    public int Decoded1024() => Epoch(_large);

    [Benchmark(OperationsPerInvoke = Small)]
    public int DecodedAndAugmented() => Epoch(_augmented);

    [Benchmark(OperationsPerInvoke = Small)]
    public int Cached() => Epoch(_cached);

    [Benchmark(OperationsPerInvoke = Small)]
    public int CachedAndAugmented() => Epoch(_cachedAugmented);

    internal static IReadOnlyList<Twin> Twins()
    {
        var b = new LoaderBenchmarks();
        return
        [
            new($"{Small} PNGs of 256², decoded", () => b.Decoded256(), 1),
            new($"{Large} PNGs of 1024², decoded to 256²", () => b.Decoded1024(), 1),
            new($"{Small} PNGs of 256², decoded, augmented", () => b.DecodedAndAugmented(), 1),
            new($"{Small} pictures of 256², cached", () => b.Cached(), 1),
            new($"{Small} pictures of 256², cached, augmented", () => b.CachedAndAugmented(), 1),
        ];
    }

    private static DataLoader Loader(IReadOnlyList<DatasetEntry> entries, DataOptions options, SampleCache? cache = null) =>
        new(entries, options, LoaderMode.Training(1), cache);

    private static int Epoch(DataLoader loader) => loader.ReadEpoch(DataPosition.Start, CancellationToken.None).Count();

    private static DatasetEntry[] Entries(string folder, int side, int count)
    {
        Directory.CreateDirectory(folder);
        byte[] picture = ImageFile.EncodePng(GraphicsBenchmarks.Smooth(side));
        for (int i = 0; i < count; i++)
            File.WriteAllBytes(Path.Combine(folder, $"{i:D4}.png"), picture);
        var source = new NamedSource("photographs", new ImagesSource(new ImagesOptions { Folder = folder }));
        return [.. source.Source.Items.Select((_, i) => new DatasetEntry(source, i))];
    }
}
