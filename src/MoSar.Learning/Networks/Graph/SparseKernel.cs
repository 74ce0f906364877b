using System.Runtime.Intrinsics;

namespace MoSar.Learning.Networks;

/// <summary>
/// Products of a sparse matrix with rows of <c>width</c> floats: batch and channels together, so that an index is read once for all of them. Rows are
/// divided among all cores in a fixed number of blocks, so that results do not depend on how many there are.
/// </summary>
internal static unsafe class SparseKernel
{
    /// <summary>Blocks of rows that go to the cores.</summary>
    internal const int Blocks = 32;

    private const int Lanes = 16;

    /// <summary>output = matrix · input; [Rows, width] of [Columns, width].</summary>
    public static void Multiply(SparseMatrix matrix, float* input, float* output, int width)
    {
        var (source, target) = ((nint)input, (nint)output);
        ForBlocks(matrix.Rows, (_, from, to) =>
        {
            for (var r = from; r < to; r++)
            {
                Row(matrix, r, (float*)source, (float*)target + ((long)r * width), null, 1, width);
            }
        });
    }

    /// <summary>target = factor · (matrix · input)[row] − subtract; <paramref name="subtract"/> may be null and may be the target itself.</summary>
    internal static void Row(SparseMatrix matrix, int row, float* input, float* target, float* subtract, float factor, int width)
    {
        var (first, end) = (matrix.RowStart[row], matrix.RowStart[row + 1]);
        fixed (int* columns = matrix.ColumnIndex)
        fixed (float* values = matrix.Values)
        {
            var i = 0;
            for (; i + (4 * Lanes) <= width; i += 4 * Lanes)
            {
                Vector512<float> a = Vector512<float>.Zero, b = a, c = a, d = a;
                for (var k = first; k < end; k++)
                {
                    var source = input + ((long)columns[k] * width) + i;
                    var value = Vector512.Create(factor * values[k]);
                    a = Vector512.FusedMultiplyAdd(Vector512.Load(source), value, a);
                    b = Vector512.FusedMultiplyAdd(Vector512.Load(source + Lanes), value, b);
                    c = Vector512.FusedMultiplyAdd(Vector512.Load(source + (2 * Lanes)), value, c);
                    d = Vector512.FusedMultiplyAdd(Vector512.Load(source + (3 * Lanes)), value, d);
                }

                if (subtract != null)
                {
                    a -= Vector512.Load(subtract + i);
                    b -= Vector512.Load(subtract + i + Lanes);
                    c -= Vector512.Load(subtract + i + (2 * Lanes));
                    d -= Vector512.Load(subtract + i + (3 * Lanes));
                }

                a.Store(target + i);
                b.Store(target + i + Lanes);
                c.Store(target + i + (2 * Lanes));
                d.Store(target + i + (3 * Lanes));
            }

            for (; i + Lanes <= width; i += Lanes)
            {
                var a = Vector512<float>.Zero;
                for (var k = first; k < end; k++)
                {
                    a = Vector512.FusedMultiplyAdd(Vector512.Load(input + ((long)columns[k] * width) + i), Vector512.Create(factor * values[k]), a);
                }

                (subtract != null ? a - Vector512.Load(subtract + i) : a).Store(target + i);
            }

            for (; i < width; i++)
            {
                var a = 0f;
                for (var k = first; k < end; k++)
                {
                    a = MathF.FusedMultiplyAdd(input[((long)columns[k] * width) + i], factor * values[k], a);
                }

                target[i] = subtract != null ? a - subtract[i] : a;
            }
        }
    }

    /// <summary>target[rows, wide] += left[rows, inner] · right[inner, wide], <c>wide</c> a multiple of 16.</summary>
    internal static void AddProduct(float* left, float* right, float* target, int rows, int inner, int wide) => AddProduct(left, inner, 1, right, target, rows, inner, wide);

    /// <summary>target[narrow, wide] += leftᵀ · right of left[rows, narrow] and right[rows, wide], <c>wide</c> a multiple of 16.</summary>
    internal static void AddOuter(float* left, float* right, float* target, int rows, int narrow, int wide) => AddProduct(left, 1, narrow, right, target, narrow, rows, wide);

    /// <summary>
    /// The same of any left side: its element (r, c) lies at r·rowStep + c·innerStep. A small dense product in registers, where a call of a library would
    /// cost more than the work.
    /// </summary>
    private static void AddProduct(float* left, int rowStep, int innerStep, float* right, float* target, int rows, int inner, int wide)
    {
        for (var w = 0; w < wide; w += Lanes)
        {
            var r = 0;
            for (; r + 8 <= rows; r += 8)
            {
                float* l = left + (r * rowStep), x = right + w, t = target + (r * wide) + w;
                var (a0, a1, a2, a3) = (Vector512.Load(t), Vector512.Load(t + wide), Vector512.Load(t + (2 * wide)), Vector512.Load(t + (3 * wide)));
                var (a4, a5, a6, a7) = (Vector512.Load(t + (4 * wide)), Vector512.Load(t + (5 * wide)), Vector512.Load(t + (6 * wide)), Vector512.Load(t + (7 * wide)));
                for (var c = 0; c < inner; c++)
                {
                    var v = Vector512.Load(x);
                    a0 = Vector512.FusedMultiplyAdd(Vector512.Create(l[0]), v, a0);
                    a1 = Vector512.FusedMultiplyAdd(Vector512.Create(l[rowStep]), v, a1);
                    a2 = Vector512.FusedMultiplyAdd(Vector512.Create(l[2 * rowStep]), v, a2);
                    a3 = Vector512.FusedMultiplyAdd(Vector512.Create(l[3 * rowStep]), v, a3);
                    a4 = Vector512.FusedMultiplyAdd(Vector512.Create(l[4 * rowStep]), v, a4);
                    a5 = Vector512.FusedMultiplyAdd(Vector512.Create(l[5 * rowStep]), v, a5);
                    a6 = Vector512.FusedMultiplyAdd(Vector512.Create(l[6 * rowStep]), v, a6);
                    a7 = Vector512.FusedMultiplyAdd(Vector512.Create(l[7 * rowStep]), v, a7);
                    l += innerStep;
                    x += wide;
                }

                a0.Store(t);
                a1.Store(t + wide);
                a2.Store(t + (2 * wide));
                a3.Store(t + (3 * wide));
                a4.Store(t + (4 * wide));
                a5.Store(t + (5 * wide));
                a6.Store(t + (6 * wide));
                a7.Store(t + (7 * wide));
            }

            for (; r < rows; r++)
            {
                var a = Vector512.Load(target + (r * wide) + w);
                for (var c = 0; c < inner; c++)
                {
                    a = Vector512.FusedMultiplyAdd(Vector512.Create(left[(r * rowStep) + (c * innerStep)]), Vector512.Load(right + (c * wide) + w), a);
                }

                a.Store(target + (r * wide) + w);
            }
        }
    }

    /// <summary>Calls with (block, first row, end) on all cores.</summary>
    internal static void ForBlocks(int rows, Action<int, int, int> work)
    {
        // Below this many rows the cores' wakening costs more than they help.
        const int Few = 64;
        if (rows < Few)
        {
            for (var b = 0; b < Blocks; b++)
            {
                work(b, Start(b), Start(b + 1));
            }

            return;
        }

        Parallel.For(0, Blocks, b => work(b, Start(b), Start(b + 1)));

        int Start(int block) => (int)((long)rows * block / Blocks);
    }
}
