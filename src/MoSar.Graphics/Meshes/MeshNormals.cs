using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Unit normals of vertices, outwards for counter-clockwise triangles.</summary>
public static class MeshNormals
{
    /// <summary>Weighted by the corner's angle: independent of how a surface is cut into triangles (Thürmer and Wüthrich 1998).</summary>
    /// <returns>V unit vectors; +Y for vertices without area.</returns>
    public static Vector3[] AngleWeighted(ReadOnlySpan<Vector3> positions, ReadOnlySpan<int> triangles) => Accumulate(positions, triangles, byAngle: true);

    /// <summary>Weighted by area: cheaper, and what a derivative with respect to positions prefers.</summary>
    public static Vector3[] AreaWeighted(ReadOnlySpan<Vector3> positions, ReadOnlySpan<int> triangles) => Accumulate(positions, triangles, byAngle: false);

    /// <summary>Angle-weighted normals of a head.</summary>
    public static Vector3[] Of(Mesh mesh) => AngleWeighted(mesh.Positions, mesh.Template.Triangles);

    private static Vector3[] Accumulate(ReadOnlySpan<Vector3> positions, ReadOnlySpan<int> triangles, bool byAngle)
    {
        TriangleList.Check(positions.Length, triangles);
        var normals = new Vector3[positions.Length];
        for (var t = 0; t < triangles.Length; t += 3)
        {
            var (i, j, k) = (triangles[t], triangles[t + 1], triangles[t + 2]);
            var (a, b, c) = (positions[i], positions[j], positions[k]);
            var normal = Vector3.Cross(b - a, c - a);
            if (!byAngle)
            {
                normals[i] += normal;
                normals[j] += normal;
                normals[k] += normal;
                continue;
            }

            var length = normal.Length();
            if (length > 0)
            {
                normal /= length;
                normals[i] += normal * Angle(b - a, c - a);
                normals[j] += normal * Angle(c - b, a - b);
                normals[k] += normal * Angle(a - c, b - c);
            }
        }

        for (var v = 0; v < normals.Length; v++)
        {
            var length = normals[v].Length();
            normals[v] = length > 0 ? normals[v] / length : Vector3.UnitY;
        }

        return normals;
    }

    // atan2 keeps its accuracy for slivers, where the arc cosine loses it.
    private static float Angle(Vector3 a, Vector3 b) => MathF.Atan2(Vector3.Cross(a, b).Length(), Vector3.Dot(a, b));
}
