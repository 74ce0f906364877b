using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

/// <summary>Values and gradients of a float32 kernel beside those of float64 operators.</summary>
internal static class GradientCheck
{
    /// <param name="inputs">Float32; those that require a gradient are compared.</param>
    /// <param name="relative">Of the largest value of each tensor.</param>
    public static void Same(Tensor[] inputs, Func<Tensor[], Tensor> kernel, Func<Tensor[], Tensor> reference, double relative = 2e-5)
    {
        using var scope = NewDisposeScope();
        var exact = inputs.Select(t => t.detach().to(float64).requires_grad_(t.requires_grad)).ToArray();
        var (got, want) = (kernel(inputs), reference(exact));
        Near("value", got, want, relative);
        manual_seed(5);
        var upstream = randn(got.shape);
        (got * upstream).sum().backward();
        (want * upstream.to(float64)).sum().backward();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].requires_grad)
            {
                Near($"gradient of input {i}", inputs[i].grad!, exact[i].grad!, relative * 5);
            }
        }
    }

    /// <summary>The kernel's derivative along random directions beside central differences of its own values.</summary>
    public static void Differences(Tensor[] inputs, Func<Tensor[], Tensor> kernel, float step, double relative)
    {
        using var scope = NewDisposeScope();
        var weights = randn(kernel(inputs).shape);
        (kernel(inputs) * weights).sum().backward();
        using var frozen = no_grad();
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!inputs[i].requires_grad)
            {
                continue;
            }

            var direction = randn(inputs[i].shape);
            double At(float h) => (kernel([.. inputs.Select((t, k) => k == i ? t.detach() + (direction * h) : t.detach())]) * weights).to(float64).sum().item<double>();
            var want = ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
            var got = (inputs[i].grad! * direction).to(float64).sum().item<double>();
            Assert.True(Math.Abs(want - got) <= relative * Math.Max(1, Math.Abs(want)), $"input {i}: {got} beside {want}");
        }
    }

    public static void Near(string what, Tensor got, Tensor want, double relative)
    {
        var error = (got.detach().to(float64) - want.detach().to(float64)).abs().max().item<double>();
        var size = want.detach().to(float64).abs().max().item<double>();
        Assert.True(error <= relative * size, $"{what}: off by {error} of {size}");
    }
}
