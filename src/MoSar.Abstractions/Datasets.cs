using System.Numerics;

namespace MoSar;

/// <summary>
/// A collection of training or test data in some layout on the disk. Making one costs a listing of files: nothing is decoded until
/// an item is loaded. Immutable and safe to call from many threads.
/// </summary>
/// <remarks>The constructor throws <see cref="MoSarException"/> when the folder is missing, empty or laid out otherwise, saying what was looked for and where.</remarks>
public interface IDatasetSource
{
    /// <summary>Every item, in an order that depends on nothing but the files' names.</summary>
    IReadOnlyList<DatasetItem> Items { get; }

    /// <summary>The topology of the meshes that samples carry; null when they carry none.</summary>
    FaceTemplate? Template => null;

    /// <summary>Decodes one item at the size at which it is stored. The same files give the same sample.</summary>
    /// <param name="index">Into <see cref="Items"/>.</param>
    /// <param name="cancellation">Checked at least between files.</param>
    /// <exception cref="MoSarException">A file of the item is missing or broken; the message names it.</exception>
    DatasetSample Load(int index, CancellationToken cancellation);
}

/// <summary>What is known of an item without decoding it.</summary>
/// <param name="Id">Unique within its source, made of its path below the source's folder: <c>s00012/wild_003</c>.</param>
/// <param name="Subject">The person. Splits are by subject; sources that show the same person should give the same text.</param>
/// <param name="Files">Absolute paths of everything that loading reads; their content decides the sample.</param>
/// <param name="Labels">Whatever else decides the sample, such as this item's entry of a file that holds the labels of all; part of the cache's key.</param>
public sealed record DatasetItem(string Id, string Subject, IReadOnlyList<string> Files, string Labels = "");

/// <summary>Which share of the subjects an item belongs to.</summary>
public enum DatasetSplit
{
    Train,
    Validation,
    Test,
}

/// <summary>
/// One item, decoded. Everything but the id and the subject may be absent: a photograph in the wild has no labels, a texture data set
/// no photograph. Whatever is in pixels refers to <see cref="Photograph"/>, and a sample's pictures that share its pixels have its size.
/// </summary>
public sealed record DatasetSample
{
    public required string Id { get; init; }

    public required string Subject { get; init; }

    /// <summary>H×W×3 linear Rec.709.</summary>
    public Image? Photograph { get; init; }

    /// <summary>68 points in Multi-PIE order, pixels of the photograph; sides are the image's.</summary>
    public SampleLandmarks? Landmarks { get; init; }

    /// <summary>Maps head space to pixels of the photograph.</summary>
    public PinholeCamera? Camera { get; init; }

    /// <summary>The head that the photograph shows, with its expression where it has one; millimetres.</summary>
    public Mesh? Mesh { get; init; }

    /// <summary>Textures and maps of the subject, square.</summary>
    public MapSet Maps { get; init; } = MapSet.Empty;

    /// <summary>The atlas that <see cref="Maps"/> are laid out in: a <see cref="FaceTemplate.Id"/>, or <c>hifi3d</c> for FFHQ-UV's.</summary>
    public string? Atlas { get; init; }

    /// <summary>H×W×3 in [0, 1]: red the head's coverage, green what occludes it (glasses, hair, hands), blue visible skin.</summary>
    public Image? Mask { get; init; }

    /// <summary>Exact labels of the photograph's pixels.</summary>
    public PixelLabels? Labels { get; init; }

    public SampleLight? Light { get; init; }

    /// <summary>Parameters of the shape, α; null when unknown, and after a flip, because the mirrored head has others.</summary>
    public IReadOnlyList<float>? Identity { get; init; }

    /// <summary>δ by ARKit's names; a name that is absent is 0. Null when unknown.</summary>
    public IReadOnlyDictionary<string, float>? Expression { get; init; }

    /// <summary>The class of the subject's skin tone by individual typology angle (Chardon): very light, light, intermediate, tan, brown, dark; null when unknown.</summary>
    public string? SkinTone { get; init; }

    /// <summary>The head without its expression: V of V̂ = V + Σ δ_i E_i (3.1); null without mesh.</summary>
    /// <exception cref="MoSarException"><c>data-expression</c>: the template has no such blendshape.</exception>
    public Mesh? Neutral()
    {
        if (Mesh is null || Expression is null || Expression.Values.All(w => w == 0))
        {
            return Mesh;
        }

        var positions = (Vector3[])Mesh.Positions.Clone();
        foreach (var (name, weight) in Expression)
        {
            var shape = Mesh.Template.Expressions.FirstOrDefault(e => e.Name == name)
                ?? throw new MoSarException("data-expression", $"'{Id}' has the expression '{name}', which the template {Mesh.Template.Id} does not.", "Make the data again.");
            for (var v = 0; v < positions.Length && weight != 0; v++)
            {
                positions[v] -= weight * shape.Offsets[v];
            }
        }

        return Mesh with { Positions = positions };
    }
}

/// <param name="Points">68 positions, continuous pixel coordinates; may lie outside the picture.</param>
/// <param name="Visible">68: neither hidden by the head itself nor by an occluder.</param>
public sealed record SampleLandmarks(IReadOnlyList<Vector2> Points, IReadOnlyList<bool> Visible);

/// <summary>What a renderer knows of each pixel; all H×W×3, 0 where there is no head.</summary>
/// <param name="Position">Head space, millimetres.</param>
/// <param name="Normal">Head space, unit vectors.</param>
/// <param name="Uv">u, v in the template's atlas, origin top left; the third channel is 0.</param>
public sealed record PixelLabels(Image? Position, Image? Normal, Image? Uv);

/// <param name="Harmonics">Incident light in head space, where known.</param>
/// <param name="Environment">The environment that the picture was rendered under, where known.</param>
/// <param name="Panorama">H×2H×3 linear, equirectangular: of samples that are environments themselves.</param>
public sealed record SampleLight(ShLight? Harmonics = null, EnvironmentReference? Environment = null, Image? Panorama = null);

/// <param name="Name">The environment's file or name.</param>
/// <param name="Yaw">Radians that it was turned about +Y.</param>
/// <param name="Exposure">Factor on its radiance.</param>
/// <param name="IsMirrored">Mirrored (x → −x) before it was turned.</param>
public sealed record EnvironmentReference(string Name, float Yaw, float Exposure, bool IsMirrored = false);
