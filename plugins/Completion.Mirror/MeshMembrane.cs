using System.Numerics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Continues values from some vertices over the whole mesh: minimizes Σ over edges |d_i − d_j|² + Σ λ_i |d_i − target_i|² with d given at the known
/// vertices. Solved by conjugate gradients.
/// </summary>
internal sealed class MeshMembrane
{
    private const int Iterations = 120;

    private readonly (int A, int B)[] _edges;
    private readonly float[] _degree;
    private readonly float _length;

    public MeshMembrane(Mesh mesh)
    {
        _edges = Edges(mesh.Template);
        _length = _edges.Length == 0 ? 1 : _edges.Average(e => Vector3.Distance(mesh.Positions[e.A], mesh.Positions[e.B]));
        _degree = new float[mesh.Positions.Length];
        foreach (var (a, b) in _edges)
        {
            _degree[a]++;
            _degree[b]++;
        }
    }

    /// <param name="value">Used where <paramref name="known"/>.</param>
    /// <param name="fade">Distance in mm over which the solution goes over into the target, for each vertex.</param>
    public Vector3[] Solve(bool[] known, Vector3[] value, Vector3[] target, Func<int, float> fade, CancellationToken cancellation)
    {
        float[] lambda = [.. known.Select((_, i) => _length * _length / (fade(i) * fade(i)))];
        Vector3[] d = [.. known.Select((k, i) => k ? value[i] : target[i])];

        // Unknowns are the free vertices: (L + λ)d = λ·target with the known ones moved to the right-hand side.
        var residual = Apply(d, lambda);
        for (var i = 0; i < d.Length; i++)
        {
            residual[i] = known[i] ? Vector3.Zero : (lambda[i] * target[i]) - residual[i];
        }

        var direction = (Vector3[])residual.Clone();
        var energy = Energy(residual);
        for (var k = 0; k < Iterations && energy > 1e-10; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var image = Apply(direction, lambda);
            var curvature = 0.0;
            for (var i = 0; i < d.Length; i++)
            {
                curvature += known[i] ? 0 : Vector3.Dot(direction[i], image[i]);
            }

            var step = (float)(energy / curvature);
            for (var i = 0; i < d.Length; i++)
            {
                if (!known[i])
                {
                    d[i] += step * direction[i];
                    residual[i] -= step * image[i];
                }
            }

            var next = Energy(residual);
            var turn = (float)(next / energy);
            energy = next;
            for (var i = 0; i < d.Length; i++)
            {
                direction[i] = residual[i] + (turn * direction[i]);
            }
        }

        return d;
    }

    private Vector3[] Apply(Vector3[] x, float[] lambda)
    {
        var y = new Vector3[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = (_degree[i] + lambda[i]) * x[i];
        }

        foreach (var (a, b) in _edges)
        {
            y[a] -= x[b];
            y[b] -= x[a];
        }

        return y;
    }

    private static (int A, int B)[] Edges(FaceTemplate template)
    {
        var edges = new HashSet<(int, int)>();
        var t = template.Triangles;
        for (var k = 0; k < t.Length; k += 3)
        {
            for (var c = 0; c < 3; c++)
            {
                var (a, b) = (t[k + c], t[k + ((c + 1) % 3)]);
                edges.Add(a < b ? (a, b) : (b, a));
            }
        }

        return [.. edges];
    }

    private static double Energy(Vector3[] r)
    {
        var sum = 0.0;
        foreach (var v in r)
        {
            sum += v.LengthSquared();
        }

        return sum;
    }
}
