using System.Numerics;

namespace MoSar.Faces.Albedo;

/// <summary>Continues values of the face over the rest of the skin harmonically: each unknown vertex becomes its neighbours' mean.</summary>
internal sealed class SurfaceSpread
{
    private const int Sweeps = 400;

    private readonly int[][] _neighbours;
    private readonly float[] _known;
    private readonly int[] _order;

    /// <param name="known">V in [0, 1]: how far a vertex keeps its own value.</param>
    public SurfaceSpread(FaceModel model, float[] known)
    {
        var sets = Enumerable.Range(0, known.Length).Select(_ => new SortedSet<int>()).ToArray();
        var t = model.Template.Triangles;
        for (var k = 0; k < t.Length; k++)
        {
            var (a, b) = (t[k], t[k % 3 == 2 ? k - 2 : k + 1]);
            sets[a].Add(b);
            sets[b].Add(a);
        }

        _neighbours = [.. sets.Select(s => s.ToArray())];
        _known = known;
        _order = BreadthFirst();
    }

    public void Fill(Vector3[] values)
    {
        var own = (Vector3[])values.Clone();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            // Outwards first: then values reach the far side in one sweep and the rest only smooths.
            foreach (var v in sweep % 2 == 0 ? _order : _order.AsEnumerable().Reverse())
            {
                if (_known[v] >= 1 || _neighbours[v].Length == 0)
                {
                    continue;
                }

                var sum = Vector3.Zero;
                foreach (var n in _neighbours[v])
                {
                    sum += values[n];
                }

                values[v] = Vector3.Lerp(sum / _neighbours[v].Length, own[v], _known[v]);
            }
        }
    }

    private int[] BreadthFirst()
    {
        var depth = _known.Select(k => k > 0.5f ? 0 : -1).ToArray();
        var queue = new Queue<int>(Enumerable.Range(0, depth.Length).Where(v => depth[v] == 0));
        var order = new List<int>();
        while (queue.TryDequeue(out var v))
        {
            order.Add(v);
            foreach (var n in _neighbours[v].Where(n => depth[n] < 0))
            {
                depth[n] = depth[v] + 1;
                queue.Enqueue(n);
            }
        }

        return [.. order];
    }
}
