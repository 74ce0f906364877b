using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// How the atlas lies on a head: for each texture coordinate the surface's change ∂P/∂u and ∂P/∂v, in millimetres over the whole atlas,
/// averaged over the triangles that share it (by area in the atlas), so that it varies smoothly over each chart. One texel of an R² map is 1/R of that.
/// </summary>
/// <param name="AlongU">T vectors ∂P/∂u, head space.</param>
/// <param name="AlongV">T vectors ∂P/∂v, head space (v grows downwards in the map).</param>
internal sealed record TexelFrames(Vector3[] AlongU, Vector3[] AlongV)
{
    public static TexelFrames Make(Mesh mesh)
    {
        var t = mesh.Template;
        var (alongU, alongV, weights) = (new Vector3[t.Uvs.Length], new Vector3[t.Uvs.Length], new float[t.Uvs.Length]);
        for (var k = 0; k < t.Triangles.Length; k += 3)
        {
            var (p0, p1, p2) = (mesh.Positions[t.Triangles[k]], mesh.Positions[t.Triangles[k + 1]], mesh.Positions[t.Triangles[k + 2]]);
            var (uv0, uv1, uv2) = (t.Uvs[t.TriangleUvs[k]], t.Uvs[t.TriangleUvs[k + 1]], t.Uvs[t.TriangleUvs[k + 2]]);
            var (d1, d2) = (uv1 - uv0, uv2 - uv0);
            var area = (d1.X * d2.Y) - (d1.Y * d2.X);
            if (MathF.Abs(area) < 1e-14f)
            {
                continue;
            }

            var weight = MathF.Abs(area);
            var u = (((p1 - p0) * d2.Y) - ((p2 - p0) * d1.Y)) / area;
            var v = (((p2 - p0) * d1.X) - ((p1 - p0) * d2.X)) / area;
            for (var c = 0; c < 3; c++)
            {
                var i = t.TriangleUvs[k + c];
                alongU[i] += weight * u;
                alongV[i] += weight * v;
                weights[i] += weight;
            }
        }

        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                alongU[i] /= weights[i];
                alongV[i] /= weights[i];
            }
        }

        return new TexelFrames(alongU, alongV);
    }

    /// <summary>The two vectors at a point of a triangle, still over the whole atlas.</summary>
    public (Vector3 AlongU, Vector3 AlongV) At(FaceTemplate template, int triangle, Vector3 barycentric)
    {
        var (i, j, k) = (template.TriangleUvs[3 * triangle], template.TriangleUvs[(3 * triangle) + 1], template.TriangleUvs[(3 * triangle) + 2]);
        return (
            (AlongU[i] * barycentric.X) + (AlongU[j] * barycentric.Y) + (AlongU[k] * barycentric.Z),
            (AlongV[i] * barycentric.X) + (AlongV[j] * barycentric.Y) + (AlongV[k] * barycentric.Z));
    }
}
