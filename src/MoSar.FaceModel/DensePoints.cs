using System.Numerics;

namespace MoSar.Faces;

/// <summary>The vertices that serve as dense landmarks: spread evenly over the skin of the face, the same for every use of a template.</summary>
public static class DensePoints
{
    /// <summary>How many the shipped networks know.</summary>
    public const int Count = 256;

    private const float InFace = 0.5f;

    /// <summary>Farthest-point sampling of the region <c>face</c> on the mean head, from the vertex with the lowest index on.</summary>
    /// <param name="mean">V positions, mm.</param>
    /// <returns><paramref name="count"/> vertices.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The face has fewer vertices.</exception>
    public static int[] Of(FaceTemplate template, ReadOnlySpan<Vector3> mean, int count = Count)
    {
        var face = template.Regions["face"];
        int[] candidates = [.. Enumerable.Range(0, template.VertexCount).Where(v => face[v] >= InFace)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, candidates.Length);
        var nearest = new float[candidates.Length];
        Array.Fill(nearest, float.PositiveInfinity);
        var result = new int[count];
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            result[i] = candidates[next];
            var at = mean[result[i]];
            var farthest = -1f;
            for (var c = 0; c < candidates.Length; c++)
            {
                nearest[c] = Math.Min(nearest[c], Vector3.DistanceSquared(mean[candidates[c]], at));
                if (nearest[c] > farthest)
                {
                    (farthest, next) = (nearest[c], c);
                }
            }
        }

        return result;
    }

    /// <summary>Where such points are seen.</summary>
    /// <param name="positions">V positions of a head, mm.</param>
    /// <param name="side">Of the square crop that the camera belongs to, pixels.</param>
    /// <returns>x, y, z each, parts of the side: z towards the camera from the mean depth of all, at the scale that x and y have there.</returns>
    public static float[] Project(ReadOnlySpan<int> points, ReadOnlySpan<Vector3> positions, PinholeCamera camera, int side)
    {
        var mean = 0.0;
        foreach (var v in points)
        {
            mean += camera.ToCamera(positions[v]).Z / (double)points.Length;
        }

        var scale = camera.Fx / -mean;
        var result = new float[3 * points.Length];
        for (var i = 0; i < points.Length; i++)
        {
            var p = positions[points[i]];
            var at = camera.Project(p);
            (result[3 * i], result[(3 * i) + 1], result[(3 * i) + 2]) = (at.X / side, at.Y / side, (float)(scale * (camera.ToCamera(p).Z - mean) / side));
        }

        return result;
    }
}
