using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Tangent frames of texture coordinates as glTF defines them: the tangent points along +u, the bitangent is cross(normal, tangent)·w and points
/// along −v (up in the map, for v grows downwards), as normal maps with +Y up need it. Angle-weighted as MikkTSpace does for smooth normals.
/// </summary>
public static class MeshTangents
{
    /// <summary>One frame a texture coordinate (a vertex on a seam has several coordinates and so several frames).</summary>
    /// <param name="normals">V unit normals.</param>
    /// <param name="uvs">T texture coordinates.</param>
    /// <param name="triangleUvs">3 indices into uvs a triangle, parallel to triangles.</param>
    /// <returns>T tangents: xyz of unit length, orthogonal to the normal; w = ±1. Coordinates without area have an arbitrary one.</returns>
    public static Vector4[] PerUv(
        ReadOnlySpan<Vector3> positions, ReadOnlySpan<Vector3> normals, ReadOnlySpan<Vector2> uvs, ReadOnlySpan<int> triangles, ReadOnlySpan<int> triangleUvs)
    {
        TriangleList.Check(positions.Length, triangles);
        TriangleList.Check(uvs.Length, triangleUvs);
        var (sums, orientation, vertex) = (new Vector3[uvs.Length], new float[uvs.Length], new int[uvs.Length]);
        for (var t = 0; t < triangles.Length; t += 3)
        {
            var (p0, p1, p2) = (positions[triangles[t]], positions[triangles[t + 1]], positions[triangles[t + 2]]);
            var (t0, t1, t2) = (uvs[triangleUvs[t]], uvs[triangleUvs[t + 1]], uvs[triangleUvs[t + 2]]);
            var (d1, d2) = (t1 - t0, t2 - t0);
            var area = (d1.X * d2.Y) - (d1.Y * d2.X);
            var along = ((p1 - p0) * d2.Y) - ((p2 - p0) * d1.Y);
            for (var c = 0; c < 3; c++)
            {
                var (v, uv) = (triangles[t + c], triangleUvs[t + c]);
                vertex[uv] = v;
                if (area == 0)
                {
                    continue;
                }

                var n = normals[v];
                var tangent = Reject(along * MathF.Sign(area), n);
                var length = tangent.Length();
                if (length > 0)
                {
                    var (a, b) = (positions[triangles[t + ((c + 1) % 3)]] - positions[v], positions[triangles[t + ((c + 2) % 3)]] - positions[v]);
                    var angle = MathF.Atan2(Vector3.Cross(a, b).Length(), Vector3.Dot(a, b));
                    sums[uv] += tangent / length * angle;

                    // v grows downwards in the picture: a triangle that is counter-clockwise on the surface and not mirrored has negative area.
                    orientation[uv] -= MathF.Sign(area) * angle;
                }
            }
        }

        var result = new Vector4[uvs.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var n = normals[vertex[i]];
            var tangent = Reject(sums[i], n);
            tangent = tangent.Length() > 1e-12f ? Vector3.Normalize(tangent) : Vector3.Normalize(Reject(MathF.Abs(n.X) < 0.9f ? Vector3.UnitX : Vector3.UnitY, n));
            result[i] = new Vector4(tangent, orientation[i] < 0 ? -1 : 1);
        }

        return result;
    }

    /// <summary>The frames of a head with the given normals, one for each of the template's texture coordinates.</summary>
    public static Vector4[] Of(Mesh mesh, ReadOnlySpan<Vector3> normals) =>
        PerUv(mesh.Positions, normals, mesh.Template.Uvs, mesh.Template.Triangles, mesh.Template.TriangleUvs);

    private static Vector3 Reject(Vector3 v, Vector3 n) => v - (n * Vector3.Dot(n, v));
}
