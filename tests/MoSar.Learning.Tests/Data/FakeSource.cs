using MoSar.Learning.Data;

namespace MoSar.Learning.Tests.Data;

/// <summary>Grey pictures from small text files, so that the cache has content to hash; counts what was loaded.</summary>
internal sealed class FakeSource : IDatasetSource
{
    private readonly string folder;
    private int loads;

    public FakeSource(string folder, int count)
    {
        this.folder = folder;
        for (var i = 0; i < count; i++)
        {
            File.WriteAllText(FileOf(i), $"{i}");
        }

        Items = [.. Enumerable.Range(0, count).Select(i => new DatasetItem($"{i}", $"{i / 2}", [FileOf(i)]))];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    /// <summary>Runs on the loading thread before an item is made.</summary>
    public Action<int, CancellationToken> Before { get; set; } = (_, _) => { };

    public IReadOnlySet<int> Corrupt { get; set; } = new HashSet<int>();

    public int Loads => Volatile.Read(ref loads);

    public string FileOf(int index) => Path.Combine(folder, $"{index}.txt");

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        Interlocked.Increment(ref loads);
        Before(index, cancellation);
        if (Corrupt.Contains(index))
        {
            throw new MoSarException("image-truncated", $"'{index}.txt' is truncated.");
        }

        var image = new Image(16, 16, 3);
        Array.Fill(image.Pixels, int.Parse(File.ReadAllText(FileOf(index)), System.Globalization.CultureInfo.InvariantCulture) / 1024f);
        return new DatasetSample { Id = $"{index}", Subject = $"{index / 2}", Photograph = image };
    }

    public IReadOnlyList<DatasetEntry> Entries(string recipe = "")
    {
        var source = new NamedSource("fake", this, recipe);
        return [.. Items.Select((_, i) => new DatasetEntry(source, i))];
    }
}
