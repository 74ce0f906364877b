using System.Numerics;
using TorchSharp;

namespace MoSar.Learning.Networks;

/// <summary>
/// Σₖ Tₖ(L̃)·x·Wₖ and its gradients without ever storing all Tₖ(L̃)·x: each row of a new term is multiplied with its weights while it is in the cache. With
/// L̃ symmetric the terms of the gradient, Tₖ(L̃)·g, serve both the input's gradient (times Wₖᵀ) and the weights' (xᵀ times them). V vertices, B batch.
/// </summary>
internal static unsafe class ChebyshevKernel
{
    private const int Lanes = 16;

    /// <summary>Up to whole vectors.</summary>
    public static int Padded(int channels) => (channels + Lanes - 1) / Lanes * Lanes;

    /// <summary>What is done with a row of B × C of the term k: block, k, vertex, the row.</summary>
    private delegate void UseTerm(int block, int k, int vertex, float* row);

    /// <param name="x">[V, B, C].</param>
    /// <param name="weights">[K, C, padded F].</param>
    /// <param name="bias">[padded F].</param>
    /// <param name="y">[V, B, padded F], written.</param>
    public static void Forward(SparseMatrix laplacian, float* x, float* weights, float* bias, float* y, int batch, int inputs, int outputs, int order)
    {
        Terms(laplacian, x, batch * inputs, order, (_, k, vertex, row) =>
        {
            var target = y + ((long)vertex * batch * outputs);
            if (k == 0)
            {
                for (var b = 0; b < batch; b++)
                {
                    new ReadOnlySpan<float>(bias, outputs).CopyTo(new Span<float>(target + (b * outputs), outputs));
                }
            }

            SparseKernel.AddProduct(row, weights + (k * inputs * outputs), target, batch, inputs, outputs);
        });
    }

    /// <summary>Both gradients from the terms of the output's gradient.</summary>
    /// <param name="g">[V, B, F].</param>
    /// <param name="x">[V, B, C], C a multiple of 16 unless F is.</param>
    /// <param name="transposed">[K, F, padded C]: Wₖᵀ.</param>
    /// <param name="dx">[V, B, padded C] zeros, added to; null when not wanted.</param>
    /// <param name="dw">[K, C, F] or, where <paramref name="isTurned"/>, [K, F, C]; zeros, added to.</param>
    /// <param name="isTurned">F is no multiple of 16: C runs along the vectors.</param>
    public static void Backward(SparseMatrix laplacian, float* g, float* x, float* transposed, float* dx, float* dw, bool isTurned, int batch, int inputs, int outputs, int order)
    {
        var size = order * inputs * outputs;
        var partial = new float[SparseKernel.Blocks * size];
        var wide = Padded(inputs);
        fixed (float* sums = partial)
        {
            var start = sums;
            Terms(laplacian, g, batch * outputs, order, (block, k, vertex, row) =>
            {
                if (dx != null)
                {
                    SparseKernel.AddProduct(row, transposed + (k * outputs * wide), dx + ((long)vertex * batch * wide), batch, outputs, wide);
                }

                float* own = x + ((long)vertex * batch * inputs), sum = start + (block * size) + (k * inputs * outputs);
                if (isTurned)
                {
                    SparseKernel.AddOuter(row, own, sum, batch, outputs, inputs);
                }
                else
                {
                    SparseKernel.AddOuter(own, row, sum, batch, inputs, outputs);
                }
            });
        }

        Sum(partial, dw, size);
    }

    /// <summary>The weights' gradient from the terms of the input, which are narrower than the output's: [K, C, F], F a multiple of 16.</summary>
    public static void BackwardWeights(SparseMatrix laplacian, float* g, float* x, float* dw, int batch, int inputs, int outputs, int order)
    {
        var size = order * inputs * outputs;
        var partial = new float[SparseKernel.Blocks * size];
        fixed (float* sums = partial)
        {
            var start = sums;
            Terms(laplacian, x, batch * inputs, order, (block, k, vertex, row) =>
                SparseKernel.AddOuter(row, g + ((long)vertex * batch * outputs), start + (block * size) + (k * inputs * outputs), batch, inputs, outputs));
        }

        Sum(partial, dw, size);
    }

    /// <summary>T₀ = x, T₁ = L̃x, Tₖ = 2L̃Tₖ₋₁ − Tₖ₋₂, of which two are kept at a time; each row is used as soon as it is there.</summary>
    private static void Terms(SparseMatrix laplacian, float* x, int width, int order, UseTerm use)
    {
        var (rows, vertices) = ((long)laplacian.Rows * width, laplacian.Rows);
        using var one = torch.empty(rows);
        using var two = torch.empty(rows);
        var (older, newer, spare) = ((nint)x, (nint)x, (nint)SparseProduct.Data(one));
        SparseKernel.ForBlocks(vertices, (block, from, to) =>
        {
            for (var v = from; v < to; v++)
            {
                use(block, 0, v, x + ((long)v * width));
            }
        });
        for (var k = 1; k < order; k++)
        {
            float* source = (float*)newer, target = (float*)spare, subtract = k == 1 ? null : (float*)older;
            var term = k;
            SparseKernel.ForBlocks(vertices, (block, from, to) =>
            {
                for (var v = from; v < to; v++)
                {
                    var row = target + ((long)v * width);
                    SparseKernel.Row(laplacian, v, source, row, subtract == null ? null : subtract + ((long)v * width), term == 1 ? 1 : 2, width);
                    use(block, term, v, row);
                }
            });

            // Tₖ₋₂ is read by its own row only, so the next term may take its place; x itself stays.
            (older, newer) = (newer, spare);
            spare = k == 1 ? (nint)SparseProduct.Data(two) : older;
        }

        GC.KeepAlive(one);
        GC.KeepAlive(two);
    }

    /// <summary>Blocks in their order: the same sum however many cores there are.</summary>
    private static void Sum(float[] partial, float* target, int size)
    {
        for (var block = 0; block < SparseKernel.Blocks; block++)
        {
            var source = partial.AsSpan(block * size, size);
            var i = 0;
            for (; i + Vector<float>.Count <= size; i += Vector<float>.Count)
            {
                (new Vector<float>(source[i..]) + new Vector<float>(new ReadOnlySpan<float>(target + i, size - i))).CopyTo(new Span<float>(target + i, size - i));
            }

            for (; i < size; i++)
            {
                target[i] += source[i];
            }
        }
    }
}
