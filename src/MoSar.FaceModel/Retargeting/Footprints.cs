using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>How far the source texture moves on over one texel of the destination: from surface derivatives of both, so exact at seams, too.</summary>
internal sealed class Footprints
{
    private readonly (Vector3 Right, Vector3 Down)[] _steps;
    private readonly (Vector3 U, Vector3 V)[] _gradients;

    /// <param name="sourceSize">Texels of the source along each side.</param>
    public Footprints(Mesh to, Mesh from, AtlasRaster raster, int sourceSize)
    {
        _steps = raster.Derivatives(to.Positions);
        var t = from.Template;
        _gradients = new (Vector3, Vector3)[t.Triangles.Length / 3];
        for (var k = 0; k < _gradients.Length; k++)
        {
            var p = from.Positions[t.Triangles[3 * k]];
            var (e1, e2) = (from.Positions[t.Triangles[(3 * k) + 1]] - p, from.Positions[t.Triangles[(3 * k) + 2]] - p);
            var uv = t.Uvs[t.TriangleUvs[3 * k]];
            var (d1, d2) = ((t.Uvs[t.TriangleUvs[(3 * k) + 1]] - uv) * sourceSize, (t.Uvs[t.TriangleUvs[(3 * k) + 2]] - uv) * sourceSize);
            var (a, b, c) = (e1.LengthSquared(), Vector3.Dot(e1, e2), e2.LengthSquared());
            var area = (a * c) - (b * b);
            if (area > 1e-12f)
            {
                // The basis dual to the edges, in the triangle's plane.
                var (f1, f2) = (((c * e1) - (b * e2)) / area, ((a * e2) - (b * e1)) / area);
                _gradients[k] = ((d1.X * f1) + (d2.X * f2), (d1.Y * f1) + (d2.Y * f2));
            }
        }
    }

    /// <returns>In texels of the source: for one texel to the right and one down.</returns>
    public (Vector2 Right, Vector2 Down) At(int toTriangle, int fromTriangle)
    {
        var (right, down) = _steps[toTriangle];
        var (u, v) = _gradients[fromTriangle];
        return (new Vector2(Vector3.Dot(u, right), Vector3.Dot(v, right)), new Vector2(Vector3.Dot(u, down), Vector3.Dot(v, down)));
    }
}
