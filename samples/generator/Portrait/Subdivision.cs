using System.Numerics;

namespace MoSar.Samples.Portrait;

/// <summary>Catmull–Clark: the template has a vertex every 2–3 mm, which shows as corners along a silhouette of 1,000 pixels.</summary>
internal static class Subdivision
{
    /// <summary>A polygon mesh whose vertices carry a position and any number of further values.</summary>
    /// <param name="Faces">4 indices a face, the last −1 for a triangle.</param>
    /// <param name="Values">Per vertex: positions' x, y, z, then the rest; <paramref name="Stride"/> values each.</param>
    public sealed record Surface(int[] Faces, float[] Values, int Stride)
    {
        public int VertexCount => Values.Length / Stride;

        public Vector3 Position(int i) => new(Values.AsSpan(i * Stride, 3));
    }

    public static Surface Refine(Surface mesh)
    {
        var (faces, stride, n) = (mesh.Faces, mesh.Stride, mesh.VertexCount);
        var faceCount = faces.Length / 4;
        var edges = new Dictionary<long, int>();
        var edgeEnds = new List<(int A, int B)>();
        var edgeFaces = new List<(int First, int Second)>();
        for (var f = 0; f < faceCount; f++)
        {
            var corners = faces[(f * 4) + 3] < 0 ? 3 : 4;
            for (var c = 0; c < corners; c++)
            {
                int a = faces[(f * 4) + c], b = faces[(f * 4) + ((c + 1) % corners)];
                var key = Key(a, b);
                if (edges.TryGetValue(key, out var e))
                {
                    edgeFaces[e] = (edgeFaces[e].First, f);
                }
                else
                {
                    edges[key] = edgeEnds.Count;
                    edgeEnds.Add((a, b));
                    edgeFaces.Add((f, -1));
                }
            }
        }

        var values = new float[(n + edgeEnds.Count + faceCount) * stride];
        int edgeBase = n, faceBase = n + edgeEnds.Count;
        Span<float> Of(int i) => values.AsSpan(i * stride, stride);
        ReadOnlySpan<float> Old(int i) => mesh.Values.AsSpan(i * stride, stride);
        static void Add(Span<float> to, ReadOnlySpan<float> from, float weight)
        {
            for (var i = 0; i < to.Length; i++)
            {
                to[i] += weight * from[i];
            }
        }

        for (var f = 0; f < faceCount; f++)
        {
            var corners = faces[(f * 4) + 3] < 0 ? 3 : 4;
            for (var c = 0; c < corners; c++)
            {
                Add(Of(faceBase + f), Old(faces[(f * 4) + c]), 1f / corners);
            }
        }

        for (var e = 0; e < edgeEnds.Count; e++)
        {
            var ((a, b), (f, g)) = (edgeEnds[e], edgeFaces[e]);
            var weight = g < 0 ? 0.5f : 0.25f;
            Add(Of(edgeBase + e), Old(a), weight);
            Add(Of(edgeBase + e), Old(b), weight);
            if (g >= 0)
            {
                Add(Of(edgeBase + e), Of(faceBase + f), 0.25f);
                Add(Of(edgeBase + e), Of(faceBase + g), 0.25f);
            }
        }

        MoveOldVertices(mesh, edgeEnds, edgeFaces, values, faceBase);
        var refined = new List<int>(faces.Length * 4);
        for (var f = 0; f < faceCount; f++)
        {
            var corners = faces[(f * 4) + 3] < 0 ? 3 : 4;
            for (var c = 0; c < corners; c++)
            {
                int a = faces[(f * 4) + c], b = faces[(f * 4) + ((c + 1) % corners)], z = faces[(f * 4) + ((c + corners - 1) % corners)];
                refined.AddRange([a, edgeBase + edges[Key(a, b)], faceBase + f, edgeBase + edges[Key(z, a)]]);
            }
        }

        return new Surface([.. refined], values, stride);
    }

    // Interior: (Q + 2R + (k−3)V) / k; on a border: (A + 6V + B) / 8.
    private static void MoveOldVertices(Surface mesh, List<(int A, int B)> edgeEnds, List<(int First, int Second)> edgeFaces, float[] values, int faceBase)
    {
        var (stride, n) = (mesh.Stride, mesh.VertexCount);
        var valence = new int[n];
        var border = new int[n];
        var around = new float[n * stride];
        var ends = new float[n * stride];
        for (var e = 0; e < edgeEnds.Count; e++)
        {
            var ((a, b), (f, g)) = (edgeEnds[e], edgeFaces[e]);
            foreach (var (v, other) in ((int, int)[])[(a, b), (b, a)])
            {
                valence[v]++;
                for (var i = 0; i < stride; i++)
                {
                    var (mine, theirs) = (mesh.Values[(v * stride) + i], mesh.Values[(other * stride) + i]);
                    if (g < 0)
                    {
                        ends[(v * stride) + i] += theirs;
                    }
                    else
                    {
                        // Every face is met through both of its edges at v, hence half.
                        around[(v * stride) + i] += (0.5f * (values[((faceBase + f) * stride) + i] + values[((faceBase + g) * stride) + i])) + mine + theirs;
                    }
                }

                border[v] += g < 0 ? 1 : 0;
            }
        }

        for (var v = 0; v < n; v++)
        {
            float k = valence[v];
            for (var i = 0; i < stride; i++)
            {
                var at = (v * stride) + i;
                var mine = mesh.Values[at];
                values[at] = border[v] switch
                {
                    0 => k == 0 ? mine : ((around[at] / k) + ((k - 3) * mine)) / k,
                    2 => (ends[at] + (6 * mine)) / 8,
                    _ => mine,
                };
            }
        }
    }

    private static long Key(int a, int b) => a < b ? ((long)a << 32) | (uint)b : ((long)b << 32) | (uint)a;
}
