using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Contracts vertices of a mirror-symmetric mesh onto neighbours in the order of Garland and Heckbert's quadric error (SIGGRAPH 1997), each with
/// its mirror image, so that what is left is a symmetric subset.
/// </summary>
internal sealed class QuadricSimplifier
{
    // Beside the planes: along borders, and a pull to even spacing where the surface is flat.
    private const double BorderWeight = 4, PointWeight = 2e-3;

    private readonly Vector3[] _positions;
    private readonly int[] _mirror;
    private readonly Quadric[] _quadrics;
    private readonly PriorityQueue<(int From, int To), (double Cost, int From, int To)> _queue = new();

    /// <param name="importance">A factor on each vertex's error.</param>
    public QuadricSimplifier(Vector3[] positions, int[] triangles, int[] mirror, float[] importance)
    {
        (_positions, _mirror, _quadrics) = (positions, mirror, new Quadric[positions.Length]);
        Mesh = new ContractedMesh(positions, triangles);
        var edges = new Dictionary<(int, int), int>();
        for (var t = 0; t < triangles.Length; t += 3)
        {
            var c = triangles.AsSpan(t, 3);
            var cross = Vector3.Cross(positions[c[1]] - positions[c[0]], positions[c[2]] - positions[c[0]]);
            var area = cross.Length() / 2;
            for (var k = 0; k < 3; k++)
            {
                _quadrics[c[k]].AddPlane(Vector3.Normalize(cross), positions[c[k]], area * importance[c[k]] / 3);
                _quadrics[c[k]].AddPoint(positions[c[k]], PointWeight * area * importance[c[k]] / 3);
                var edge = c[k] < c[(k + 1) % 3] ? (c[k], c[(k + 1) % 3]) : (c[(k + 1) % 3], c[k]);
                edges[edge] = edges.TryGetValue(edge, out var first) ? -1 : t;
                if (first < 0)
                {
                    throw new InvalidOperationException($"the edge {edge} has three triangles");
                }
            }
        }

        foreach (var ((a, b), t) in edges.Where(e => e.Value >= 0))
        {
            AddBorder(a, b, Vector3.Cross(positions[triangles[t + 1]] - positions[triangles[t]], positions[triangles[t + 2]] - positions[triangles[t]]));
        }

        foreach (var (a, b) in edges.Keys)
        {
            Propose(a, b);
            Propose(b, a);
        }
    }

    public ContractedMesh Mesh { get; }

    /// <summary>Contracts until at most so many vertices are left, or nothing more can go without harm.</summary>
    public void Reduce(int vertexCount)
    {
        while (Mesh.VertexCount > vertexCount && _queue.TryDequeue(out var pair, out var priority))
        {
            var (u, v) = pair;
            if (Mesh.IsLeft(u) && Mesh.IsLeft(v) && priority.Cost == Cost(u, v) && TryContract(u, v))
            {
                Refresh(v);
                Refresh(_mirror[v]);
            }
        }
    }

    /// <summary>A vertex and its mirror image go together or not at all.</summary>
    private bool TryContract(int u, int v)
    {
        var (mirrorU, mirrorV) = (_mirror[u], _mirror[v]);
        if (!Mesh.CanContract(u, v))
        {
            return false;
        }

        var undo = Mesh.Contract(u, v);
        if (mirrorU != u)
        {
            if (!Mesh.CanContract(mirrorU, mirrorV))
            {
                undo();
                return false;
            }

            Mesh.Contract(mirrorU, mirrorV);
            _quadrics[mirrorV].Add(_quadrics[mirrorU]);
        }

        _quadrics[v].Add(_quadrics[u]);
        return true;
    }

    private void Refresh(int v)
    {
        foreach (var n in Mesh.Neighbours(v))
        {
            Propose(n, v);
            Propose(v, n);

            // What was refused for its surroundings may pass now.
            foreach (var far in Mesh.Neighbours(n))
            {
                Propose(n, far);
                Propose(far, n);
            }
        }
    }

    private void Propose(int u, int v)
    {
        if (_mirror[u] < u)
        {
            (u, v) = (_mirror[u], _mirror[v]);
        }

        // The midline stays the midline, and no vertex goes over it.
        if (v != _mirror[u] && (_mirror[u] != u || _mirror[v] == v))
        {
            _queue.Enqueue((u, v), (Cost(u, v), u, v));
        }
    }

    private double Cost(int u, int v) => _quadrics[u].At(_positions[v]) + _quadrics[v].At(_positions[v]);

    /// <summary>A plane through a border edge that stands on its triangle keeps the border's line.</summary>
    private void AddBorder(int a, int b, Vector3 normal)
    {
        var edge = _positions[b] - _positions[a];
        var n = Vector3.Normalize(Vector3.Cross(edge, normal));
        foreach (var v in (int[])[a, b])
        {
            _quadrics[v].AddPlane(n, _positions[v], BorderWeight * edge.LengthSquared());
        }
    }
}
