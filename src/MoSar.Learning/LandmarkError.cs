using System.Numerics;

namespace MoSar.Learning;

/// <summary>The error measure of every landmark report: distances over <see cref="TemPoints.Evaluated"/>, in percent of the distance
/// between the hand-placed outer eye corners.</summary>
public static class LandmarkError
{
    /// <summary>The error of each of the 49 evaluated points, percent, parallel to <see cref="TemPoints.Evaluated"/>.</summary>
    /// <param name="predicted">68 Multi-PIE points, input pixels.</param>
    /// <param name="truth">Points of the 189-point template of the same picture.</param>
    /// <exception cref="ArgumentException">Not 68 points.</exception>
    public static float[] PerPoint(IReadOnlyList<Vector2> predicted, TemPoints truth)
    {
        if (predicted.Count != Landmarks.Count)
        {
            throw new ArgumentException($"Expected {Landmarks.Count} points, got {predicted.Count}.", nameof(predicted));
        }

        var wanted = truth.ToMultiPie();
        var unit = truth.OuterEyeDistance;
        return [.. TemPoints.Evaluated.Select(i => 100 * Vector2.Distance(predicted[i], wanted[i]) / unit)];
    }

    /// <summary>The mean of <see cref="PerPoint"/>.</summary>
    public static float Mean(IReadOnlyList<Vector2> predicted, TemPoints truth) => PerPoint(predicted, truth).Average();
}
