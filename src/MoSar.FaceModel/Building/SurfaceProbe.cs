using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>Closest points on a chosen set of triangles, by a bounding-box hierarchy over them.</summary>
internal sealed class SurfaceProbe
{
    private readonly Vector3[] _positions;
    private readonly int[] _triangles;
    private readonly int[] _order;
    private readonly List<(Vector3 Low, Vector3 High, int From, int To, int Left)> _nodes = [];

    /// <param name="use">Which triangles take part.</param>
    public SurfaceProbe(Vector3[] positions, int[] triangles, Func<int, bool> use)
    {
        (_positions, _triangles) = (positions, triangles);
        _order = [.. Enumerable.Range(0, triangles.Length / 3).Where(use)];
        if (_order.Length > 0)
        {
            Grow(0, _order.Length);
        }
    }

    public Vector3 At(SurfacePoint p) =>
        (p.Barycentric.X * Corner(p.Triangle, 0)) + (p.Barycentric.Y * Corner(p.Triangle, 1)) + (p.Barycentric.Z * Corner(p.Triangle, 2));

    /// <summary>The closest point and its distance.</summary>
    public (SurfacePoint Point, float Distance) Closest(Vector3 p)
    {
        var best = (Point: default(SurfacePoint), Distance: float.MaxValue);
        var stack = new Stack<int>([0]);
        while (stack.TryPop(out var n))
        {
            var node = _nodes[n];
            if (Vector3.DistanceSquared(Vector3.Clamp(p, node.Low, node.High), p) >= best.Distance)
            {
                continue;
            }

            if (node.Left >= 0)
            {
                stack.Push(node.Left);
                stack.Push(n + 1);
                continue;
            }

            for (var i = node.From; i < node.To; i++)
            {
                var t = _order[i];
                var b = ClosestOnTriangle(p, Corner(t, 0), Corner(t, 1), Corner(t, 2));
                var candidate = new SurfacePoint(t, b);
                var d = Vector3.DistanceSquared(At(candidate), p);
                if (d < best.Distance)
                {
                    best = (candidate, d);
                }
            }
        }

        return (best.Point, MathF.Sqrt(best.Distance));
    }

    /// <summary>Barycentric weights of the closest point of a triangle (Ericson, Real-Time Collision Detection, 5.1.5).</summary>
    internal static Vector3 ClosestOnTriangle(Vector3 p, Vector3 a, Vector3 b, Vector3 c)
    {
        Vector3 ab = b - a, ac = c - a, ap = p - a, bp = p - b, cp = p - c;
        float d1 = Vector3.Dot(ab, ap), d2 = Vector3.Dot(ac, ap);
        if (d1 <= 0 && d2 <= 0)
        {
            return new Vector3(1, 0, 0);
        }

        float d3 = Vector3.Dot(ab, bp), d4 = Vector3.Dot(ac, bp);
        if (d3 >= 0 && d4 <= d3)
        {
            return new Vector3(0, 1, 0);
        }

        var vc = (d1 * d4) - (d3 * d2);
        if (vc <= 0 && d1 >= 0 && d3 <= 0)
        {
            var v = d1 / (d1 - d3);
            return new Vector3(1 - v, v, 0);
        }

        float d5 = Vector3.Dot(ab, cp), d6 = Vector3.Dot(ac, cp);
        if (d6 >= 0 && d5 <= d6)
        {
            return new Vector3(0, 0, 1);
        }

        var vb = (d5 * d2) - (d1 * d6);
        if (vb <= 0 && d2 >= 0 && d6 <= 0)
        {
            var w = d2 / (d2 - d6);
            return new Vector3(1 - w, 0, w);
        }

        var va = (d3 * d6) - (d5 * d4);
        if (va <= 0 && d4 - d3 >= 0 && d5 - d6 >= 0)
        {
            var w = (d4 - d3) / (d4 - d3 + (d5 - d6));
            return new Vector3(0, 1 - w, w);
        }

        var scale = 1 / (va + vb + vc);
        return new Vector3(1 - ((vb + vc) * scale), vb * scale, vc * scale);
    }

    private Vector3 Corner(int triangle, int k) => _positions[_triangles[(triangle * 3) + k]];

    private Vector3 Centre(int triangle) => Corner(triangle, 0) + Corner(triangle, 1) + Corner(triangle, 2);

    private void Grow(int from, int to)
    {
        Vector3 low = new(float.MaxValue), high = new(float.MinValue);
        for (var i = from; i < to; i++)
        {
            for (var k = 0; k < 3; k++)
            {
                low = Vector3.Min(low, Corner(_order[i], k));
                high = Vector3.Max(high, Corner(_order[i], k));
            }
        }

        var index = _nodes.Count;
        _nodes.Add((low, high, from, to, -1));
        if (to - from <= 8)
        {
            return;
        }

        var size = high - low;
        var axis = size.X >= size.Y && size.X >= size.Z ? 0 : size.Y >= size.Z ? 1 : 2;
        _order.AsSpan(from, to - from).Sort((a, b) => Centre(a)[axis].CompareTo(Centre(b)[axis]));
        var middle = (from + to) / 2;
        Grow(from, middle);
        _nodes[index] = (low, high, from, to, _nodes.Count);
        Grow(middle, to);
    }
}
