using System.Numerics;
using MoSar.Faces;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Undoes small folds: behind an ear, in the corner of an eye or the mouth. The offset from the mean head, which does not cross itself, is
/// averaged with its neighbours' around each crossing, until the patch there is the mean's own, moved.
/// </summary>
internal sealed class LocalRelief
{
    private const int MostRounds = 12, Passes = 4;

    // By rings of neighbours around a crossing.
    private static readonly float[] Strength = [1, 1, 0.9f, 0.7f, 0.4f, 0.15f];

    private readonly SelfCrossing _crossing;
    private readonly Vector3[] _mean;
    private readonly int[][] _neighbours;

    public LocalRelief(FaceModel model, SelfCrossing crossing)
    {
        (_crossing, _mean) = (crossing, model.Mean);
        var sets = Enumerable.Range(0, model.Mean.Length).Select(_ => new SortedSet<int>()).ToArray();
        var triangles = model.Template.Triangles;
        for (var t = 0; t < triangles.Length; t++)
        {
            var (a, b) = (triangles[t], triangles[t % 3 == 2 ? t - 2 : t + 1]);
            sets[a].Add(b);
            sets[b].Add(a);
        }

        _neighbours = [.. sets.Select(s => s.ToArray())];
    }

    /// <summary>Relaxes in place; returns the crossings that are left.</summary>
    public int Relax(Vector3[] positions)
    {
        for (var round = 0; ; round++)
        {
            var crossing = _crossing.Find(positions);
            if (crossing.Count == 0 || round == MostRounds)
            {
                return crossing.Count;
            }

            var around = Around(crossing.SelectMany(e => (int[])[e.A, e.B]));
            for (var pass = 0; pass < Passes; pass++)
            {
                // All from the same state, so that the order of vertices does not matter.
                var moved = around.Select(v => (v.Vertex, To: Vector3.Lerp(positions[v.Vertex], _mean[v.Vertex] + Mean(positions, v.Vertex), v.Weight))).ToArray();
                foreach (var (vertex, to) in moved)
                {
                    positions[vertex] = to;
                }
            }
        }
    }

    private Vector3 Mean(Vector3[] positions, int vertex)
    {
        var sum = Vector3.Zero;
        foreach (var n in _neighbours[vertex])
        {
            sum += positions[n] - _mean[n];
        }

        return sum / _neighbours[vertex].Length;
    }

    private List<(int Vertex, float Weight)> Around(IEnumerable<int> seeds)
    {
        var result = new List<(int, float)>();
        var seen = new HashSet<int>(seeds);
        var ring = seen.ToList();
        foreach (var strength in Strength)
        {
            result.AddRange(ring.Select(v => (v, strength)));
            ring = [.. ring.SelectMany(v => _neighbours[v]).Where(seen.Add)];
        }

        return result;
    }
}
