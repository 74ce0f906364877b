using System.Numerics;

namespace MoSar.Learning.Networks;

/// <summary>Faces from the locator's grid: local peaks, largest first, without duplicates.</summary>
public static class LocatorDecoder
{
    /// <summary>Two crops whose centres are nearer than this part of the larger one's side show one face.</summary>
    private const float SameFace = 0.3f;

    /// <param name="output">6·G·G values of one picture, as <see cref="LocatorNetwork"/> gives them.</param>
    /// <param name="grid">G.</param>
    /// <param name="threshold">Lowest confidence in [0, 1].</param>
    /// <returns>Crops in parts of the input's side, with the confidence, the most confident first.</returns>
    public static IReadOnlyList<(FaceCrop Crop, float Confidence)> Decode(ReadOnlySpan<float> output, int grid, float threshold)
    {
        var cells = grid * grid;
        var found = new List<(FaceCrop Crop, float Confidence)>();
        for (var i = 0; i < cells; i++)
        {
            var confidence = 1 / (1 + MathF.Exp(-output[i]));
            if (confidence >= threshold && IsPeak(output, grid, i))
            {
                var centre = new Vector2((i % grid) + 0.5f + output[cells + i], (i / grid) + 0.5f + output[(2 * cells) + i]) / grid;
                var size = MathF.Exp(Math.Clamp(output[(3 * cells) + i], -3, 3)) * LocatorNetwork.UnitSize / (grid * LocatorNetwork.Stride);
                found.Add((new FaceCrop(centre, size, MathF.Atan2(output[(5 * cells) + i], output[(4 * cells) + i])), confidence));
            }
        }

        var kept = new List<(FaceCrop Crop, float Confidence)>();
        foreach (var f in found.OrderByDescending(f => f.Confidence))
        {
            if (kept.All(k => Vector2.Distance(k.Crop.Centre, f.Crop.Centre) > SameFace * MathF.Max(k.Crop.Size, f.Crop.Size)))
            {
                kept.Add(f);
            }
        }

        return kept;
    }

    private static bool IsPeak(ReadOnlySpan<float> logits, int grid, int i)
    {
        int x = i % grid, y = i / grid;
        for (var dy = -1; dy <= 1; dy++)
        {
            for (var dx = -1; dx <= 1; dx++)
            {
                int u = x + dx, v = y + dy;
                if ((uint)u < (uint)grid && (uint)v < (uint)grid && logits[(v * grid) + u] > logits[i])
                {
                    return false;
                }
            }
        }

        return true;
    }
}
