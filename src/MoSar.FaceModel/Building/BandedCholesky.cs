namespace MoSar.Faces.Building;

/// <summary>
/// Factors a sparse symmetric positive definite matrix of a mesh once and solves with it often: rows are put into reverse Cuthill–McKee
/// order, and the band is factored densely.
/// </summary>
internal sealed class BandedCholesky
{
    private readonly int[] _order;
    private readonly int _band;
    private readonly double[] _lower;

    /// <param name="neighbours">The pattern: the off-diagonal columns of every row.</param>
    /// <param name="offDiagonal">The value at (row, k-th neighbour); symmetric.</param>
    /// <param name="diagonal">The value at (row, row).</param>
    public BandedCholesky(int[][] neighbours, Func<int, int, double> offDiagonal, Func<int, double> diagonal)
    {
        var n = neighbours.Length;
        _order = CuthillMcKee(neighbours);
        var place = new int[n];
        for (var i = 0; i < n; i++)
        {
            place[_order[i]] = i;
        }

        for (var v = 0; v < n; v++)
        {
            foreach (var u in neighbours[v])
            {
                _band = Math.Max(_band, Math.Abs(place[u] - place[v]));
            }
        }

        // Row i holds columns i − band … i at [i·(band+1) + (j − i + band)].
        var width = _band + 1;
        _lower = new double[n * width];
        for (var v = 0; v < n; v++)
        {
            var i = place[v];
            _lower[(i * width) + _band] = diagonal(v);
            for (var k = 0; k < neighbours[v].Length; k++)
            {
                var j = place[neighbours[v][k]];
                if (j < i)
                {
                    _lower[(i * width) + j - i + _band] = offDiagonal(v, k);
                }
            }
        }

        Factor(n, width);
    }

    public void Solve(ReadOnlySpan<double> right, Span<double> x)
    {
        var n = _order.Length;
        var width = _band + 1;
        var y = new double[n];
        for (var i = 0; i < n; i++)
        {
            var sum = right[_order[i]];
            for (var j = Math.Max(0, i - _band); j < i; j++)
            {
                sum -= _lower[(i * width) + j - i + _band] * y[j];
            }

            y[i] = sum / _lower[(i * width) + _band];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            y[i] /= _lower[(i * width) + _band];
            for (var j = Math.Max(0, i - _band); j < i; j++)
            {
                y[j] -= _lower[(i * width) + j - i + _band] * y[i];
            }
        }

        for (var i = 0; i < n; i++)
        {
            x[_order[i]] = y[i];
        }
    }

    private void Factor(int n, int width)
    {
        for (var i = 0; i < n; i++)
        {
            var first = Math.Max(0, i - _band);
            for (var j = first; j <= i; j++)
            {
                var from = Math.Max(first, j - _band);
                var a = _lower.AsSpan((i * width) + from - i + _band, j - from);
                var b = _lower.AsSpan((j * width) + from - j + _band, j - from);
                var value = _lower[(i * width) + j - i + _band] - Dot(a, b);
                _lower[(i * width) + j - i + _band] = j == i ? Math.Sqrt(Math.Max(value, 1e-300)) : value / _lower[(j * width) + _band];
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = System.Numerics.Vector<double>.Zero;
        var i = 0;
        for (; i + System.Numerics.Vector<double>.Count <= a.Length; i += System.Numerics.Vector<double>.Count)
        {
            sum += new System.Numerics.Vector<double>(a[i..]) * new System.Numerics.Vector<double>(b[i..]);
        }

        var total = System.Numerics.Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            total += a[i] * b[i];
        }

        return total;
    }

    private static int[] CuthillMcKee(int[][] neighbours)
    {
        var n = neighbours.Length;
        var order = new List<int>(n);
        var seen = new bool[n];
        foreach (var start in Enumerable.Range(0, n).OrderBy(v => neighbours[v].Length))
        {
            if (seen[start])
            {
                continue;
            }

            // The vertex farthest from any vertex makes a narrow level structure.
            var root = Farthest(neighbours, Farthest(neighbours, start));
            var queue = new Queue<int>([root]);
            seen[root] = true;
            while (queue.TryDequeue(out var v))
            {
                order.Add(v);
                foreach (var u in neighbours[v].Where(u => !seen[u]).OrderBy(u => neighbours[u].Length))
                {
                    seen[u] = true;
                    queue.Enqueue(u);
                }
            }
        }

        order.Reverse();
        return [.. order];
    }

    private static int Farthest(int[][] neighbours, int from)
    {
        var seen = new HashSet<int> { from };
        var queue = new Queue<int>([from]);
        var last = from;
        while (queue.TryDequeue(out var v))
        {
            last = v;
            foreach (var u in neighbours[v])
            {
                if (seen.Add(u))
                {
                    queue.Enqueue(u);
                }
            }
        }

        return last;
    }
}
