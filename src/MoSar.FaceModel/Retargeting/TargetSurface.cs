using System.Numerics;
using MoSar.Faces.Building;
using MeshNormals = MoSar.Graphics.MeshNormals;

namespace MoSar.Faces.Retargeting;

/// <summary>The surface that a registration draws the template onto: the parts of a foreign mesh that carry landmarks.</summary>
internal sealed class TargetSurface
{
    private readonly int[] _triangles;
    private readonly SurfaceProbe _probe;
    private readonly Vector3[] _normals;
    private readonly byte[] _openEdges;

    /// <param name="isSkin">Which triangles take part.</param>
    public TargetSurface(Mesh mesh, bool[] isSkin)
    {
        _triangles = mesh.Template.Triangles;
        _probe = new SurfaceProbe(mesh.Positions, _triangles, t => isSkin[t]);
        _normals = MeshNormals.Of(mesh);
        _openEdges = OpenEdges(_triangles);
    }

    /// <summary>
    /// The closest point that faces the same way, unless it lies on an open border: what the mesh does not have, such as a neck, would all be drawn
    /// onto its last row (Amberg et al. 2007, section 4.2).
    /// </summary>
    /// <param name="near">A triangle to begin with, or −1; becomes the one that was found.</param>
    public bool TryClosest(Vector3 p, Vector3 normal, float within, ref int near, out Vector3 point, out Vector3 pointNormal)
    {
        (point, pointNormal) = (default, default);
        if (!_probe.TryClosest(p, normal, 0.5f, within, near, out var found, out _))
        {
            return false;
        }

        near = found.Triangle;
        if (IsOnBorder(found, _openEdges))
        {
            return false;
        }

        point = _probe.At(found);
        var t = _triangles.AsSpan(3 * found.Triangle, 3);
        var b = found.Barycentric;
        pointNormal = Vector3.Normalize((b.X * _normals[t[0]]) + (b.Y * _normals[t[1]]) + (b.Z * _normals[t[2]]));
        return true;
    }

    /// <summary>For each triangle a bit for each corner whose opposite edge has no other triangle.</summary>
    public static byte[] OpenEdges(int[] triangles)
    {
        var edges = new HashSet<(int, int)>(triangles.Length);
        for (var i = 0; i < triangles.Length; i++)
        {
            edges.Add((triangles[i], triangles[Next(i)]));
        }

        var open = new byte[triangles.Length / 3];
        for (var i = 0; i < triangles.Length; i++)
        {
            if (!edges.Contains((triangles[Next(i)], triangles[i])))
            {
                open[i / 3] |= (byte)(1 << ((i + 2) % 3));
            }
        }

        return open;

        static int Next(int i) => i % 3 == 2 ? i - 2 : i + 1;
    }

    public static bool IsOnBorder(SurfacePoint p, byte[] openEdges)
    {
        const float edge = 1e-4f;
        var open = openEdges[p.Triangle];
        return open != 0
            && ((p.Barycentric.X < edge && (open & 1) != 0) || (p.Barycentric.Y < edge && (open & 2) != 0) || (p.Barycentric.Z < edge && (open & 4) != 0));
    }
}
