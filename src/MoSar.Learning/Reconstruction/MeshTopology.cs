using MoSar.Graphics;

namespace MoSar.Learning;

/// <summary>
/// Which triangles and vertices lie around each vertex, so that whatever is summed over triangles is gathered by the vertex: in parallel,
/// in one fixed order, without atomics. Made once for a template; immutable.
/// </summary>
public sealed class MeshTopology
{
    /// <param name="vertexCount">V.</param>
    /// <param name="triangles">3 vertex indices each, counter-clockwise seen from outside.</param>
    /// <exception cref="ArgumentException">An index is out of range or the length no multiple of 3.</exception>
    public MeshTopology(int vertexCount, int[] triangles)
    {
        (VertexCount, Triangles) = (vertexCount, triangles);
        if (triangles.Length % 3 != 0 || triangles.Any(i => (uint)i >= (uint)vertexCount))
        {
            throw new ArgumentException($"{triangles.Length} indices are no triangles of {vertexCount} vertices.");
        }

        RingStart = new int[vertexCount + 1];
        foreach (var v in triangles)
        {
            RingStart[v + 1]++;
        }

        for (var v = 0; v < vertexCount; v++)
        {
            RingStart[v + 1] += RingStart[v];
        }

        var next = RingStart[..vertexCount];
        (RingTriangle, RingNext, RingPrevious) = (new int[triangles.Length], new int[triangles.Length], new int[triangles.Length]);
        for (var i = 0; i < triangles.Length; i++)
        {
            var (t, k) = (i / 3, i % 3);
            var at = next[triangles[i]]++;
            (RingTriangle[at], RingNext[at], RingPrevious[at]) = (t, triangles[(3 * t) + ((k + 1) % 3)], triangles[(3 * t) + ((k + 2) % 3)]);
        }

        (NeighbourStart, Neighbours) = FindNeighbours();
    }

    public MeshTopology(FaceTemplate template)
        : this(template.VertexCount, template.Triangles)
    {
    }

    public int VertexCount { get; }

    public int TriangleCount => Triangles.Length / 3;

    public int[] Triangles { get; }

    /// <summary>V + 1 offsets into the three lists below.</summary>
    public int[] RingStart { get; }

    /// <summary>The triangles around each vertex, ascending.</summary>
    public int[] RingTriangle { get; }

    /// <summary>The corner that follows the vertex in that triangle.</summary>
    public int[] RingNext { get; }

    /// <summary>The corner before it.</summary>
    public int[] RingPrevious { get; }

    /// <summary>V + 1 offsets into <see cref="Neighbours"/>.</summary>
    public int[] NeighbourStart { get; }

    /// <summary>The vertices that share an edge with each vertex, ascending.</summary>
    public int[] Neighbours { get; }

    private (int[] Start, int[] List) FindNeighbours()
    {
        var (start, list) = (new int[VertexCount + 1], new List<int>(2 * Triangles.Length));
        for (var v = 0; v < VertexCount; v++)
        {
            list.AddRange(Enumerable.Range(RingStart[v], RingStart[v + 1] - RingStart[v]).SelectMany(r => new[] { RingNext[r], RingPrevious[r] }).Distinct().Order());
            start[v + 1] = list.Count;
        }

        return (start, [.. list]);
    }
}
