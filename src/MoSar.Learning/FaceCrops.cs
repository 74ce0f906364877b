using System.Numerics;

namespace MoSar.Learning;

/// <summary>The one definition of the crop that belongs to a face: detectors are trained to give it, the landmark network to receive it.</summary>
public static class FaceCrops
{
    /// <summary>Where the centre lies on the way from the brows' middle to the chin: near the nose bridge.</summary>
    private const float CentreAlong = 0.35f;

    /// <summary>
    /// The crop of 68 points: centred near the nose bridge, side twice the distance from the brows' middle to the chin, upright along
    /// that line (which turns least with the head's yaw).
    /// </summary>
    /// <param name="points">68 Multi-PIE points, pixels.</param>
    public static FaceCrop FromLandmarks(IReadOnlyList<Vector2> points)
    {
        // Three points each side: single brow ends and the chin's tip are the least certain of all.
        var brows = (points[19] + points[20] + points[21] + points[22] + points[23] + points[24]) / 6;
        var chin = (points[7] + points[8] + points[9]) / 3;
        return FromBrowsAndChin(brows, chin);
    }

    /// <summary>The same from the two ends of the line, for pictures whose jaw has other points.</summary>
    public static FaceCrop FromBrowsAndChin(Vector2 brows, Vector2 chin)
    {
        var down = chin - brows;
        return new FaceCrop(Vector2.Lerp(brows, chin, CentreAlong), 2 * down.Length(), MathF.Atan2(-down.X, down.Y));
    }
}
