using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning.Networks;

/// <summary>
/// Σₖ Tₖ(L̃)·x·Wₖ + b over a graph (Defferrard et al. 2016), K = 6 as in CoMA (Ranjan et al. 2018). [V, B, in] → [V, B, out], vertex-major and contiguous:
/// the whole recurrence is one autograd function (<see cref="ChebyshevKernel"/>), which keeps nothing but its input. Float32; devices other than
/// the CPU go by index operators.
/// </summary>
public sealed class ChebyshevConvolution : nn.Module<Tensor, Tensor>
{
    /// <summary>The number of polynomials of CoMA's published network.</summary>
    public const int DefaultOrder = 6;

    private readonly SparseMatrix _laplacian;
    private readonly Parameter weight, bias;

    /// <param name="laplacian">L̃, symmetric with eigenvalues in [−1, 1]: <see cref="SparseMatrix.ScaledLaplacian"/>.</param>
    public ChebyshevConvolution(string name, SparseMatrix laplacian, int inputs, int outputs, int order = DefaultOrder)
        : base(name)
    {
        if (laplacian.Rows != laplacian.Columns || inputs < 1 || outputs < 1 || order < 1)
        {
            throw new ArgumentException($"{laplacian.Rows}×{laplacian.Columns}, {inputs} → {outputs} channels, order {order}: a square matrix and numbers from 1 are wanted");
        }

        (_laplacian, Inputs, Outputs, Order) = (laplacian, inputs, outputs, order);

        // Glorot's bounds over all terms together.
        var bound = Math.Sqrt(6.0 / ((order * inputs) + outputs));
        weight = new Parameter(empty(order, inputs, outputs).uniform_(-bound, bound));
        bias = new Parameter(zeros(outputs));
        RegisterComponents();
    }

    public int Inputs { get; }

    public int Outputs { get; }

    public int Order { get; }

    internal SparseMatrix Laplacian => _laplacian;

    /// <summary>W, [K, in, out].</summary>
    public Parameter Weight => weight;

    /// <summary>b, [out].</summary>
    public Parameter Bias => bias;

    public override Tensor forward(Tensor input)
    {
        var shape = input.shape;
        if (shape.Length != 3 || shape[0] != _laplacian.Rows || shape[2] != Inputs || input.dtype != ScalarType.Float32)
        {
            throw new ArgumentException($"{GetName()} takes float32 [{_laplacian.Rows}, B, {Inputs}], not {input.dtype} [{string.Join(", ", shape)}].");
        }

        return input.device_type == DeviceType.CPU ? Function.apply(_laplacian, input, weight, bias) : ByOperators(input);
    }

    /// <summary>The same sum by eager operators.</summary>
    internal Tensor ByOperators(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (older, newer) = (input, input);
        var sum = input.matmul(weight[0]) + bias;
        for (var k = 1; k < Order; k++)
        {
            var term = SparseProduct.ByIndex(_laplacian, newer);
            term = k == 1 ? term : (2 * term) - older;
            sum = sum + term.matmul(weight[k]);
            (older, newer) = (newer, term);
        }

        return sum.MoveToOuterDisposeScope();
    }

    private sealed unsafe class Function : SingleTensorFunction<Function>
    {
        public override string Name => "mosar_chebyshev";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var (laplacian, input, weight, bias) = ((SparseMatrix)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3]);
            using var scope = NewDisposeScope();
            var x = input.contiguous();
            ctx.save_for_backward([x.MoveToOuterDisposeScope(), weight]);
            ctx.save_data("laplacian", laplacian);
            ctx.save_data("wanted", input.requires_grad);
            var (batch, inputs, outputs, order) = ((int)x.shape[1], (int)x.shape[2], (int)weight.shape[2], (int)weight.shape[0]);
            var wide = ChebyshevKernel.Padded(outputs);
            var (w, b) = (Widened(weight, wide), Widened(bias, wide));
            var y = empty(x.shape[0], batch, wide);
            ChebyshevKernel.Forward(laplacian, SparseProduct.Data(x), SparseProduct.Data(w), SparseProduct.Data(b), SparseProduct.Data(y), batch, inputs, wide, order);
            KeepAlive(x, w, b, y);
            return (wide == outputs ? y : y.narrow(2, 0, outputs).contiguous()).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var laplacian = (SparseMatrix)ctx.get_data("laplacian");
            var saved = ctx.get_saved_variables();
            var (x, weight, g) = (saved[0], saved[1], grad_output.contiguous());
            var isWanted = (bool)ctx.get_data("wanted");
            var (batch, inputs, outputs, order) = ((int)x.shape[1], (int)x.shape[2], (int)weight.shape[2], (int)weight.shape[0]);
            var dx = isWanted ? zeros(x.shape[0], batch, ChebyshevKernel.Padded(inputs)) : null;
            Tensor dw;
            if (!isWanted && inputs < outputs && outputs == ChebyshevKernel.Padded(outputs))
            {
                dw = zeros(order, inputs, outputs);
                ChebyshevKernel.BackwardWeights(laplacian, SparseProduct.Data(g), SparseProduct.Data(x), SparseProduct.Data(dw), batch, inputs, outputs, order);
            }
            else
            {
                // Vectors run along the outputs, or along the inputs where only those fill them; of two odd numbers the inputs are filled up with zeros.
                var isTurned = outputs != ChebyshevKernel.Padded(outputs);
                var wide = isTurned ? ChebyshevKernel.Padded(inputs) : inputs;
                var own = wide == inputs ? x : Widened(x, wide);
                var transposed = Widened(weight.transpose(1, 2), ChebyshevKernel.Padded(inputs));
                var raw = isTurned ? zeros(order, outputs, wide) : zeros(order, inputs, outputs);
                ChebyshevKernel.Backward(
                    laplacian, SparseProduct.Data(g), SparseProduct.Data(own), SparseProduct.Data(transposed), dx is null ? null : SparseProduct.Data(dx), SparseProduct.Data(raw), isTurned, batch, wide, outputs, order);
                KeepAlive(own, transposed, raw);
                dw = isTurned ? raw.transpose(1, 2).narrow(1, 0, inputs).contiguous() : raw;
            }

            KeepAlive(x, weight, g, dw);
            var dxOwn = dx is null ? null! : inputs == dx.shape[2] ? dx : dx.narrow(2, 0, inputs).contiguous();
            return [null!, dxOwn, dw, g.sum([0, 1])];
        }

        /// <summary>A copy with zeros after the last dimension's values, up to <paramref name="width"/>.</summary>
        private static Tensor Widened(Tensor tensor, int width)
        {
            var shape = tensor.shape;
            var own = shape[^1];
            if (own == width)
            {
                return tensor.contiguous();
            }

            shape[^1] = width;
            var result = zeros(shape);
            using var part = result.narrow(shape.Length - 1, 0, own);
            part.copy_(tensor);
            return result;
        }

        private static void KeepAlive(params Tensor?[] tensors) => GC.KeepAlive(tensors);
    }
}
