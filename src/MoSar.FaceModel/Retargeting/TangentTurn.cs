using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Expresses tangent-space normals in another atlas's frames. What the map says beyond its own surface's normal is kept: the two surfaces' normals, which
/// differ by what registration leaves, are turned onto each other first, by the least turn.
/// </summary>
internal sealed class TangentTurn(Mesh to, Mesh from)
{
    private readonly Frames _to = new(to);
    private readonly Frames _from = new(from);

    /// <param name="normal">3 values, in place.</param>
    public void Turn(Span<float> normal, int fromTriangle, Vector3 fromBarycentric, int toTriangle, Vector3 toBarycentric)
    {
        var (t, b, n) = _from.At(fromTriangle, fromBarycentric);
        var (tangent, bitangent, toNormal) = _to.At(toTriangle, toBarycentric);
        var v = (normal[0] * t) + (normal[1] * b) + (normal[2] * n);
        var half = n + toNormal;
        v += (2 * Vector3.Dot(n, v) * toNormal) - (half * (Vector3.Dot(half, v) / MathF.Max(1e-6f, 1 + Vector3.Dot(n, toNormal))));
        var result = new Vector3(Vector3.Dot(tangent, v), Vector3.Dot(bitangent, v), Vector3.Dot(toNormal, v));
        (result.LengthSquared() > 1e-12f ? Vector3.Normalize(result) : Vector3.UnitZ).CopyTo(normal);
    }

    private sealed class Frames
    {
        private readonly FaceTemplate _template;
        private readonly Vector3[] _normals;
        private readonly Vector4[] _tangents;

        public Frames(Mesh mesh)
        {
            _template = mesh.Template;
            _normals = MeshNormals.Of(mesh);
            _tangents = MeshTangents.Of(mesh, _normals);
        }

        public (Vector3 Tangent, Vector3 Bitangent, Vector3 Normal) At(int triangle, Vector3 b)
        {
            var v = _template.Triangles.AsSpan(3 * triangle, 3);
            var t = _template.TriangleUvs.AsSpan(3 * triangle, 3);
            var normal = Vector3.Normalize((b.X * _normals[v[0]]) + (b.Y * _normals[v[1]]) + (b.Z * _normals[v[2]]));
            var along = ((b.X * _tangents[t[0]]) + (b.Y * _tangents[t[1]]) + (b.Z * _tangents[t[2]])).AsVector3();
            var tangent = Vector3.Normalize(along - (normal * Vector3.Dot(normal, along)));
            return (tangent, Vector3.Cross(normal, tangent) * _tangents[t[0]].W, normal);
        }
    }
}
