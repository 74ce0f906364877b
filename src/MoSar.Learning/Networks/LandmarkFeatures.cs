using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// A face described by where its dense landmarks are and by what lies around them: points, doubts and the coarsest map with places kept, mixed by two layers, [N, 3, 128, 128] →
/// [N, <see cref="Features"/>]. Means over a whole map, as residual networks have them, must first learn to say where anything is; crops of faces are aligned, and landmarks known.
/// </summary>
internal sealed class LandmarkFeatures : nn.Module<DenseLandmarks, Tensor>
{
    public const int Features = 512;

    // Landmarks differ from their mean by about a tenth of the crop, doubts by about one in logarithms.
    private const double PlaceUnit = 0.1, DoubtMean = -4;
    private const int GlanceChannels = 32;

    private readonly Conv2d glance;
    private readonly Linear first, second;

    /// <param name="points">K.</param>
    /// <param name="mapChannels">Of the coarsest map.</param>
    public LandmarkFeatures(int points, int mapChannels)
        : base("landmark_features")
    {
        glance = nn.Conv2d(mapChannels, GlanceChannels, 1);
        first = nn.Linear((5 * points) + (GlanceChannels * LandmarkNetwork.MapSide * LandmarkNetwork.MapSide), Features);
        second = nn.Linear(Features, Features);
        RegisterComponents();
    }

    public override Tensor forward(DenseLandmarks found)
    {
        using var scope = NewDisposeScope();
        var rows = found.Points.shape[0];
        var places = (found.Points - tensor(new[] { 0.5f, 0.5f, 0 })) / PlaceUnit;
        var around = nn.functional.relu(glance.call(found.Coarse)).contiguous().reshape(rows, -1);
        var x = nn.functional.relu(first.call(cat([places.reshape(rows, -1), (found.LogError - DoubtMean).reshape(rows, -1), around], 1)));
        return (x + nn.functional.relu(second.call(x))).MoveToOuterDisposeScope();
    }
}
