using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>What a training makes and an estimator needs, in one file of weights: 𝓔 and what makes a head of its α.</summary>
internal sealed class SceneNetwork : nn.Module
{
    private const string Schema = "mosar/scene/3";

    private readonly SceneEncoder encoder;
    private readonly ShapeDecoder shape;
    private readonly SceneBackbone kind;
    private readonly DenseLandmarkFit? fit;

    private SceneNetwork(SceneBackbone kind, LandmarkSize trunk, ShapeDecoder shape, FaceModel model)
        : base("scene")
    {
        (this.kind, this.shape) = (kind, shape);
        var sizes = new SceneSizes(shape.LatentCount, model.ExpressionCount, model.AlbedoCount);
        encoder = new SceneEncoder(kind, sizes, DensePoints.Count, trunk);
        if (encoder.Landmarks is { })
        {
            Points = DensePoints.Of(model.Template, model.Mean);
            fit = new DenseLandmarkFit(sizes, SceneStart.Of(model.Template, model.Mean), Points, model.Mean, model.ExpressionBasis);
        }

        RegisterComponents();
    }

    /// <summary>The vertices that are dense landmarks; empty where the encoder knows none.</summary>
    public IReadOnlyList<int> Points { get; } = [];

    public SceneEncoder Encoder => encoder;

    public ShapeDecoder Shape => shape;

    /// <summary>What 𝓔 says of crops: of an encoder with dense landmarks, what fits these best and what else it sees added to it.</summary>
    /// <param name="images">[B, 3, S, S], linear.</param>
    /// <param name="principal">[B, 2], pixels of the crops.</param>
    /// <returns>Numbers [B, ·] for <see cref="SceneDecoder.Decode"/>.</returns>
    public (Tensor Numbers, DenseLandmarks? Landmarks) Look(Tensor images, Tensor principal, SceneDecoder decoder)
    {
        using var scope = NewDisposeScope();
        var (code, found) = encoder.Look(CropInput.Encoded(images));
        using var exact = Precision.Full();
        var numbers = code.to(ScalarType.Float32);
        if (found is { } && fit is { })
        {
            // They are whole already, autocast or not; they outlive this call.
            foreach (var t in new[] { found.Points, found.LogError, found.Spread, found.Coarse })
            {
                t.MoveToOuterDisposeScope();
            }

            numbers = numbers + decoder.Numbers(fit.Run(found, principal / images.shape[3], shape));
        }

        return (numbers.MoveToOuterDisposeScope(), found);
    }

    /// <summary>For a training: an encoder that knows nothing yet.</summary>
    /// <param name="shape">A file of `mosar train shapes`, or of a training with learn.scene, of which it takes 𝓕 alone; null: the face model's own linear identity.</param>
    /// <param name="trunk">Of an encoder with dense landmarks.</param>
    /// <exception cref="MoSarException">The file is missing, broken, or of another template or kind.</exception>
    public static SceneNetwork Begin(SceneBackbone kind, LandmarkSize trunk, string? shape, FaceModel model)
    {
        if (shape is null)
        {
            using var scope = NewDisposeScope();
            return new SceneNetwork(kind, trunk, LinearOf(model), model);
        }

        var file = SafetensorsFile.Read(shape);
        var decoder = ShapeOf(file, model);
        try
        {
            decoder.LoadWeights(file, file.Metadata.GetValueOrDefault("schema") == Schema ? $"{nameof(shape)}." : string.Empty);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }

        return new SceneNetwork(kind, trunk, decoder, model);
    }

    /// <summary>As <see cref="Save"/> wrote it.</summary>
    /// <returns>With the side of the crops that it learned from, pixels.</returns>
    /// <exception cref="MoSarException">The file is missing, broken, or of another template or kind.</exception>
    public static (SceneNetwork Network, int Side) Load(string path, FaceModel model)
    {
        var file = SafetensorsFile.Read(path);
        var metadata = file.Metadata;
        if (metadata.GetValueOrDefault("schema") != Schema || !Enum.TryParse<SceneBackbone>(metadata.GetValueOrDefault("encoder"), ignoreCase: true, out var kind))
        {
            throw new MoSarException("weights-mismatch", $"{path} holds no scene encoder of this version.", "Name a file that a training with learn.scene of this version wrote.");
        }

        var network = new SceneNetwork(kind, LandmarkNetwork.SizeOf(file, SceneEncoder.TrunkIn("encoder.")), ShapeOf(file, model), model);
        try
        {
            network.LoadWeights(file);
            return (network, int.Parse(metadata["side"], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <param name="side">Of the crops that it learned from, pixels.</param>
    public void Save(string path, FaceModel model, int side, IReadOnlyDictionary<string, string> provenance)
    {
        this.SaveCompact(
            path,
            new Dictionary<string, string>(provenance.Concat(shape.Description))
            {
                ["schema"] = Schema,
                ["encoder"] = kind.ToString().ToLowerInvariant(),
                ["template"] = model.Template.Id,
                ["side"] = side.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            fit?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ShapeDecoder ShapeOf(SafetensorsFile file, FaceModel model)
    {
        var (path, metadata) = (file.Path, file.Metadata);
        if (metadata.TryGetValue("template", out var template) && template != model.Template.Id)
        {
            throw new MoSarException("weights-mismatch", $"{path} was trained on the template {template}; the face model has {model.Template.Id}.", "Train it again on this model, or name the model that it was trained on.");
        }

        return ShapeDecoder.From(metadata, model.Mean.Length, () => model.RequireLevels().Levels)
            ?? throw new MoSarException("weights-mismatch", $"{path} does not say how it makes a head.", "Name a file that `mosar train shapes` or a training with learn.scene wrote.");
    }

    internal static LinearShape LinearOf(FaceModel model) => new(
        tensor(MemoryMarshal.Cast<Vector3, float>(model.Mean.AsSpan()).ToArray(), [model.Mean.Length, 3]), tensor(model.Identity, [model.IdentityCount, 3L * model.Mean.Length]));
}
