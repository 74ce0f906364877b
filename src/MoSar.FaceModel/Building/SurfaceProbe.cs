using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Faces.Building;

/// <summary>Closest points on a chosen set of triangles, by a bounding-box hierarchy over them. May be asked from many threads.</summary>
internal sealed class SurfaceProbe
{
    private const int LeafTriangles = 4;

    // Deep enough for any number of triangles that fits in memory: the tree halves at every level.
    private const int StackDepth = 64;

    private readonly Vector3[] _positions;
    private readonly int[] _triangles;
    private readonly Node[] _nodes;

    // The triangles in the leaves' order, so that a leaf reads memory in a row.
    private readonly Leaf[] _leaves;

    /// <param name="use">Which triangles take part.</param>
    public SurfaceProbe(Vector3[] positions, int[] triangles, Func<int, bool> use)
    {
        (_positions, _triangles) = (positions, triangles);
        int[] order = [.. Enumerable.Range(0, triangles.Length / 3).Where(use)];
        var nodes = new List<Node>();
        if (order.Length > 0)
        {
            Grow(nodes, order, 0, order.Length);
        }

        _nodes = [.. nodes];
        _leaves = [.. order.Select(t => new Leaf(t, Corner(t, 0), Corner(t, 1), Corner(t, 2)))];
    }

    public bool IsEmpty => _leaves.Length == 0;

    public Vector3 At(SurfacePoint p) =>
        (p.Barycentric.X * Corner(p.Triangle, 0)) + (p.Barycentric.Y * Corner(p.Triangle, 1)) + (p.Barycentric.Z * Corner(p.Triangle, 2));

    /// <summary>The closest point and its distance.</summary>
    public (SurfacePoint Point, float Distance) Closest(Vector3 p)
    {
        TryClosest(p, default, -2, float.MaxValue, -1, out var point, out var distance);
        return (point, distance);
    }

    /// <summary>The closest point of the triangles that face the same way.</summary>
    /// <param name="normal">Unit.</param>
    /// <param name="cosine">Triangles whose unit normal has a smaller product with <paramref name="normal"/> are passed over; below −1: none.</param>
    /// <param name="within">How far to look.</param>
    /// <param name="near">A triangle that may be near (a neighbour's answer), or −1: knowing it saves most of the search, and changes no distance.</param>
    /// <returns>False when there is none.</returns>
    public bool TryClosest(Vector3 p, Vector3 normal, float cosine, float within, int near, out SurfacePoint point, out float distance)
    {
        (point, distance) = (new SurfacePoint(-1, default), within < 1e18f ? within * within : float.MaxValue);
        if (near >= 0)
        {
            Try(new Leaf(near, Corner(near, 0), Corner(near, 1), Corner(near, 2)), p, normal, cosine, ref point, ref distance);
        }

        Span<int> stack = stackalloc int[StackDepth];
        var top = 0;
        if (_nodes.Length > 0)
        {
            stack[top++] = 0;
        }

        while (top > 0)
        {
            var n = stack[--top];
            ref readonly var node = ref _nodes[n];
            if (Vector3.DistanceSquared(Vector3.Clamp(p, node.Low, node.High), p) >= distance)
            {
                continue;
            }

            if (node.Second < 0)
            {
                for (var i = node.From; i < node.To; i++)
                {
                    Try(_leaves[i], p, normal, cosine, ref point, ref distance);
                }

                continue;
            }

            // The nearer half first: what it finds often spares the other.
            ref readonly var first = ref _nodes[n + 1];
            ref readonly var second = ref _nodes[node.Second];
            var isFirst = Vector3.DistanceSquared(Vector3.Clamp(p, first.Low, first.High), p) <= Vector3.DistanceSquared(Vector3.Clamp(p, second.Low, second.High), p);
            stack[top++] = isFirst ? node.Second : n + 1;
            stack[top++] = isFirst ? n + 1 : node.Second;
        }

        distance = MathF.Sqrt(distance);
        return point.Triangle >= 0;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Try(in Leaf leaf, Vector3 p, Vector3 normal, float cosine, ref SurfacePoint best, ref float distance)
    {
        if (Vector3.Dot(leaf.Normal, normal) < cosine)
        {
            return;
        }

        var b = ClosestOnTriangle(p, leaf.A, leaf.B, leaf.C);
        var d = Vector3.DistanceSquared((b.X * leaf.A) + (b.Y * leaf.B) + (b.Z * leaf.C), p);
        if (d < distance)
        {
            (best, distance) = (new SurfacePoint(leaf.Triangle, b), d);
        }
    }

    private Vector3 Corner(int triangle, int k) => _positions[_triangles[(triangle * 3) + k]];

    private Vector3 Centre(int triangle) => Corner(triangle, 0) + Corner(triangle, 1) + Corner(triangle, 2);

    private void Grow(List<Node> nodes, int[] order, int from, int to)
    {
        Vector3 low = new(float.MaxValue), high = new(float.MinValue);
        for (var i = from; i < to; i++)
        {
            for (var k = 0; k < 3; k++)
            {
                low = Vector3.Min(low, Corner(order[i], k));
                high = Vector3.Max(high, Corner(order[i], k));
            }
        }

        var index = nodes.Count;
        nodes.Add(new Node(low, high, from, to, -1));
        if (to - from <= LeafTriangles)
        {
            return;
        }

        var size = high - low;
        var axis = size.X >= size.Y && size.X >= size.Z ? 0 : size.Y >= size.Z ? 1 : 2;
        order.AsSpan(from, to - from).Sort((a, b) => Centre(a)[axis].CompareTo(Centre(b)[axis]));
        var middle = (from + to) / 2;
        Grow(nodes, order, from, middle);
        nodes[index] = new Node(low, high, from, to, nodes.Count);
        Grow(nodes, order, middle, to);
    }

    /// <summary>The first half's node follows its parent's; a leaf has no second.</summary>
    private readonly record struct Node(Vector3 Low, Vector3 High, int From, int To, int Second);

    private readonly struct Leaf(int triangle, Vector3 a, Vector3 b, Vector3 c)
    {
        public readonly int Triangle = triangle;
        public readonly Vector3 A = a;
        public readonly Vector3 B = b;
        public readonly Vector3 C = c;

        // Not a number for a triangle without area: then no comparison passes it over.
        public readonly Vector3 Normal = Vector3.Normalize(Vector3.Cross(b - a, c - a));
    }
}
