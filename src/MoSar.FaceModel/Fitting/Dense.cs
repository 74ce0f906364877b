using System.Numerics;

namespace MoSar.Faces.Fitting;

/// <summary>The little dense linear algebra that fitting needs, in double precision and in a fixed order, so that it is repeatable.</summary>
public static class Dense
{
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector<double>.Zero;
        var i = 0;
        for (; i + Vector<double>.Count <= a.Length; i += Vector<double>.Count)
        {
            sum += new Vector<double>(a[i..]) * new Vector<double>(b[i..]);
        }

        var result = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            result += a[i] * b[i];
        }

        return result;
    }

    /// <summary>y += weight · x.</summary>
    public static void AddScaled(Span<double> y, ReadOnlySpan<double> x, double weight)
    {
        var w = new Vector<double>(weight);
        var i = 0;
        for (; i + Vector<double>.Count <= x.Length; i += Vector<double>.Count)
        {
            (new Vector<double>(y[i..]) + (w * new Vector<double>(x[i..]))).CopyTo(y[i..]);
        }

        for (; i < x.Length; i++)
        {
            y[i] += weight * x[i];
        }
    }

    /// <summary>
    /// Solves A·x = b for the rows and columns in <paramref name="free"/> of a symmetric positive definite A (n×n, lower triangle
    /// filled) by Cholesky's factorisation; the other elements of x are 0.
    /// </summary>
    /// <exception cref="ArithmeticException">A is not positive definite.</exception>
    public static double[] SolveSymmetric(ReadOnlySpan<double> a, ReadOnlySpan<double> b, IReadOnlyList<int> free)
    {
        var (n, m) = (b.Length, free.Count);
        var l = new double[m * m];
        var y = new double[m];
        for (var i = 0; i < m; i++)
        {
            var row = l.AsSpan(i * m, m);
            for (var j = 0; j <= i; j++)
            {
                var (r, c) = (Math.Max(free[i], free[j]), Math.Min(free[i], free[j]));
                var value = a[(r * n) + c] - Dot(row[..j], l.AsSpan(j * m, j));
                if (i != j)
                {
                    row[j] = value / l[(j * m) + j];
                }
                else
                {
                    row[i] = value > 0 ? Math.Sqrt(value) : throw new ArithmeticException($"Pivot {i} of the normal equations is {value}.");
                }
            }

            y[i] = (b[free[i]] - Dot(row[..i], y.AsSpan(0, i))) / row[i];
        }

        var x = new double[n];
        for (var i = m - 1; i >= 0; i--)
        {
            var value = y[i];
            for (var j = i + 1; j < m; j++)
            {
                value -= l[(j * m) + i] * x[free[j]];
            }

            x[free[i]] = value / l[(i * m) + i];
        }

        return x;
    }
}
