using System.Numerics;
using MoSar.Learning;

namespace MoSar.Training.Synthetic;

/// <summary>
/// A head on a transparent ground, <see cref="Side"/>² pixels, its face crop (<see cref="FaceCrops"/>) in the middle and upright.
/// </summary>
/// <param name="Rgba">sRGB bytes, not premultiplied, row 0 at the top.</param>
/// <param name="Points">68 positions in pixels of the cut-out.</param>
/// <param name="Crop">The face's crop in pixels of the cut-out, with its roll.</param>
public sealed record Cutout(byte[] Rgba, Vector2[] Points, FaceCrop Crop)
{
    public const int Side = 208;

    /// <summary>Side of the cut-out over the side of its face crop.</summary>
    public const float Margin = 1.6f;
}
