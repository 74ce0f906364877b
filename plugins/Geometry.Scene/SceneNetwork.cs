using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>What a training makes and an estimator needs, in one file of weights: 𝓔 and what makes a head of its α.</summary>
internal sealed class SceneNetwork : nn.Module
{
    private const string Schema = "mosar/scene/2";

    private readonly SceneEncoder encoder;
    private readonly ShapeDecoder shape;
    private readonly SceneBackbone kind;

    private SceneNetwork(SceneBackbone kind, ShapeDecoder shape, FaceModel model)
        : base("scene")
    {
        (this.kind, this.shape) = (kind, shape);
        encoder = new SceneEncoder(kind, new SceneSizes(shape.LatentCount, model.ExpressionCount, model.AlbedoCount));
        RegisterComponents();
    }

    public SceneEncoder Encoder => encoder;

    public ShapeDecoder Shape => shape;

    /// <summary>For a training: an encoder that knows nothing yet.</summary>
    /// <param name="shape">A file of `mosar train shapes`; null: the face model's own linear identity.</param>
    /// <exception cref="MoSarException">The file is missing, broken, or of another template or kind.</exception>
    public static SceneNetwork Begin(SceneBackbone kind, string? shape, FaceModel model)
    {
        if (shape is null)
        {
            using var scope = NewDisposeScope();
            return new SceneNetwork(kind, LinearOf(model), model);
        }

        var decoder = ShapeOf(shape, SafetensorsFile.Read(shape).Metadata, model);
        try
        {
            decoder.LoadWeights(shape);
        }
        catch
        {
            decoder.Dispose();
            throw;
        }

        return new SceneNetwork(kind, decoder, model);
    }

    /// <summary>As <see cref="Save"/> wrote it.</summary>
    /// <exception cref="MoSarException">The file is missing, broken, or of another template or kind.</exception>
    public static SceneNetwork Load(string path, FaceModel model)
    {
        var metadata = SafetensorsFile.Read(path).Metadata;
        if (!Enum.TryParse<SceneBackbone>(metadata.GetValueOrDefault("encoder"), ignoreCase: true, out var kind))
        {
            throw new MoSarException("weights-mismatch", $"{path} does not say which encoder it is of.", "Name a file that a training with learn.scene wrote.");
        }

        var network = new SceneNetwork(kind, ShapeOf(path, metadata, model), model);
        try
        {
            network.LoadWeights(path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public void Save(string path, FaceModel model, IReadOnlyDictionary<string, string> provenance)
    {
        using var scope = NewDisposeScope();
        Weights.SaveTensors(
            path,
            state_dict().Select(t => KeyValuePair.Create(t.Key, t.Key.StartsWith("shape.", StringComparison.Ordinal) ? ShapeDecoder.Stored(t.Value) : t.Value)),
            new Dictionary<string, string>(provenance.Concat(shape.Description))
            {
                ["schema"] = Schema,
                ["encoder"] = kind.ToString().ToLowerInvariant(),
                ["template"] = model.Template.Id,
            });
    }

    private static ShapeDecoder ShapeOf(string path, IReadOnlyDictionary<string, string> metadata, FaceModel model)
    {
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
