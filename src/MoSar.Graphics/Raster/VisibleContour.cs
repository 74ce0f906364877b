using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Which of a template's jaw candidates lie on the visible contour of the face in a picture.</summary>
public static class VisibleContour
{
    /// <summary>For each of the 17 jaw points, the candidate that lies farthest out, across the jaw line, from the face.</summary>
    /// <param name="pixels">All candidates' projections, grouped by jaw point.</param>
    /// <param name="start">18 offsets: candidates of jaw point i are start[i] … start[i + 1] − 1.</param>
    /// <param name="chosen">17 indices within their groups, out.</param>
    public static void Choose(ReadOnlySpan<Vector2> pixels, ReadOnlySpan<int> start, Span<int> chosen)
    {
        Span<Vector2> middle = stackalloc Vector2[chosen.Length];
        for (var i = 0; i < middle.Length; i++)
        {
            var sum = Vector2.Zero;
            foreach (var pixel in pixels[start[i]..start[i + 1]])
            {
                sum += pixel;
            }

            middle[i] = sum / (start[i + 1] - start[i]);
        }

        // The inside of the jaw's arc: half way between its ends and the chin.
        var inside = (((middle[0] + middle[^1]) / 2) + middle[chosen.Length / 2]) / 2;
        for (var i = 0; i < chosen.Length; i++)
        {
            var along = middle[Math.Min(i + 1, chosen.Length - 1)] - middle[Math.Max(i - 1, 0)];
            var outward = new Vector2(-along.Y, along.X);
            if (Vector2.Dot(outward, middle[i] - inside) < 0)
            {
                outward = -outward;
            }

            var best = float.NegativeInfinity;
            for (var c = start[i]; c < start[i + 1]; c++)
            {
                var reach = Vector2.Dot(outward, pixels[c]);
                if (reach > best)
                {
                    (best, chosen[i]) = (reach, c - start[i]);
                }
            }
        }
    }

    /// <summary>The place of a polyline nearest to a point.</summary>
    /// <returns>It lies between corners Segment and Segment + 1, the fraction T of the way.</returns>
    public static (int Segment, float T) Nearest(ReadOnlySpan<Vector2> polyline, Vector2 point)
    {
        var best = (Segment: 0, T: 0f, Distance: float.PositiveInfinity);
        for (var i = 0; i + 1 < polyline.Length; i++)
        {
            var along = polyline[i + 1] - polyline[i];
            var t = Math.Clamp(Vector2.Dot(point - polyline[i], along) / Math.Max(along.LengthSquared(), 1e-6f), 0, 1);
            var distance = Vector2.DistanceSquared(polyline[i] + (t * along), point);
            if (distance < best.Distance)
            {
                best = (i, t, distance);
            }
        }

        return (best.Segment, best.T);
    }
}
