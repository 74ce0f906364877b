using System.ComponentModel.DataAnnotations;
using MoSar;

namespace Fixture.Learning;

public sealed record ShadeOptions
{
    [Range(1, 1000)]
    public int Subjects { get; init; } = 40;

    public bool Labelled { get; init; } = true;
}

public sealed class Shades(ShadeOptions options) : IDatasetSource
{
    public IReadOnlyList<DatasetItem> Items { get; } = [.. Enumerable.Range(0, options.Subjects).Select(s => new DatasetItem($"p{s}", $"p{s}", []))];

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        // The seed is the item: the same item is the same picture.
        var random = new Random(index);
        var shade = (float)random.NextDouble();
        var picture = new Image(16, 16, 3);
        for (var i = 0; i < picture.Pixels.Length; i++)
        {
            picture.Pixels[i] = Math.Max(0, shade + (0.3f * ((float)random.NextDouble() - 0.5f)));
        }

        return new DatasetSample { Id = Items[index].Id, Subject = Items[index].Subject, Photograph = picture, Expression = options.Labelled ? new Dictionary<string, float> { ["shade"] = shade } : null };
    }
}
