using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// A face described by where its landmarks are and by what lies around them: a <see cref="LandmarkNetwork"/>'s points, its doubts and its coarsest map with places kept,
/// mixed by two layers. [N, 3, 128, 128] → [N, <see cref="Features"/>]. Means over a whole map, as residual networks have them, must first learn to say where
/// anything is; crops of faces are aligned, and landmarks known.
/// </summary>
public sealed class LandmarkFeatures : nn.Module<Tensor, Tensor>
{
    public const int Features = 512;

    // Landmarks differ from their mean by about a tenth of the crop.
    private const double PlaceUnit = 0.1;
    private const int GlanceChannels = 32;

    private readonly LandmarkNetwork landmarks;
    private readonly Conv2d glance;
    private readonly Linear first, second;

    public LandmarkFeatures()
        : base("landmark_features")
    {
        landmarks = new LandmarkNetwork();
        glance = nn.Conv2d(LandmarkNetwork.MapChannels, GlanceChannels, 1);
        first = nn.Linear((3 * Landmarks.Count) + (GlanceChannels * LandmarkNetwork.MapSide * LandmarkNetwork.MapSide), Features);
        second = nn.Linear(Features, Features);
        RegisterComponents();
    }

    /// <summary>The network below, which begins with the landmark stage's weights.</summary>
    public LandmarkNetwork Trunk => landmarks;

    /// <summary>What is above it.</summary>
    internal IReadOnlyList<nn.Module> Above => [glance, first, second];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (heat, logError, map) = landmarks.Look(input);
        var points = (HeatmapDecoder.Decode(heat) - 0.5) / PlaceUnit;
        var around = nn.functional.relu(glance.call(map)).contiguous().reshape(map.shape[0], -1);
        var x = nn.functional.relu(first.call(cat([points.reshape(map.shape[0], -1), logError, around], 1)));
        return (x + nn.functional.relu(second.call(x))).MoveToOuterDisposeScope();
    }
}
