using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Candidates for the visible contour point of every jaw landmark: the line through it across the jaw's edge, to both sides. Farther than
/// 2 cm the neck captures the contour (measured in findings.md), so the line ends there.
/// </summary>
internal static class JawContour
{
    private const int Candidates = 13;
    private const float Reach = 18;

    /// <param name="probe">Skin without the ears.</param>
    public static SurfacePoint[][] Sample(SurfaceProbe probe, Vector3[] landmarks, Func<SurfacePoint, Vector3> normalAt)
    {
        var lines = new SurfacePoint[17][];
        for (var j = 0; j < 17; j++)
        {
            var centre = landmarks[j];
            var along = Vector3.Normalize(landmarks[Math.Min(j + 1, 16)] - landmarks[Math.Max(j - 1, 0)]);
            var (foot, _) = probe.Closest(centre);
            var line = new List<SurfacePoint> { foot };
            foreach (var sign in (ReadOnlySpan<int>)[-1, 1])
            {
                var here = foot;
                for (var s = 0; s < Candidates / 2; s++)
                {
                    // Walk on the surface: step across the jaw in the tangent plane, then fall back onto the skin.
                    var across = Vector3.Normalize(Vector3.Cross(normalAt(here), along));
                    var (next, _) = probe.Closest(probe.At(here) + (sign * Reach / (Candidates / 2) * across));
                    here = next;
                    if (sign < 0)
                    {
                        line.Insert(0, here);
                    }
                    else
                    {
                        line.Add(here);
                    }
                }
            }

            lines[j] = [.. line];
        }

        return lines;
    }
}
