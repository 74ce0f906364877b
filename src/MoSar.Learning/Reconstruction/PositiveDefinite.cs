using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>
/// Many small symmetric positive definite systems, by Cholesky in double precision, a row of the batch on a core. LAPACK takes them one after the other with all cores at each; beside
/// another program these wait for each other, and a training step with four such solves took ten times as long.
/// </summary>
public static unsafe class PositiveDefinite
{
    /// <summary>A x = b. No gradient passes. Where a matrix is not positive definite, its row is NaN.</summary>
    /// <param name="matrices">[B, n, n] float32 on the CPU; only what is on and below the diagonal is read.</param>
    /// <param name="right">[B, n].</param>
    /// <exception cref="ArgumentException">Shape, type or device do not fit.</exception>
    /// <returns>[B, n] float32.</returns>
    public static Tensor Solve(Tensor matrices, Tensor right) => Run(matrices, right, null);

    /// <summary>As <see cref="Solve"/>, with the inverses.</summary>
    public static (Tensor Solution, Tensor Inverse) SolveAndInvert(Tensor matrices, Tensor right)
    {
        using var scope = NewDisposeScope();

        // M with MᵀM the inverse.
        var factor = zeros_like(matrices);
        var solution = Run(matrices, right, factor);
        return (solution.MoveToOuterDisposeScope(), factor.transpose(1, 2).matmul(factor).MoveToOuterDisposeScope());
    }

    private static Tensor Run(Tensor matrices, Tensor right, Tensor? factor)
    {
        FloatMemory.Check(nameof(matrices), matrices, -1, -1, -1);
        var (rows, n) = ((int)matrices.shape[0], (int)matrices.shape[1]);
        FloatMemory.Check(nameof(matrices), matrices, rows, n, n);
        FloatMemory.Check(nameof(right), right, rows, n);
        using var scope = NewDisposeScope();
        var (a, b, solution) = (matrices.contiguous(), right.contiguous(), empty(rows, n));
        float* pa = FloatMemory.Of(a), pb = FloatMemory.Of(b), px = FloatMemory.Of(solution), pf = factor is { } ? FloatMemory.Of(factor) : null;
        Parallel.For(0, rows, row =>
        {
            var own = new double[(n + 1) * n];
            fixed (double* l = own)
            {
                var x = l + ((long)n * n);
                Decompose(pa + ((long)row * n * n), l, n);
                Substitute(l, pb + ((long)row * n), x, n);
                for (var i = 0; i < n; i++)
                {
                    px[((long)row * n) + i] = (float)x[i];
                }

                if (pf != null)
                {
                    Invert(l, n);
                    var to = pf + ((long)row * n * n);
                    for (var i = 0; i < n; i++)
                    {
                        for (var j = 0; j <= i; j++)
                        {
                            to[(i * n) + j] = (float)l[(i * n) + j];
                        }
                    }
                }
            }
        });
        GC.KeepAlive((a, b, factor));
        return solution.MoveToOuterDisposeScope();
    }

    /// <summary>Cholesky and Banachiewicz, row by row: each number is a product of two rows' beginnings.</summary>
    private static void Decompose(float* a, double* l, int n)
    {
        for (var i = 0; i < n; i++)
        {
            var row = l + (i * n);
            for (var j = 0; j < i; j++)
            {
                var other = l + (j * n);
                row[j] = (a[(i * n) + j] - Dot(row, other, j)) / other[j];
            }

            row[i] = Math.Sqrt(a[(i * n) + i] - Dot(row, row, i));
        }
    }

    private static void Substitute(double* l, float* b, double* x, int n)
    {
        for (var i = 0; i < n; i++)
        {
            x[i] = (b[i] - Dot(l + (i * n), x, i)) / l[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            x[i] /= l[(i * n) + i];
            Add(x, l + (i * n), -x[i], i);
        }
    }

    /// <summary>A lower triangle becomes its inverse.</summary>
    private static void Invert(double* l, int n)
    {
        // Row i of the inverse from those above it, which are done: (eᵢ − Σ lᵢₖ mₖ) / lᵢᵢ.
        var buffer = new double[n];
        fixed (double* row = buffer)
        {
            for (var i = 0; i < n; i++)
            {
                var own = l + (i * n);
                new Span<double>(row, i).Clear();
                for (var k = 0; k < i; k++)
                {
                    Add(row, l + (k * n), -own[k], k + 1);
                }

                var scale = 1 / own[i];
                for (var k = 0; k < i; k++)
                {
                    own[k] = row[k] * scale;
                }

                own[i] = scale;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Dot(double* a, double* b, int count)
    {
        var (first, second) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var i = 0;
        for (; i <= count - 8; i += 8)
        {
            first = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), first);
            second = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 4), Vector256.Load(b + i + 4), second);
        }

        var sum = Vector256.Sum(first + second);
        for (; i < count; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(double* to, double* from, double times, int count)
    {
        var i = 0;
        for (var factor = Vector256.Create(times); i <= count - 4; i += 4)
        {
            Vector256.FusedMultiplyAdd(Vector256.Load(from + i), factor, Vector256.Load(to + i)).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] += from[i] * times;
        }
    }
}
