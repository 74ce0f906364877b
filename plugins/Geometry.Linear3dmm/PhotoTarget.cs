using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>The face's part of the photograph at the resolution of the comparison, sRGB-encoded: ℓ1 of encoded values weighs dark skin as
/// much as light skin, which ℓ1 of linear values does not.</summary>
internal sealed class PhotoTarget
{
    private PhotoTarget(Vector2 corner, float scale, int side, float[] planes) => (Corner, Scale, Side, Planes) = (corner, scale, side, planes);

    /// <summary>Top-left corner in input pixels.</summary>
    public Vector2 Corner { get; }

    /// <summary>Crop pixels per input pixel.</summary>
    public float Scale { get; }

    public int Side { get; }

    /// <summary>3 × side × side, sRGB-encoded.</summary>
    public float[] Planes { get; }

    /// <param name="photograph">The whole picture.</param>
    /// <param name="points">What must lie inside, input pixels.</param>
    /// <param name="side">Of the result, pixels.</param>
    public static PhotoTarget Take(Photograph photograph, IReadOnlyList<Vector2> points, int side)
    {
        var (low, high) = (points.Aggregate(Vector2.Min), points.Aggregate(Vector2.Max));
        var size = 1.06f * Math.Max(high.X - low.X, high.Y - low.Y);
        var crop = new FaceCrop((low + high) / 2, size, 0);
        var planes = new float[3 * side * side];
        CropSampler.WarpPlanar(photograph.Pixels, crop, side, planes);
        return new PhotoTarget(crop.Centre - new Vector2(size / 2), side / size, side, planes);
    }
}
