using System.ComponentModel.DataAnnotations;
using MoSar;

namespace Fixture.Fakes;

public sealed record DataOptions
{
    [Range(1, 1000)]
    public int Subjects { get; init; } = 4;

    [Range(1, 1000)]
    public int Pictures { get; init; } = 2;

    /// <summary>Ids of items that cannot be read.</summary>
    public IReadOnlyList<string> Corrupt { get; init; } = [];

    /// <summary>The constructor finds nothing.</summary>
    public bool Empty { get; init; }
}

public sealed class FakeData : IDatasetSource
{
    private readonly DataOptions options;

    public FakeData(DataOptions options)
    {
        this.options = options;
        Items = options.Empty
            ? throw new MoSarException("data-layout", "'there' does not hold what it should.", "Put it there.")
            : [.. from s in Enumerable.Range(0, options.Subjects) from p in Enumerable.Range(0, options.Pictures) select new DatasetItem($"s{s}/{p}", $"s{s}", [])];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        var item = Items[index];
        if (options.Corrupt.Contains(item.Id))
        {
            throw new MoSarException("image-truncated", $"'{item.Id}.png' is truncated.", "Copy it again.");
        }

        var grey = new Image(32, 32, 3);
        Array.Fill(grey.Pixels, index / (float)Items.Count);
        return new DatasetSample { Id = item.Id, Subject = item.Subject, Photograph = grey };
    }
}
