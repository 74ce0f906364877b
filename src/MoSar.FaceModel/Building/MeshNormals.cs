using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>Area-weighted vertex normals.</summary>
internal static class MeshNormals
{
    public static Vector3[] Of(ReadOnlySpan<Vector3> positions, ReadOnlySpan<int> triangles)
    {
        var normals = new Vector3[positions.Length];
        for (var t = 0; t < triangles.Length; t += 3)
        {
            int a = triangles[t], b = triangles[t + 1], c = triangles[t + 2];
            var n = Vector3.Cross(positions[b] - positions[a], positions[c] - positions[a]);
            normals[a] += n;
            normals[b] += n;
            normals[c] += n;
        }

        foreach (ref var n in normals.AsSpan())
        {
            var length = n.Length();
            n = length > 0 ? n / length : Vector3.UnitZ;
        }

        return normals;
    }
}
