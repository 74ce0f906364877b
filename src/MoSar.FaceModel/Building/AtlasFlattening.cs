using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Unrolls the left half into a rectangle: front midline on the left side, the back's seam along the top and the right, the neck's border at
/// the bottom. From Tutte's embedding (no overlap) it lowers the symmetric Dirichlet energy (Smith and Schaefer 2015), whose barrier keeps
/// every triangle its right way up, against a wanted scale per vertex: the face large, scalp, neck and sockets small.
/// </summary>
internal sealed class AtlasFlattening
{
    private const int Rounds = 13;
    private const int Sweeps = 20;
    private const int Iterations = 40;
    private const int Memory = 6;

    private readonly int _n;
    private readonly int[] _triangles;
    private readonly double[] _rest;
    private readonly double[] _weight;
    private readonly bool[] _fixed;

    private AtlasFlattening(int n, int[] triangles)
    {
        (_n, _triangles) = (n, triangles);
        (_rest, _weight, _fixed) = (new double[triangles.Length / 3 * 4], new double[triangles.Length / 3], new bool[2 * n]);
    }

    /// <param name="sides">Boundary runs of the rectangle: left (upwards), top (rightwards), right (downwards), bottom (leftwards); ends shared.</param>
    /// <param name="scale">The wanted scale of every vertex, relative to the others.</param>
    /// <param name="care">How much the shape around every vertex matters.</param>
    /// <returns>Positions with x from 0 to <paramref name="width"/> and y (upwards) from 0 to <paramref name="height"/>.</returns>
    public static Vector2[] Unroll(Vector3[] positions, int[] quads, int[] triangles, int[][] sides, float[] scale, float[] care, double width, double height)
    {
        var flattening = new AtlasFlattening(positions.Length, triangles);
        var x = flattening.Start(positions, quads, sides, scale, width, height);
        flattening.Rest(positions, scale, care, width * height);
        var neighbours = HalfEdges.Neighbours(positions.Length, quads);
        for (var round = 0; round < Rounds; round++)
        {
            // Vertex by vertex first: one sliver would hold up a step of the whole.
            for (var k = 0; k < Sweeps; k++)
            {
                flattening.Sweep(x);
            }

            flattening.Minimise(x, neighbours);
        }

        return [.. Enumerable.Range(0, positions.Length).Select(v => new Vector2((float)x[v], (float)x[positions.Length + v]))];
    }

    private double[] Start(Vector3[] positions, int[] quads, int[][] sides, float[] scale, double width, double height)
    {
        double[] x = new double[_n], y = new double[_n];
        var held = new bool[_n];
        (double X, double Y)[] corners = [(0, 0), (0, height), (width, height), (width, 0), (0, 0)];
        for (var k = 0; k < 4; k++)
        {
            var side = sides[k];
            var length = new double[side.Length];
            for (var i = 1; i < side.Length; i++)
            {
                length[i] = length[i - 1] + (Vector3.Distance(positions[side[i]], positions[side[i - 1]]) * (scale[side[i]] + scale[side[i - 1]]));
            }

            for (var i = 0; i < side.Length; i++)
            {
                var f = length[i] / length[^1];
                x[side[i]] = ((1 - f) * corners[k].X) + (f * corners[k + 1].X);
                y[side[i]] = ((1 - f) * corners[k].Y) + (f * corners[k + 1].Y);
                held[side[i]] = true;

                // Along its side a vertex may slide, off it it may not; corners belong to two sides and stay.
                _fixed[side[i] + (k is 0 or 2 ? 0 : _n)] = true;
            }
        }

        var neighbours = HalfEdges.Neighbours(_n, quads);
        var uniform = neighbours.Select(r => Enumerable.Repeat(1.0, r.Length).ToArray()).ToArray();
        ConjugateGradients.Harmonic(neighbours, uniform, held, x);
        ConjugateGradients.Harmonic(neighbours, uniform, held, y);
        return [.. x, .. y];
    }

    /// <summary>Inverse rest shapes, scaled so that the wanted areas add up to the rectangle's.</summary>
    private void Rest(Vector3[] positions, float[] scale, float[] care, double area)
    {
        double wanted = 0;
        for (var t = 0; t < _weight.Length; t++)
        {
            var (e1, e2, s) = Edges(t);
            wanted += Vector3.Cross(e1, e2).Length() / 2 * s * s;
        }

        var unit = Math.Sqrt(area / wanted);
        double cares = 0;
        for (var t = 0; t < _weight.Length; t++)
        {
            var (e1, e2, s) = Edges(t);
            double l = e1.Length() * s * unit, c = Vector3.Dot(e1, e2) / e1.Length() * s * unit, h = Vector3.Cross(e1, e2).Length() / e1.Length() * s * unit;

            // A rest shape without area has no inverse; such slivers exist only deep in the sockets.
            (l, h) = (Math.Max(l, 1e-7), Math.Max(h, 1e-7));
            (_rest[t * 4], _rest[(t * 4) + 1], _rest[(t * 4) + 2], _rest[(t * 4) + 3]) = (1 / l, -c / (l * h), 0, 1 / h);
            var k = t * 3;
            _weight[t] = l * h / 2 * (care[_triangles[k]] + care[_triangles[k + 1]] + care[_triangles[k + 2]]) / 3;
            cares += _weight[t];
        }

        for (var t = 0; t < _weight.Length; t++)
        {
            _weight[t] /= cares;
        }

        (Vector3 E1, Vector3 E2, float Scale) Edges(int t)
        {
            int a = _triangles[t * 3], b = _triangles[(t * 3) + 1], c = _triangles[(t * 3) + 2];
            return (positions[b] - positions[a], positions[c] - positions[a], (scale[a] + scale[b] + scale[c]) / 3);
        }
    }

    /// <summary>L-BFGS whose first guess of the Hessian is the weighted graph Laplacian (as in Zhu, Bridson and Kaufman 2018).</summary>
    private void Minimise(double[] x, int[][] neighbours)
    {
        var solvers = new[] { Laplacian(x, neighbours, 0), Laplacian(x, neighbours, _n) };
        var gradient = new double[2 * _n];
        var energy = Evaluate(x, gradient);
        var history = new List<(double[] S, double[] Y, double Rho)>();
        var still = 0;
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var direction = Direction(gradient, history, solvers);
            var slope = Dot(direction, gradient);
            if (slope >= 0)
            {
                history.Clear();
                continue;
            }

            var step = Math.Min(1, 0.9 * LargestStep(x, direction));
            var before = (double[])x.Clone();
            var oldGradient = (double[])gradient.Clone();
            double next;
            while (true)
            {
                for (var i = 0; i < x.Length; i++)
                {
                    x[i] = before[i] + (step * direction[i]);
                }

                next = Evaluate(x, gradient);
                if (next <= energy + (1e-4 * step * slope) || step < 1e-12)
                {
                    break;
                }

                step /= 2;
            }

            still = Math.Abs(energy - next) < 1e-6 * energy ? still + 1 : 0;
            energy = next;
            double[] s = [.. x.Zip(before, (a, b) => a - b)], y = [.. gradient.Zip(oldGradient, (a, b) => a - b)];
            var sy = Dot(s, y);
            if (sy > 1e-300)
            {
                history.Add((s, y, 1 / sy));
                if (history.Count > Memory)
                {
                    history.RemoveAt(0);
                }
            }

            if (still == 6)
            {
                break;
            }
        }
    }

    /// <summary>One Newton step of every vertex on the energy of its own triangles, the Hessian by differences of the gradient.</summary>
    private void Sweep(double[] x)
    {
        _trianglesOf ??= Incidence();
        for (var v = 0; v < _n; v++)
        {
            bool holdX = _fixed[v], holdY = _fixed[_n + v];
            if (holdX && holdY)
            {
                continue;
            }

            var energy = Local(x, v, out var gx, out var gy);
            var h = 1e-4 * LocalSize(x, v);
            double px = x[v], py = x[_n + v];
            x[v] = px + h;
            var finite = double.IsFinite(Local(x, v, out var gxx, out var gyx));
            (x[v], x[_n + v]) = (px, py + h);
            finite &= double.IsFinite(Local(x, v, out var gxy, out var gyy));
            (x[v], x[_n + v]) = (px, py);
            double a = (gxx - gx) / h, b = (gyx - gy + gxy - gx) / (2 * h), c = (gyy - gy) / h, det = (a * c) - (b * b);
            double dx, dy;
            if (holdX || holdY)
            {
                dx = holdX ? 0 : finite && a > 0 ? -gx / a : -gx;
                dy = holdY ? 0 : finite && c > 0 ? -gy / c : -gy;
            }
            else
            {
                var convex = finite && a > 0 && det > 0;
                dx = convex ? -((c * gx) - (b * gy)) / det : -gx;
                dy = convex ? -((a * gy) - (b * gx)) / det : -gy;
            }

            // Never farther than the neighbours in one step.
            var length = Math.Sqrt((dx * dx) + (dy * dy));
            var step = length > 0 ? Math.Min(1, 1e4 * h / length) : 0;
            for (var attempt = 0; attempt < 12; attempt++, step /= 3)
            {
                (x[v], x[_n + v]) = (px + (step * dx), py + (step * dy));
                if (Local(x, v, out _, out _) < energy)
                {
                    break;
                }

                (x[v], x[_n + v]) = (px, py);
            }
        }
    }

    private int[][]? _trianglesOf;

    private int[][] Incidence()
    {
        var lists = new List<int>[_n];
        for (var i = 0; i < _triangles.Length; i++)
        {
            (lists[_triangles[i]] ??= []).Add(i);
        }

        return [.. lists.Select(l => l?.ToArray() ?? [])];
    }

    private double LocalSize(double[] x, int v)
    {
        var size = double.MaxValue;
        foreach (var i in _trianglesOf![v])
        {
            var t = i / 3 * 3;
            var u = _triangles[t + ((i - t + 1) % 3)];
            size = Math.Min(size, Math.Max(Math.Abs(x[u] - x[v]), Math.Abs(x[_n + u] - x[_n + v])));
        }

        return size;
    }

    /// <summary>The energy of a vertex's triangles and its gradient there.</summary>
    private double Local(double[] x, int v, out double gx, out double gy)
    {
        double energy = 0;
        (gx, gy) = (0, 0);
        foreach (var i in _trianglesOf![v])
        {
            var t = i / 3;
            var e = Triangle(x, t, out var gu1, out var gu2, out var gv1, out var gv2);
            energy += e;
            var corner = i - (t * 3);
            gx += corner == 1 ? gu1 : corner == 2 ? gu2 : -(gu1 + gu2);
            gy += corner == 1 ? gv1 : corner == 2 ? gv2 : -(gv1 + gv2);
        }

        return energy;
    }

    private double Triangle(double[] x, int t, out double gu1, out double gu2, out double gv1, out double gv2)
    {
        int a = _triangles[t * 3], b = _triangles[(t * 3) + 1], c = _triangles[(t * 3) + 2];
        double r00 = _rest[t * 4], r01 = _rest[(t * 4) + 1], r11 = _rest[(t * 4) + 3];
        double u1 = x[b] - x[a], u2 = x[c] - x[a], v1 = x[_n + b] - x[_n + a], v2 = x[_n + c] - x[_n + a];

        // J = [u1 u2; v1 v2]·R⁻¹ with R⁻¹ upper triangular; ‖J‖² + ‖J⁻¹‖² = ‖J‖²·(1 + 1/det²).
        double j00 = u1 * r00, j01 = (u1 * r01) + (u2 * r11), j10 = v1 * r00, j11 = (v1 * r01) + (v2 * r11);
        var det = (j00 * j11) - (j01 * j10);
        (gu1, gu2, gv1, gv2) = (0, 0, 0, 0);
        if (!(det > 0))
        {
            return double.PositiveInfinity;
        }

        double norm = (j00 * j00) + (j01 * j01) + (j10 * j10) + (j11 * j11), f = 1 + (1 / (det * det)), w = _weight[t], g = -2 * norm / (det * det * det);
        double d00 = w * ((2 * f * j00) + (g * j11)), d01 = w * ((2 * f * j01) - (g * j10)), d10 = w * ((2 * f * j10) - (g * j01)), d11 = w * ((2 * f * j11) + (g * j00));
        (gu1, gu2, gv1, gv2) = ((d00 * r00) + (d01 * r01), d01 * r11, (d10 * r00) + (d11 * r01), d11 * r11);
        return w * norm * f;
    }

    private BandedCholesky Laplacian(double[] x, int[][] neighbours, int offset)
    {
        // An edge is as stiff as the triangles beside it: their weight over the squared length of the rest shape, and more where a triangle is
        // squeezed, as the energy's own second derivative 1 + 3/σ⁴ in the smaller singular value.
        var stiffness = new Dictionary<(int, int), double>();
        for (var t = 0; t < _weight.Length; t++)
        {
            var area = 1 / (_rest[t * 4] * _rest[(t * 4) + 3]);
            var squeeze = 1 + (3 / Math.Max(1e-4, Math.Pow(SmallerSingular(x, t), 4)));
            for (var k = 0; k < 3; k++)
            {
                int a = _triangles[(t * 3) + k], b = _triangles[(t * 3) + ((k + 1) % 3)];
                var key = (Math.Min(a, b), Math.Max(a, b));
                stiffness[key] = stiffness.GetValueOrDefault(key) + (squeeze * _weight[t] / area);
            }
        }

        var pattern = stiffness.Keys.SelectMany(e => new[] { (e.Item1, e.Item2), (e.Item2, e.Item1) }).ToLookup(e => e.Item1, e => e.Item2);
        var rows = Enumerable.Range(0, neighbours.Length).Select(v => pattern[v].ToArray()).ToArray();
        double At(int a, int b) => stiffness[(Math.Min(a, b), Math.Max(a, b))];
        return new BandedCholesky(
            rows,
            (v, k) => _fixed[offset + v] || _fixed[offset + rows[v][k]] ? 0 : -At(v, rows[v][k]),
            v => _fixed[offset + v] ? 1 : rows[v].Sum(u => At(v, u)) * (1 + 1e-9));
    }

    private double SmallerSingular(double[] x, int t)
    {
        int a = _triangles[t * 3], b = _triangles[(t * 3) + 1], c = _triangles[(t * 3) + 2];
        double r00 = _rest[t * 4], r01 = _rest[(t * 4) + 1], r11 = _rest[(t * 4) + 3];
        double u1 = x[b] - x[a], u2 = x[c] - x[a], v1 = x[_n + b] - x[_n + a], v2 = x[_n + c] - x[_n + a];
        double j00 = u1 * r00, j01 = (u1 * r01) + (u2 * r11), j10 = v1 * r00, j11 = (v1 * r01) + (v2 * r11);
        double norm = (j00 * j00) + (j01 * j01) + (j10 * j10) + (j11 * j11), det = (j00 * j11) - (j01 * j10);
        return Math.Sqrt(Math.Max(0, (norm - Math.Sqrt(Math.Max(0, (norm * norm) - (4 * det * det)))) / 2));
    }

    private double[] Direction(double[] gradient, List<(double[] S, double[] Y, double Rho)> history, BandedCholesky[] solvers)
    {
        var q = (double[])gradient.Clone();
        var alpha = new double[history.Count];
        for (var k = history.Count - 1; k >= 0; k--)
        {
            alpha[k] = history[k].Rho * Dot(history[k].S, q);
            Add(q, history[k].Y, -alpha[k]);
        }

        var r = new double[2 * _n];
        solvers[0].Solve(q.AsSpan(0, _n), r.AsSpan(0, _n));
        solvers[1].Solve(q.AsSpan(_n), r.AsSpan(_n));
        for (var k = 0; k < history.Count; k++)
        {
            Add(r, history[k].S, alpha[k] - (history[k].Rho * Dot(history[k].Y, r)));
        }

        for (var i = 0; i < r.Length; i++)
        {
            r[i] = _fixed[i] ? 0 : -r[i];
        }

        return r;
    }

    private double Evaluate(double[] x, double[] gradient)
    {
        Array.Clear(gradient);
        double energy = 0;
        for (var t = 0; t < _weight.Length; t++)
        {
            var e = Triangle(x, t, out var gu1, out var gu2, out var gv1, out var gv2);
            if (double.IsPositiveInfinity(e))
            {
                return e;
            }

            energy += e;
            int a = _triangles[t * 3], b = _triangles[(t * 3) + 1], c = _triangles[(t * 3) + 2];
            gradient[b] += gu1;
            gradient[c] += gu2;
            gradient[a] -= gu1 + gu2;
            gradient[_n + b] += gv1;
            gradient[_n + c] += gv2;
            gradient[_n + a] -= gv1 + gv2;
        }

        for (var i = 0; i < gradient.Length; i++)
        {
            gradient[i] = _fixed[i] ? 0 : gradient[i];
        }

        return energy;
    }

    /// <summary>The first step at which a triangle would lose its area.</summary>
    private double LargestStep(double[] x, double[] d)
    {
        var smallest = double.PositiveInfinity;
        for (var t = 0; t < _weight.Length; t++)
        {
            smallest = Math.Min(smallest, LargestStep(x, d, t));
        }

        return smallest;
    }

    /// <summary>The smallest positive root of the triangle's area along a direction, a quadratic.</summary>
    private double LargestStep(double[] x, double[] d, int t)
    {
        int a = _triangles[t * 3], b = _triangles[(t * 3) + 1], c = _triangles[(t * 3) + 2];
        double u1 = x[b] - x[a], u2 = x[c] - x[a], v1 = x[_n + b] - x[_n + a], v2 = x[_n + c] - x[_n + a];
        double p1 = d[b] - d[a], p2 = d[c] - d[a], q1 = d[_n + b] - d[_n + a], q2 = d[_n + c] - d[_n + a];
        double qa = (p1 * q2) - (p2 * q1), qb = (u1 * q2) + (p1 * v2) - (u2 * q1) - (p2 * v1), qc = (u1 * v2) - (u2 * v1);
        var disc = (qb * qb) - (4 * qa * qc);
        if (Math.Abs(qa) < 1e-300)
        {
            return qb < 0 ? -qc / qb : double.PositiveInfinity;
        }

        if (disc < 0)
        {
            return double.PositiveInfinity;
        }

        var root = -(qb + (qb >= 0 ? Math.Sqrt(disc) : -Math.Sqrt(disc))) / 2;
        var smallest = double.PositiveInfinity;
        foreach (var s in (ReadOnlySpan<double>)[root / qa, root == 0 ? -1 : qc / root])
        {
            smallest = s > 0 ? Math.Min(smallest, s) : smallest;
        }

        return smallest;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static void Add(double[] a, double[] b, double factor)
    {
        for (var i = 0; i < a.Length; i++)
        {
            a[i] += factor * b[i];
        }
    }
}
