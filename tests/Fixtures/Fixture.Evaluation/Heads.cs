using System.ComponentModel.DataAnnotations;
using System.Numerics;
using MoSar;
using MoSar.Faces;

namespace Fixture.Evaluation;

public sealed record HeadsOptions
{
    [Required]
    [ManifestPath]
    public string Model { get; init; } = string.Empty;

    [Range(1, 1000)]
    public int Subjects { get; init; } = 4;

    [Range(1, 1000)]
    public int Photographs { get; init; } = 2;

    /// <summary>Photographs without meshes.</summary>
    public bool Unlabelled { get; init; }

    /// <summary>Ids of items that cannot be read.</summary>
    public IReadOnlyList<string> Corrupt { get; init; } = [];
}

/// <summary>Read once: every stage of a test has the same one.</summary>
internal static class Models
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, FaceModel> Read = new();

    public static FaceModel At(string path) => Read.GetOrAdd(path, FaceModel.Load);
}

/// <summary>Subject s has two skin tones in turn; photograph p is seen from 20·p degrees and has a mouth that is p/2 open.</summary>
public sealed class Heads : IDatasetSource
{
    private readonly HeadsOptions options;
    private readonly FaceModel model;

    public Heads(HeadsOptions options)
    {
        (this.options, model) = (options, Models.At(options.Model));
        Items = [.. from s in Enumerable.Range(0, options.Subjects) from p in Enumerable.Range(0, options.Photographs) select new DatasetItem($"s{s}/p{p}", $"s{s}", [])];
    }

    public IReadOnlyList<DatasetItem> Items { get; }

    public FaceTemplate? Template => model.Template;

    public DatasetSample Load(int index, CancellationToken cancellation)
    {
        var item = Items[index];
        if (options.Corrupt.Contains(item.Id))
        {
            throw new MoSarException("image-truncated", $"'{item.Id}.png' is truncated.", "Copy it again.");
        }

        var (s, p) = (index / options.Photographs, index % options.Photographs);
        var yaw = 20 * p * Math.PI / 180;
        var (sin, cos) = Math.SinCos(yaw);
        var jaw = new float[model.ExpressionCount];
        jaw[model.ExpressionIndex("jawOpen")] = p / 2f;
        var mesh = new Mesh(model.Template, model.Positions([s - 1.5f, 0.5f], jaw));
        return new DatasetSample
        {
            Id = item.Id,
            Subject = item.Subject,
            Photograph = new Image(64, 64, 3),
            Mesh = options.Unlabelled ? null : mesh,
            Camera = new PinholeCamera(200, 200, 32, 32, [cos, 0, -sin, 0, 1, 0, sin, 0, cos], new Vector3(0, 0, -900)),
            Expression = new Dictionary<string, float> { ["jawOpen"] = p / 2f },
            SkinTone = s % 2 == 0 ? "tan" : "light",
        };
    }
}
