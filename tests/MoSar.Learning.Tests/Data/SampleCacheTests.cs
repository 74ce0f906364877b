using MoSar.Learning.Data;

namespace MoSar.Learning.Tests.Data;

public sealed class SampleCacheTests : IDisposable
{
    private static readonly DataOptions Options = new() { Resolution = 16 };

    private readonly DataFolder folder = new();
    private readonly FakeSource source;

    public SampleCacheTests() => source = new FakeSource(folder.Path, 40);

    private string CacheFolder => folder.At("cache");

    private string[] Files => Directory.GetFiles(CacheFolder, "*.sample", SearchOption.AllDirectories);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AFreshACachedAndAnUncachedSampleAreTheSameBits()
    {
        var sample = SamplePreparation.Prepare(RenderedSample.Make(), new DataOptions { Resolution = 96, MapResolution = 64, Margin = 1.25 });
        var again = SampleFormat.Decode(SampleFormat.Encode(sample), sample.Mesh!.Template)!;
        Assert.Equal(sample.Photograph!.Pixels, again.Photograph!.Pixels);
        Assert.Equal(sample.Mask!.Pixels, again.Mask!.Pixels);
        Assert.Equal(sample.Labels!.Position!.Pixels, again.Labels!.Position!.Pixels);
        Assert.Equal(sample.Labels.Normal!.Pixels, again.Labels.Normal!.Pixels);
        Assert.Equal(sample.Labels.Uv!.Pixels, again.Labels.Uv!.Pixels);
        Assert.Equal(sample.Landmarks!.Points, again.Landmarks!.Points);
        Assert.Equal(sample.Landmarks.Visible, again.Landmarks.Visible);
        Assert.Equal(sample.Camera! with { Rotation = [] }, again.Camera! with { Rotation = [] });
        Assert.Equal(sample.Camera!.Rotation, again.Camera!.Rotation);
        Assert.Equal(sample.Mesh!.Positions, again.Mesh!.Positions);
        Assert.Same(sample.Mesh.Template, again.Mesh.Template);
        Assert.Equal(sample.Maps.All.Values.Select(m => m.Descriptor), again.Maps.All.Values.Select(m => m.Descriptor));
        Assert.Equal(sample.Maps["normal"].Pixels.Pixels, again.Maps["normal"].Pixels.Pixels);
        Assert.Equal(sample.Light!.Harmonics!.Coefficients, again.Light!.Harmonics!.Coefficients);
        Assert.Equal(sample.Light.Environment, again.Light.Environment);
        Assert.Equal(sample.Identity, again.Identity);
        Assert.Equal(sample.Expression, again.Expression);
        Assert.Equal((sample.Id, sample.Subject, sample.Atlas), (again.Id, again.Subject, again.Atlas));
    }

    [Theory]
    [InlineData(64, 32)]
    [InlineData(64, 16)]
    [InlineData(64, 64)]
    public void HalvingAWholePictureIsWhatTheCropSamplerDoes(int from, int to)
    {
        var random = new Random(2);
        var picture = new Image(from, from, 3, [.. Enumerable.Range(0, from * from * 3).Select(_ => random.NextSingle())]);
        var prepared = SamplePreparation.Prepare(new DatasetSample { Id = "a", Subject = "a", Photograph = picture }, new DataOptions { Resolution = to }).Photograph!;
        var expected = MoSar.Graphics.CropSampler.Warp(picture, new FaceCrop(new System.Numerics.Vector2(from) / 2, from, 0), to);
        Assert.All(prepared.Pixels.Zip(expected.Pixels), p => Assert.Equal(p.Second, p.First, 0.001f));
    }

    [Fact]
    public void SunsKeepTheirStrength()
    {
        var panorama = new Image(8, 4, 3);
        panorama.Pixels[5] = 250_000;
        var options = new DataOptions { EnvironmentHeight = 4 };
        var sample = SamplePreparation.Prepare(new DatasetSample { Id = "sun", Subject = "sun", Light = new SampleLight(Panorama: panorama) }, options);
        Assert.Equal(panorama.Pixels, SampleFormat.Decode(SampleFormat.Encode(sample), null)!.Light!.Panorama!.Pixels);
    }

    [Fact]
    public void EveryChangedByteAndEveryLostOneIsNoticed()
    {
        var bytes = SampleFormat.Encode(source.Load(3, CancellationToken.None));
        Assert.NotNull(SampleFormat.Decode(bytes, null));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            Assert.Null(SampleFormat.Decode(bytes, null));
            bytes[i] ^= 0x10;
            Assert.Null(SampleFormat.Decode(bytes[..i], null));
        }
    }

    [Fact]
    public void TheSecondTimeNothingIsLoaded()
    {
        var first = ReadAll(new SampleCache(CacheFolder, 1 << 24));
        Assert.Equal(40, source.Loads);
        var second = new SampleCache(CacheFolder, 1 << 24);
        Assert.Equal(first, ReadAll(second));
        Assert.Equal(40, source.Loads);
        Assert.Equal(new CacheCounts(40, 0, 0, 0, 0, null), second.Counts);
    }

    [Fact]
    public void ChangedContentOptionsAndRecipesAreOtherSamples()
    {
        var cache = new SampleCache(CacheFolder, 1 << 24);
        Get(cache, 0);
        Get(cache, 0, Options with { Resolution = 32 });
        Get(cache, 0, recipe: "maps=[]");
        Assert.Equal(3, source.Loads);

        // Same length and, perhaps, same time: the content decides in a new process.
        File.WriteAllText(source.FileOf(0), "7");
        Assert.Equal(7 / 1024f, Get(new SampleCache(CacheFolder, 1 << 24), 0).Photograph!.Pixels[0]);
        Assert.Equal(4, source.Loads);

        // What does not decide a prepared sample is no part of the key.
        Get(cache, 1);
        Get(cache, 1, Options with { Augment = new AugmentationOptions { Flip = 1 }, Loader = new LoaderOptions { Threads = 3 }, SkipCorrupt = true });
        Assert.Equal(5, source.Loads);
    }

    [Fact]
    public void MovedDataAreTheSameData()
    {
        ReadAll(new SampleCache(CacheFolder, 1 << 24));
        using var elsewhere = new DataFolder();
        var moved = new FakeSource(elsewhere.Path, 40);
        var cache = new SampleCache(CacheFolder, 1 << 24);
        foreach (var entry in moved.Entries())
        {
            cache.Get(entry, Options, () => throw new InvalidOperationException("must be cached"));
        }
    }

    [Fact]
    public void DamagedEntriesAreMadeAgain()
    {
        ReadAll(new SampleCache(CacheFolder, 1 << 24));
        var files = Files;
        File.WriteAllBytes(files[0], []);
        File.WriteAllBytes(files[1], File.ReadAllBytes(files[1])[..^9]);
        var bytes = File.ReadAllBytes(files[2]);
        bytes[^3] ^= 1;
        File.WriteAllBytes(files[2], bytes);
        var cache = new SampleCache(CacheFolder, 1 << 24);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => i / 1024f), ReadAll(cache));
        Assert.Equal(new CacheCounts(37, 3, 3, 0, 0, null), cache.Counts);
        Assert.Equal(40, new SampleCache(CacheFolder, 1 << 24) is var again && ReadAll(again).Length == 40 ? again.Counts.Hits : 0);
        Assert.Equal(Files.Sum(f => new FileInfo(f).Length), again.Size);
    }

    [Fact]
    public void ItNeverOutgrowsItsSize()
    {
        var cache = new SampleCache(CacheFolder, 1 << 24);
        Get(cache, 0);
        var one = cache.Size;

        // Room for ten: the first ten stay, because epochs come round to them; the others are refused and counted.
        var small = new SampleCache(CacheFolder, 10 * one);
        ReadAll(small);
        Assert.InRange(small.Size, 9 * one, 10 * one);
        Assert.InRange(Files.Length, 9, 10);
        Assert.True(small.Counts.Refused >= 30);
        ReadAll(small);
        Assert.True(small.Counts.Hits >= 10);

        // Another run with other options: what that one left gives way, a tenth beyond the need at a time.
        var other = new SampleCache(CacheFolder, 10 * one);
        for (var i = 0; i < 5; i++)
        {
            Get(other, i, recipe: "other");
        }

        Assert.True(other.Counts.Evicted >= 4);
        Assert.Equal(0, other.Counts.Refused);
        Assert.True(Files.Length <= 10);
        Assert.Equal(Files.Sum(f => new FileInfo(f).Length), other.Size);

        // A smaller size holds from the start.
        Assert.True(new SampleCache(CacheFolder, 2 * one).Size <= 2 * one);
        Assert.True(Files.Length <= 2);
    }

    [Fact]
    public void NothingHalfWrittenIsEverSeen()
    {
        // Two caches on one folder, as two processes are, and several threads on each.
        SampleCache[] caches = [new(CacheFolder, 1 << 24), new(CacheFolder, 1 << 24)];
        var failures = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var value = Get(caches[i % 2], i % 40).Photograph!.Pixels[0];
            if (value != i % 40 / 1024f)
            {
                failures.Add($"{i}: {value}");
            }
        });
        Assert.Empty(failures);
        Assert.Equal(0, caches.Sum(c => c.Counts.Remade));
        Assert.Empty(Directory.GetFiles(CacheFolder, ".*", SearchOption.AllDirectories));
    }

    [Fact]
    public void ADiskThatCannotBeWrittenOnlyCostsTime()
    {
        var cache = new SampleCache(CacheFolder, 1 << 24);

        // A file where the entry's folder should be: works for root as well, whom permissions do not stop.
        for (var i = 0; i < 256; i++)
        {
            File.WriteAllText(Path.Combine(CacheFolder, $"{i:x2}"), string.Empty);
        }

        Assert.Equal(3 / 1024f, Get(cache, 3).Photograph!.Pixels[0]);
        Assert.Equal((1, 0L), (cache.Counts.Refused, cache.Size));
        Assert.NotNull(cache.Counts.Failure);
    }

    [Fact]
    public void AFolderThatCannotBeSaysSo()
    {
        File.WriteAllText(folder.At("file"), string.Empty);
        Assert.Equal("cache-folder", Assert.Throws<MoSarException>(() => new SampleCache(folder.At("file"), 1)).Code);
    }

    [Fact]
    public void HalvesAreUnpackedExactly()
    {
        var all = Enumerable.Range(0, 65536).Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i)).Where(float.IsFinite).ToArray();
        var bytes = new byte[2 * all.Length];
        Assert.True(HalfFloats.TryPack(all, bytes));
        var back = new float[all.Length];
        HalfFloats.Unpack(bytes, back);
        Assert.Equal(all.Select(BitConverter.SingleToInt32Bits), back.Select(BitConverter.SingleToInt32Bits));
        foreach (var at in new[] { 0, 40 })
        {
            foreach (var none in new[] { 0.1f, float.PositiveInfinity, float.NaN, 70_000f, 1e-9f, MathF.Pow(2, -25), -65_505f })
            {
                var values = new float[41];
                values[at] = none;
                Assert.False(HalfFloats.TryPack(values, new byte[82]), $"{none} at {at}");
            }
        }
    }

    [Fact]
    public void RoundingIsWhatACastDoes()
    {
        // Every half, its neighbours and the middles between them, where ties are.
        var halves = Enumerable.Range(0, 65536).Select(i => (float)BitConverter.UInt16BitsToHalf((ushort)i)).Where(v => float.IsFinite(v) && MathF.Abs(v) < 65_000).ToArray();
        float[] values = [.. halves, .. halves.Select(MathF.BitIncrement), .. halves.Zip(halves.Skip(1), (a, b) => (a + b) / 2), .. halves.Select(v => 1.0003f * v), 1e-30f, -1e-30f, 0.1f];
        var rounded = new float[values.Length];
        Assert.True(HalfFloats.TryRound(values, rounded));
        Assert.Equal(values.Select(v => BitConverter.SingleToInt32Bits((float)(Half)v)), rounded.Select(BitConverter.SingleToInt32Bits));
        foreach (var at in new[] { 0, 40 })
        {
            foreach (var none in new[] { float.PositiveInfinity, float.NaN, 70_000f, -70_000f })
            {
                values = new float[41];
                values[at] = none;
                Assert.False(HalfFloats.TryRound(values, new float[41]), $"{none} at {at}");
            }
        }
    }

    private DatasetSample Get(SampleCache cache, int index, DataOptions? options = null, string recipe = "")
    {
        options ??= Options;
        return cache.Get(source.Entries(recipe)[index], options, () => SamplePreparation.Prepare(source.Load(index, CancellationToken.None), options));
    }

    private float[] ReadAll(SampleCache cache) => [.. Enumerable.Range(0, 40).Select(i => Get(cache, i).Photograph!.Pixels[0])];
}
