using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>Which network looks at the picture.</summary>
public enum SceneBackbone
{
    /// <summary>The paper's.</summary>
    Resnet50,

    /// <summary>An eighth of its parameters and of its work at the same size, for processors without accelerator.</summary>
    Compact,

    /// <summary>A <see cref="DenseLandmarkNetwork"/> and two layers above it: knows where everything is. What it says is added to a <see cref="DenseLandmarkFit"/>.</summary>
    Landmarks,
}

/// <summary>
/// 𝓔 of 3.1: a network that looks and a linear head for each part of χ. Input [N, 3, S, S], sRGB values in [−1, 1], of the crop that
/// <see cref="FaceCrops"/> defines, S a multiple of 32 (at least 64; 128 for <see cref="SceneBackbone.Landmarks"/>, which sees more in more). Output [N, <see cref="SceneCode.Length"/>]: the raw code that <see cref="SceneCode"/> reads;
/// untrained it is nearly 0, which means the mean head.
/// </summary>
public sealed class SceneEncoder : nn.Module<Tensor, Tensor>
{
    // So small that a first prediction is the mean face, not so small that the network below gets no gradient.
    private const double HeadDeviation = 2e-3;

    private readonly ResNet? residual;
    private readonly DenseLandmarkNetwork? landmarks;
    private readonly LandmarkFeatures? mixed;
    private readonly Linear identity, expression, albedo, light, camera;

    /// <param name="points">How many dense landmarks <see cref="SceneBackbone.Landmarks"/> knows.</param>
    /// <param name="trunk">How large the network is that these stand on.</param>
    public SceneEncoder(SceneBackbone kind, SceneSizes sizes, int points = 256, LandmarkSize trunk = LandmarkSize.Small)
        : base("scene_encoder")
    {
        if (kind == SceneBackbone.Landmarks)
        {
            landmarks = new DenseLandmarkNetwork(points, trunk);
            mixed = new LandmarkFeatures(points, landmarks.Trunk.MapChannels);
        }
        else
        {
            residual = kind == SceneBackbone.Resnet50 ? ResNet.ResNet50() : ResNet.Compact();
        }

        var features = residual?.Features ?? LandmarkFeatures.Features;
        Linear Head(long outputs)
        {
            var head = nn.Linear(features, outputs);
            nn.init.normal_(head.weight, 0, HeadDeviation);
            nn.init.zeros_(head.bias!);
            return head;
        }

        (identity, expression, albedo) = (Head(sizes.Identity), Head(sizes.Expression), Head(sizes.Albedo));
        (light, camera) = (Head(SceneCode.LightLength), Head(SceneCode.CameraLength));
        RegisterComponents();
    }

    /// <summary>The encoder in pieces that may learn at rates of their own, by name; together all of it.</summary>
    public IReadOnlyDictionary<string, nn.Module> Pieces => landmarks is { } known
        ? new Dictionary<string, nn.Module>
        {
            ["encoder"] = new ModuleList<nn.Module>(mixed!, identity, expression, albedo, light, camera),
            ["landmarks"] = known.Trunk,
            ["dense"] = known.Above,
        }
        : new Dictionary<string, nn.Module> { ["encoder"] = this };

    /// <summary>The network that <see cref="SceneBackbone.Landmarks"/> stands on; null for others.</summary>
    public DenseLandmarkNetwork? Landmarks => landmarks;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Look(input).Code.MoveToOuterDisposeScope();
    }

    /// <summary>As a call, with the dense landmarks where the encoder has them.</summary>
    public (Tensor Code, DenseLandmarks? Landmarks) Look(Tensor input)
    {
        var found = landmarks?.call(input);
        using var scope = NewDisposeScope();
        var features = found is { } ? mixed!.call(found) : residual!.call(input);
        return (cat([identity.call(features), expression.call(features), albedo.call(features), light.call(features), camera.call(features)], 1).MoveToOuterDisposeScope(), found);
    }

    /// <summary>What the names of <see cref="DenseLandmarkNetwork.Trunk"/> begin with in a file of an encoder.</summary>
    /// <param name="within">What the encoder's begin with.</param>
    public static string TrunkIn(string within) => $"{within}{nameof(landmarks)}.trunk.";

    /// <summary>How large the trunk is that <see cref="LoadBackbone"/> would find; small in a file without one.</summary>
    public static LandmarkSize SizeOf(SafetensorsFile backbone) =>
        new[] { "trunk.", TrunkIn("encoder.") }.Any(within => LandmarkNetwork.SizeOf(backbone, within) == LandmarkSize.Large) ? LandmarkSize.Large : LandmarkSize.Small;

    /// <summary>Prepares for inference only, see <see cref="ResNet.Fold"/>.</summary>
    public void Fold()
    {
        eval();
        residual?.Fold();
    }

    /// <summary>
    /// Weights of the network below the heads: those of dense landmarks, alone or in a scene encoder's file, or by torchvision's names those of an ImageNet classifier converted to safetensors. What
    /// a file says of a classifier (<c>fc.…</c>) is left aside; every other name and shape must agree. A classifier's weights expect colours normalised by
    /// ImageNet's means; the batch norms learn that difference within some hundred steps.
    /// </summary>
    /// <exception cref="MoSarException">weights-mismatch.</exception>
    public void LoadBackbone(SafetensorsFile file)
    {
        var own = ((nn.Module?)landmarks ?? residual!).state_dict();
        var names = own.Keys.Where(k => !k.EndsWith("num_batches_tracked", StringComparison.Ordinal)).ToArray();
        const string Inside = "encoder.landmarks.";
        var prefix = landmarks is { } && names.All(n => file.Contains(Inside + n)) ? Inside : string.Empty;
        var wrong = names.Where(n => !file.Contains(prefix + n) || !file.Entry(prefix + n).Shape.SequenceEqual(own[n].shape)).ToArray();
        if (wrong.Length > 0)
        {
            throw file.Mismatch($"{file.Path}: {wrong.Length} of {names.Length} tensors of the {((nn.Module?)landmarks ?? residual!).GetName()} are missing or of another shape, '{wrong[0]}' among them");
        }

        using var frozen = no_grad();
        foreach (var name in names)
        {
            using var value = file.ToTensor(prefix + name);
            own[name].copy_(value);
        }
    }
}
