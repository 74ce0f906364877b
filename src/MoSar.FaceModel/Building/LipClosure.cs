using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// The source's neutral lips stand a fraction of a millimetre apart, which shows as a bright slit. Opposite vertices of the loop where the
/// lips meet are brought together, and the loops beside it follow with falling weight.
/// </summary>
internal static class LipClosure
{
    private const int Reach = 5;

    /// <summary>Millimetres left between the lips, so that they do not share a place.</summary>
    private const float Gap = 0.05f;

    public static Vector3[] Offsets(HeadBlocks blocks, Vector3[] positions)
    {
        var offsets = new Vector3[positions.Length];
        var contact = blocks.LipContact;
        for (var s = 0; s < contact.Length; s++)
        {
            var across = positions[contact[contact.Length - 1 - s]] - positions[contact[s]];
            var distance = across.Length();
            if (distance <= Gap)
            {
                continue;
            }

            var move = across * ((1 - (Gap / distance)) / 2);
            for (var r = 1; r <= blocks.MouthLoops.Length; r++)
            {
                var t = Math.Max(0, 1 - (MathF.Abs(r - HeadBlocks.LipContactRing) / Reach));
                offsets[blocks.MouthLoops[r - 1][s]] = move * t * t * (3 - (2 * t));
            }
        }

        return offsets;
    }
}
