namespace MoSar.Torch.Tests;

/// <summary>Gradients against central differences in float64, and custom functions.</summary>
[ChecksTensorLeaks]
public sealed class AutogradTests
{
    /// <summary>Largest difference between autograd's and the numerical gradient of sum(f(x)), relative to the largest entry.</summary>
    private static double GradientError(Func<Tensor, Tensor> f, Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        x = x.to(ScalarType.Float64).requires_grad_();
        f(x).sum().backward();
        double[] exact = x.grad!.data<double>().ToArray();
        double[] at = x.detach().data<double>().ToArray();
        double worst = 0;
        using IDisposable frozen = no_grad();
        const double h = 1e-6;
        for (int i = 0; i < at.Length; i++)
        {
            double[] up = [.. at], down = [.. at];
            up[i] += h;
            down[i] -= h;
            double slope = (f(tensor(up, x.shape)).sum().ToDouble() - f(tensor(down, x.shape)).sum().ToDouble()) / (2 * h);
            worst = Math.Max(worst, Math.Abs(slope - exact[i]));
        }
        return worst / Math.Max(1, exact.Max(Math.Abs));
    }

    private static void GradientHolds(Func<Tensor, Tensor> f, params long[] shape)
    {
        manual_seed(3);
        using Tensor x = rand(shape, ScalarType.Float64);
        Assert.InRange(GradientError(f, x), 0, 1e-7);
    }

    [Fact]
    public void Gradients_flow_through_normals_of_a_mesh() => GradientHolds(
        v =>
        {
            Tensor a = v.index_select(0, tensor(new long[] { 0, 1 })), b = v.index_select(0, tensor(new long[] { 1, 2 })), c = v.index_select(0, tensor(new long[] { 2, 3 }));
            Tensor n = linalg.cross(b - a, c - a, 1);
            return n / linalg.vector_norm(n, 2, [1], true).clamp_min(1e-9) * tensor(new double[] { 1, 2, 3 });
        },
        4, 3);

    [Fact]
    public void Gradients_flow_through_a_pinhole_projection() => GradientHolds(
        v => stack([v.select(1, 0) / (v.select(1, 2) + 2) * 500, v.select(1, 1) / (v.select(1, 2) + 2) * 500], 1),
        5, 3);

    [Fact]
    public void Gradients_flow_through_spectra() => GradientHolds(x => fft.irfft2(fft.rfft2(x) * fft.rfft2(x).conj()).pow(2), 4, 6);

    [Fact]
    public void Gradients_flow_through_indexing_scatter_and_joins() => GradientHolds(
        x => cat([x[TensorIndex.Slice(step: 2), 1..].flatten(), zeros(3, ScalarType.Float64).scatter_add(0, tensor(new long[] { 0, 2, 0, 2 }), x[1])]).exp(),
        3, 4);

    [Fact]
    public void Gradients_flow_through_small_networks() => GradientHolds(
        x => nn.functional.silu(nn.functional.conv2d(x, ones(2, 1, 3, 3, ScalarType.Float64) * 0.1, padding: [1, 1])).pow(2),
        1, 1, 4, 4);

    private sealed class Cube : autograd.SingleTensorFunction<Cube>
    {
        public override string Name => "Cube";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            ctx.save_for_backward([x]);
            ctx.save_data("scale", vars[1]);
            return x.pow(3) * (double)vars[1];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Tensor x = ctx.get_saved_variables()[0];
            return [grad_output * 3 * x * x * (double)ctx.get_data("scale"), null!];
        }
    }

    [Fact]
    public void Custom_functions_have_gradients()
    {
        GradientHolds(x => Cube.apply(x, 2.0).sin(), 2, 3);
        using DisposeScope scope = NewDisposeScope();
        Assert.False(Cube.apply(ones(2), 1.0).requires_grad);
        using (no_grad())
            Assert.False(Cube.apply(ones(2, requires_grad: true), 1.0).requires_grad);
    }

    [Fact]
    public void Custom_functions_can_be_differentiated_twice()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = tensor(new double[] { 2, 3 }).requires_grad_();
        Tensor first = autograd.grad([Cube.apply(x, 1.0).sum()], [x], create_graph: true)[0];
        Tensor second = autograd.grad([first.sum()], [x])[0];
        Assert.Equal([12.0, 18.0], second.data<double>().ToArray());
    }

    private sealed class SumAndProduct : autograd.MultiTensorFunction<SumAndProduct>
    {
        public override string Name => "SumAndProduct";

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            Tensor product = a * b;
            ctx.save_for_backward([a, b, product]);
            return [a + b, product];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            List<Tensor> saved = ctx.get_saved_variables();
            Assert.True(saved[2].allclose(saved[0] * saved[1]));
            return [grad_outputs[0] + grad_outputs[1] * saved[1], grad_outputs[0] + grad_outputs[1] * saved[0]];
        }
    }

    [Fact]
    public void Functions_of_several_tensors_get_zeros_for_unused_outputs()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = tensor(new float[] { 2, 3 }).requires_grad_(), b = tensor(new float[] { 5, 7 }).requires_grad_();
        SumAndProduct.apply(a, b)[1].sum().backward();
        Assert.Equal([5f, 7f], a.grad!.data<float>().ToArray());
        Assert.Equal([2f, 3f], b.grad!.data<float>().ToArray());
        Tensor constant = ones(2);
        SumAndProduct.apply(a, constant)[0].sum().backward();
        Assert.Equal([6f, 8f], a.grad!.data<float>().ToArray());
        Assert.Null(constant.grad);
    }

    private sealed class PassThrough : autograd.SingleTensorFunction<PassThrough>
    {
        public override string Name => "PassThrough";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).view(-1);

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output.reshape(2, 2) * 10];
    }

    private sealed class Same : autograd.SingleTensorFunction<Same>
    {
        public override string Name => "Same";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [-grad_output];
    }

    [Fact]
    public void Outputs_may_be_views_of_inputs_or_the_inputs_themselves()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, 2, requires_grad: true);
        PassThrough.apply(x).sum().backward();
        Assert.Equal(40, (double)x.grad!.sum());
        x.grad = null;
        Tensor y = Same.apply(x);
        Assert.False(ReferenceEquals(x, y));
        y.sum().backward();
        Assert.Equal(-4, (double)x.grad!.sum());
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => "Failing";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]) * 2;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new InvalidDataException("boom");
    }

    [Fact]
    public void An_exception_in_backward_reaches_the_caller()
    {
        using DisposeScope scope = NewDisposeScope();
        Exception e = Assert.ThrowsAny<Exception>(() => Failing.apply(ones(2, requires_grad: true)).sum().backward());
        Assert.Contains("backward of Failing failed", e.Message);
        Assert.Equal("boom", Assert.IsType<InvalidDataException>(e.InnerException).Message);
    }

    [Fact]
    public void A_second_backward_needs_retain_graph()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(2, requires_grad: true);
        Tensor y = Cube.apply(x, 1.0).sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.Equal(12, (double)x.grad!.sum());
        Assert.ThrowsAny<Exception>(() => y.backward());
    }

    [Fact]
    public void Modes_nest_and_return()
    {
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            using (enable_grad())
                Assert.True(is_grad_enabled());
            Assert.False(is_grad_enabled());
        }
        Assert.True(is_grad_enabled());
        using (inference_mode())
            Assert.True(is_inference_mode_enabled());
        Assert.False(is_inference_mode_enabled());
    }
}
