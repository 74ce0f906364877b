using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning.Networks;

/// <summary>A fixed sparse matrix times a tensor, differentiable in the tensor. Vertex-major: batch and channels are one dense row a vertex.</summary>
public static class SparseProduct
{
    /// <summary>matrix · input: [Rows, B, C] of [Columns, B, C] float32; our own kernel on the CPU, index operators on other devices.</summary>
    public static Tensor Apply(SparseMatrix matrix, Tensor input)
    {
        var shape = input.shape;
        if (shape.Length != 3 || shape[0] != matrix.Columns || input.dtype != ScalarType.Float32)
        {
            throw new ArgumentException($"The product with a {matrix.Rows}×{matrix.Columns} matrix takes float32 [{matrix.Columns}, B, C], not {input.dtype} [{string.Join(", ", shape)}].");
        }

        return input.device_type == DeviceType.CPU ? Function.apply(matrix, input) : ByIndex(matrix, input);
    }

    /// <summary>Float32 memory of a contiguous tensor; it does not move as long as the tensor lives.</summary>
    internal static unsafe float* Data(Tensor tensor) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    internal static Tensor ByIndex(SparseMatrix matrix, Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = tensor([.. matrix.Entries().Select(e => (long)e.Row)]).to(input.device);
        var columns = tensor([.. matrix.ColumnIndex.Select(c => (long)c)]).to(input.device);
        var values = tensor(matrix.Values).to(input.device).reshape(-1, 1, 1);
        var target = zeros([matrix.Rows, input.shape[1], input.shape[2]], device: input.device);
        return target.index_add(0, rows, input.index_select(0, columns) * values, 1).MoveToOuterDisposeScope();
    }

    private sealed unsafe class Function : SingleTensorFunction<Function>
    {
        public override string Name => "mosar_sparse_product";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var (matrix, input) = ((SparseMatrix)vars[0], (Tensor)vars[1]);
            ctx.save_data("matrix", matrix);
            return Product(matrix, input);
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output) =>
            [null!, Product(((SparseMatrix)ctx.get_data("matrix")).Transposed, grad_output)];

        private static Tensor Product(SparseMatrix matrix, Tensor input)
        {
            using var dense = input.contiguous();
            var (batch, channels) = (dense.shape[1], dense.shape[2]);
            var output = empty(matrix.Rows, batch, channels);
            SparseKernel.Multiply(matrix, Data(dense), Data(output), checked((int)(batch * channels)));
            GC.KeepAlive(dense);
            return output;
        }
    }
}
