using MoSar.Graphics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class DifferentiableShadingTests
{
    [Fact]
    public void Gradients_reach_every_input_and_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var inputs = Inputs(2, 5, 7);
        var weights = rand(2, 3, 5, 7);
        using (var loss = (Shade(inputs) * weights).sum())
        {
            loss.backward();
        }

        using var frozen = no_grad();
        foreach (var (input, index) in inputs.Select((t, i) => (t, i)))
        {
            // A step along a random direction; for directions it is tangential, and the result is put back to unit length.
            var step = randn(input.shape);
            if (index is 4 or 5)
            {
                step = step - (input * (step * input).sum(1, keepdim: true));
            }

            double At(float h)
            {
                var moved = input.detach() + (step * h);
                var stepped = inputs.Select((t, i) => i == index ? (index is 4 or 5 ? Unit(moved) : moved) : t.detach()).ToArray();
                return (Shade(stepped) * weights).to(float64).sum().item<double>();
            }

            const float h = 2e-3f;
            var want = ((8 * (At(h) - At(-h))) - (At(2 * h) - At(-2 * h))) / (12 * h);
            var got = (input.grad! * step).to(float64).sum().item<double>();
            Assert.Equal(want, got, 5e-3 * Math.Max(1, Math.Abs(want)));
        }
    }

    [Fact]
    public void White_in_uniform_light_is_white()
    {
        using var scope = NewDisposeScope();
        var i = Inputs(1, 4, 4);
        var light = tensor(ShLight.Uniform.Coefficients.SelectMany(c => new[] { c.X, c.Y, c.Z }).ToArray()).reshape(1, 9, 3);
        var one = ones(1, 1, 4, 4);
        var white = DifferentiableShading.Shade(ones(1, 3, 4, 4), one, one, one, i[4].detach(), i[5].detach(), light, terms: ShadingTerms.Diffuse);
        Assert.True((white - 1).abs().max().item<float>() < 1e-5f);
    }

    [Fact]
    public void A_wrong_shape_is_named()
    {
        using var scope = NewDisposeScope();
        var i = Inputs(1, 4, 4);
        i[2] = rand(1, 3, 4, 4);
        var error = Assert.Throws<ArgumentException>(() => Shade(i));
        Assert.Equal("occlusion must be [1, 1, 4, 4], not [1, 3, 4, 4].", error.Message);
    }

    private static Tensor Shade(Tensor[] i) => DifferentiableShading.Shade(i[0], i[1], i[2], i[3], i[4], i[5], i[6], roughness: 0.3);

    private static Tensor Unit(Tensor t) => t / (t * t).sum(1, keepdim: true).sqrt();

    private static Tensor[] Inputs(int n, int h, int w)
    {
        manual_seed(7);
        var normals = Unit(randn(n, 3, h, w));

        // Views within the hemisphere of the normal, away from the corner of the clamp.
        var views = Unit(normals + (0.6 * Unit(randn(n, 3, h, w))));
        Tensor[] inputs =
        [
            rand(n, 3, h, w), rand(n, 1, h, w), rand(n, 1, h, w), (rand(n, 1, h, w) * 0.5) + 0.5, normals, views, randn(n, 81, 3) * 0.3,
        ];
        return [.. inputs.Select(t => t.detach().requires_grad_(true))];
    }
}
