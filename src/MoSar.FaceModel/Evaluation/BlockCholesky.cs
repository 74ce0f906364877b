using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MoSar.Faces.Evaluation;

/// <summary>
/// Cholesky factors of sparse symmetric positive definite matrices of 4×4 blocks over a mesh, whose blocks off the diagonal are all the same
/// diagonal one. The pattern is ordered (nested dissection by place) and analysed once; every factor takes its storage again. A block's
/// column is one vector of four doubles.
/// </summary>
internal sealed class BlockCholesky
{
    // Smaller parts are eliminated as they come.
    private const int Leaf = 24;

    private readonly int[][] _neighbours;
    private readonly int[] _order;
    private readonly int[] _place;

    // The rows below the diagonal of column j are _rows[_start[j] .. _start[j + 1]], rising.
    private readonly int[] _start;
    private readonly int[] _rows;
    private readonly Vector256<double>[] _lower;
    private readonly Vector256<double>[] _diagonal;

    /// <param name="neighbours">The off-diagonal pattern, symmetric.</param>
    public BlockCholesky(int[][] neighbours, ReadOnlySpan<Vector3> positions)
    {
        _neighbours = neighbours;
        var n = neighbours.Length;
        _order = new int[n];
        for (var v = 0; v < n; v++)
        {
            _order[v] = v;
        }

        Dissect(_order, positions.ToArray(), new byte[n]);
        _place = new int[n];
        for (var i = 0; i < n; i++)
        {
            _place[_order[i]] = i;
        }

        (_start, _rows) = Analyse();
        _lower = new Vector256<double>[4 * _rows.Length];
        _diagonal = new Vector256<double>[4 * n];
    }

    /// <param name="diagonal">The four columns of each vertex's own block.</param>
    /// <param name="edge">The diagonal of every block off the diagonal.</param>
    /// <returns>False when the matrix is not positive definite.</returns>
    public bool Factor(ReadOnlySpan<Vector256<double>> diagonal, Vector256<double> edge)
    {
        var n = _order.Length;
        var work = new Vector256<double>[4 * n];
        int[] first = new int[n], next = new int[n], at = new int[n];
        Array.Fill(first, -1);
        for (var j = 0; j < n; j++)
        {
            var v = _order[j];
            diagonal.Slice(4 * v, 4).CopyTo(work.AsSpan(4 * j));
            foreach (var u in _neighbours[v])
            {
                for (var c = 0; _place[u] > j && c < 4; c++)
                {
                    work[(4 * _place[u]) + c] = Vector256.Create<double>(0).WithElement(c, edge.GetElement(c));
                }
            }

            for (var k = first[j]; k >= 0;)
            {
                var after = next[k];
                Subtract(work, at[k], _start[k + 1]);
                if (++at[k] < _start[k + 1])
                {
                    (next[k], first[_rows[at[k]]]) = (first[_rows[at[k]]], k);
                }

                k = after;
            }

            if (!FactorBlock(work.AsSpan(4 * j, 4), _diagonal.AsSpan(4 * j, 4)))
            {
                return false;
            }

            Divide(work, j);
            at[j] = _start[j];
            if (at[j] < _start[j + 1])
            {
                (next[j], first[_rows[at[j]]]) = (first[_rows[at[j]]], j);
            }
        }

        return true;
    }

    /// <param name="x">Three right sides a vertex, each of four numbers; becomes the solution.</param>
    public void Solve(Span<Vector256<double>> x)
    {
        var n = _order.Length;
        var y = new Vector256<double>[3 * n];
        for (var j = 0; j < n; j++)
        {
            x.Slice(3 * _order[j], 3).CopyTo(y.AsSpan(3 * j));
        }

        for (var j = 0; j < n; j++)
        {
            for (var s = 0; s < 3; s++)
            {
                ref var own = ref y[(3 * j) + s];
                own = Forward(_diagonal.AsSpan(4 * j, 4), own);
                for (var p = _start[j]; p < _start[j + 1]; p++)
                {
                    y[(3 * _rows[p]) + s] -= Times(_lower.AsSpan(4 * p, 4), own);
                }
            }
        }

        for (var j = n - 1; j >= 0; j--)
        {
            for (var s = 0; s < 3; s++)
            {
                Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
                for (var p = _start[j]; p < _start[j + 1]; p++)
                {
                    var l = _lower.AsSpan(4 * p, 4);
                    var there = y[(3 * _rows[p]) + s];
                    (s0, s1, s2, s3) = (s0 + (l[0] * there), s1 + (l[1] * there), s2 + (l[2] * there), s3 + (l[3] * there));
                }

                ref var own = ref y[(3 * j) + s];
                own = Backward(_diagonal.AsSpan(4 * j, 4), own - Vector256.Create(Vector256.Sum(s0), Vector256.Sum(s1), Vector256.Sum(s2), Vector256.Sum(s3)));
            }
        }

        for (var j = 0; j < n; j++)
        {
            y.AsSpan(3 * j, 3).CopyTo(x[(3 * _order[j])..]);
        }
    }

    /// <summary>Takes column k's share from column j: work_i −= L_ik L_jkᵀ for the rows i from j on.</summary>
    /// <param name="from">Where k's column holds row j.</param>
    private void Subtract(Vector256<double>[] work, int from, int to)
    {
        Span<double> m = MemoryMarshal.Cast<Vector256<double>, double>(_lower.AsSpan(4 * from, 4));
        for (var p = from; p < to; p++)
        {
            var l = _lower.AsSpan(4 * p, 4);
            var w = work.AsSpan(4 * _rows[p], 4);
            var (l0, l1, l2, l3) = (l[0], l[1], l[2], l[3]);
            for (var r = 0; r < 4; r++)
            {
                w[r] -= (l0 * m[r]) + (l1 * m[4 + r]) + (l2 * m[8 + r]) + (l3 * m[12 + r]);
            }
        }
    }

    private static bool FactorBlock(ReadOnlySpan<Vector256<double>> block, Span<Vector256<double>> result)
    {
        Span<double> l = stackalloc double[16];
        MemoryMarshal.Cast<Vector256<double>, double>(block).CopyTo(l);
        for (var c = 0; c < 4; c++)
        {
            for (var r = 0; r < 4; r++)
            {
                var sum = l[(4 * c) + r];
                for (var k = 0; k < c; k++)
                {
                    sum -= l[(4 * k) + r] * l[(4 * k) + c];
                }

                if (r == c && !(sum > 0))
                {
                    return false;
                }

                l[(4 * c) + r] = r < c ? 0 : r == c ? Math.Sqrt(sum) : sum / l[(4 * c) + c];
            }
        }

        l.CopyTo(MemoryMarshal.Cast<Vector256<double>, double>(result));
        return true;
    }

    /// <summary>L_ij = work_i L_jj⁻ᵀ; leaves the work empty for the next column.</summary>
    private void Divide(Vector256<double>[] work, int j)
    {
        var d = MemoryMarshal.Cast<Vector256<double>, double>(_diagonal.AsSpan(4 * j, 4));
        for (var p = _start[j]; p < _start[j + 1]; p++)
        {
            var w = work.AsSpan(4 * _rows[p], 4);
            var l = _lower.AsSpan(4 * p, 4);
            l[0] = w[0] / d[0];
            l[1] = (w[1] - (l[0] * d[1])) / d[5];
            l[2] = (w[2] - (l[0] * d[2]) - (l[1] * d[6])) / d[10];
            l[3] = (w[3] - (l[0] * d[3]) - (l[1] * d[7]) - (l[2] * d[11])) / d[15];
            w.Clear();
        }
    }

    private static Vector256<double> Times(ReadOnlySpan<Vector256<double>> block, Vector256<double> x) =>
        (block[0] * x.GetElement(0)) + (block[1] * x.GetElement(1)) + (block[2] * x.GetElement(2)) + (block[3] * x.GetElement(3));

    private static Vector256<double> Forward(ReadOnlySpan<Vector256<double>> l, Vector256<double> b)
    {
        for (var c = 0; c < 4; c++)
        {
            var x = b.GetElement(c) / l[c].GetElement(c);
            b = (b - (l[c] * x)).WithElement(c, x);
        }

        return b;
    }

    private static Vector256<double> Backward(ReadOnlySpan<Vector256<double>> l, Vector256<double> b)
    {
        for (var c = 3; c >= 0; c--)
        {
            var sum = b.GetElement(c);
            for (var r = c + 1; r < 4; r++)
            {
                sum -= l[c].GetElement(r) * b.GetElement(r);
            }

            b = b.WithElement(c, sum / l[c].GetElement(c));
        }

        return b;
    }

    /// <summary>Halves the part along its longest side; what touches the other half comes last.</summary>
    private void Dissect(Span<int> part, Vector3[] positions, byte[] side)
    {
        if (part.Length <= Leaf)
        {
            return;
        }

        Vector3 low = new(float.MaxValue), high = new(float.MinValue);
        foreach (var v in part)
        {
            (low, high) = (Vector3.Min(low, positions[v]), Vector3.Max(high, positions[v]));
        }

        var size = high - low;
        var axis = size.X >= size.Y && size.X >= size.Z ? 0 : size.Y >= size.Z ? 1 : 2;
        part.Sort((a, b) => positions[a][axis] != positions[b][axis] ? positions[a][axis].CompareTo(positions[b][axis]) : a.CompareTo(b));
        var half = part.Length / 2;
        for (var i = 0; i < part.Length; i++)
        {
            side[part[i]] = (byte)(i < half ? 1 : 2);
        }

        var (first, second, between) = (new List<int>(), part[half..].ToArray(), new List<int>());
        foreach (var v in part[..half])
        {
            (Array.Exists(_neighbours[v], u => side[u] == 2) ? between : first).Add(v);
        }

        foreach (var v in part)
        {
            side[v] = 0;
        }

        first.CopyTo(part);
        second.CopyTo(part[first.Count..]);
        between.CopyTo(part[(first.Count + second.Length)..]);
        Dissect(part[..first.Count], positions, side);
        Dissect(part.Slice(first.Count, second.Length), positions, side);
    }

    /// <summary>The rows of each column of the factor: its own and those that its children in the elimination tree hand on.</summary>
    private (int[] Start, int[] Rows) Analyse()
    {
        var n = _order.Length;
        var (columns, children, mark) = (new int[n][], new List<int>?[n], new int[n]);
        var start = new int[n + 1];
        for (var j = 0; j < n; j++)
        {
            var rows = new List<int>();
            mark[j] = j + 1;
            foreach (var u in _neighbours[_order[j]])
            {
                Take(_place[u]);
            }

            foreach (var c in children[j] ?? [])
            {
                foreach (var i in columns[c])
                {
                    Take(i);
                }
            }

            rows.Sort();
            columns[j] = [.. rows];
            start[j + 1] = start[j] + rows.Count;
            if (rows.Count > 0)
            {
                (children[rows[0]] ??= []).Add(j);
            }

            void Take(int i)
            {
                if (i > j && mark[i] != j + 1)
                {
                    mark[i] = j + 1;
                    rows.Add(i);
                }
            }
        }

        return (start, [.. columns.SelectMany(c => c)]);
    }
}
