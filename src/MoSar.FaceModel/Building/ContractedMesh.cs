using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>Triangles of which vertices are contracted onto neighbours, one after another; it stays a manifold and no triangle turns over.</summary>
internal sealed class ContractedMesh
{
    // Cosine between a triangle's normals before and after, and twice its area over its longest edge's square.
    private const float LeastTurn = 0.3f, LeastShape = 0.06f;

    private readonly Vector3[] _positions;
    private readonly int[] _corners;
    private readonly List<int>[] _around;
    private readonly int[] _parent;

    public ContractedMesh(Vector3[] positions, int[] triangles)
    {
        (_positions, _corners, VertexCount) = (positions, (int[])triangles.Clone(), positions.Length);
        _around = [.. positions.Select(_ => new List<int>(6))];
        _parent = [.. Enumerable.Range(0, positions.Length)];
        for (var k = 0; k < triangles.Length; k++)
        {
            _around[triangles[k]].Add(k / 3);
        }
    }

    /// <summary>How many vertices are left.</summary>
    public int VertexCount { get; private set; }

    public bool IsLeft(int v) => _parent[v] == v;

    /// <summary>The vertex that is left of what <paramref name="v"/> was contracted onto.</summary>
    public int Survivor(int v)
    {
        while (_parent[v] != v)
        {
            v = _parent[v];
        }

        return v;
    }

    /// <summary>The corners of the triangles at a vertex.</summary>
    public IEnumerable<(int A, int B, int C)> Around(int v) => _around[v].Select(t => (_corners[3 * t], _corners[(3 * t) + 1], _corners[(3 * t) + 2]));

    /// <summary>Vertices that share an edge with <paramref name="v"/>, rising.</summary>
    public SortedSet<int> Neighbours(int v)
    {
        var result = new SortedSet<int>();
        foreach (var t in _around[v])
        {
            result.UnionWith(_corners.AsSpan(3 * t, 3).ToArray());
        }

        result.Remove(v);
        return result;
    }

    /// <summary>3 vertices a triangle of what is left.</summary>
    public int[] Triangles()
    {
        var result = new List<int>();
        for (var v = 0; v < _around.Length; v++)
        {
            foreach (var t in _around[v])
            {
                // Each once, at its smallest corner.
                if (v == Math.Min(_corners[3 * t], Math.Min(_corners[(3 * t) + 1], _corners[(3 * t) + 2])))
                {
                    result.AddRange(_corners.AsSpan(3 * t, 3));
                }
            }
        }

        return [.. result];
    }

    /// <summary>Whether contracting <paramref name="u"/> onto its neighbour <paramref name="v"/> leaves a manifold of the same kind, without flips and slivers.</summary>
    public bool CanContract(int u, int v)
    {
        var (ring, other) = (Neighbours(u), Neighbours(v));
        if (!ring.Contains(v))
        {
            return false;
        }

        // The link condition: the two meet in the triangles of their edge only.
        var shared = _around[u].Count(t => Has(t, v));
        var isBorder = ring.Any(n => _around[u].Count(t => Has(t, n)) == 1);
        return ring.Count(other.Contains) == shared && (!isBorder || shared == 1) && _around[u].All(t => Has(t, v) || StaysGood(t, u, v));
    }

    /// <summary>Contracts; the answer takes it back, as long as nothing else was done since.</summary>
    public Action Contract(int u, int v)
    {
        var (removed, moved) = (_around[u].Where(t => Has(t, v)).ToArray(), _around[u].Where(t => !Has(t, v)).ToArray());
        var before = removed.SelectMany(t => _corners.AsSpan(3 * t, 3).ToArray()).Distinct().Append(v).Append(u).Distinct().Select(n => (n, _around[n].ToArray())).ToArray();
        foreach (var t in removed)
        {
            for (var k = 0; k < 3; k++)
            {
                _around[_corners[(3 * t) + k]].Remove(t);
            }
        }

        foreach (var t in moved)
        {
            _corners.AsSpan(3 * t, 3).Replace(u, v);
            _around[v].Add(t);
        }

        _around[u].Clear();
        _parent[u] = v;
        VertexCount--;
        return () =>
        {
            foreach (var t in moved)
            {
                _corners.AsSpan(3 * t, 3).Replace(v, u);
            }

            foreach (var (n, triangles) in before)
            {
                _around[n].Clear();
                _around[n].AddRange(triangles);
            }

            _parent[u] = u;
            VertexCount++;
        };
    }

    private bool Has(int t, int v) => _corners.AsSpan(3 * t, 3).Contains(v);

    private bool StaysGood(int t, int u, int v)
    {
        int[] old = _corners.AsSpan(3 * t, 3).ToArray(), now = [.. old.Select(c => c == u ? v : c)];

        // A second triangle on the same corners would be a pocket without inside.
        if (_around[v].Any(s => now.All(c => Has(s, c))))
        {
            return false;
        }

        var (before, after) = (Normal(old), Normal(now));
        var longest = Math.Max(Square(now[0], now[1]), Math.Max(Square(now[1], now[2]), Square(now[2], now[0])));
        return Vector3.Dot(before, after) > LeastTurn * before.Length() * after.Length() && after.Length() > LeastShape * longest;
    }

    private Vector3 Normal(int[] c) => Vector3.Cross(_positions[c[1]] - _positions[c[0]], _positions[c[2]] - _positions[c[0]]);

    private float Square(int a, int b) => Vector3.DistanceSquared(_positions[a], _positions[b]);
}
