using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Graphics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// Eq. 5–8 over tensors (DS of the paper's figure 5), differentiable with respect to every input: a custom autograd function around
/// <see cref="ShadingKernel"/>, one pass forward and one backward over memory where eager operators would need some hundreds.
/// Float32 on the CPU.
/// </summary>
public static class DifferentiableShading
{
    /// <summary>The shaded texture m̂, [N, 3, H, W].</summary>
    /// <param name="albedo">d, [N, 3, H, W].</param>
    /// <param name="specular">s, [N, 1, H, W].</param>
    /// <param name="occlusion">a, [N, 1, H, W].</param>
    /// <param name="translucency">t, [N, 1, H, W].</param>
    /// <param name="normals">n, [N, 3, H, W], unit vectors in head space.</param>
    /// <param name="views">[N, 3, H, W], unit vectors towards the camera.</param>
    /// <param name="light">γ, [N, (bands+1)², 3].</param>
    /// <param name="roughness">σ of R_l.</param>
    /// <param name="terms">Which summands of Eq. 5.</param>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static Tensor Shade(
        Tensor albedo, Tensor specular, Tensor occlusion, Tensor translucency, Tensor normals, Tensor views, Tensor light, double roughness = 0.25, ShadingTerms terms = ShadingTerms.All)
    {
        Check(albedo, specular, occlusion, translucency, normals, views, light);
        return ShadingFunction.apply(new ShadingCall(new ShadingKernel(roughness), terms), albedo, specular, occlusion, translucency, normals, views, light);
    }

    private static void Check(Tensor albedo, Tensor specular, Tensor occlusion, Tensor translucency, Tensor normals, Tensor views, Tensor light)
    {
        var shape = albedo.shape;
        if (shape.Length != 4 || shape[1] != 3)
        {
            throw new ArgumentException($"albedo must be [N, 3, H, W], not [{string.Join(", ", shape)}].");
        }

        foreach (var (name, tensor, channels) in new[]
            { ("albedo", albedo, 3L), ("specular", specular, 1), ("occlusion", occlusion, 1), ("translucency", translucency, 1), ("normals", normals, 3), ("views", views, 3) })
        {
            if (tensor.dim() != 4 || tensor.shape[0] != shape[0] || tensor.shape[1] != channels || tensor.shape[2] != shape[2] || tensor.shape[3] != shape[3])
            {
                throw new ArgumentException($"{name} must be [{shape[0]}, {channels}, {shape[2]}, {shape[3]}], not [{string.Join(", ", tensor.shape)}].");
            }
        }

        var bands = light.dim() == 3 ? (long)Math.Round(Math.Sqrt(light.shape[1])) : 0;
        if (light.dim() != 3 || light.shape[0] != shape[0] || light.shape[2] != 3 || bands * bands != light.shape[1])
        {
            throw new ArgumentException($"light must be [{shape[0]}, (bands+1)², 3], not [{string.Join(", ", light.shape)}].");
        }

        foreach (var tensor in new[] { albedo, specular, occlusion, translucency, normals, views, light })
        {
            if (tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
            {
                throw new ArgumentException($"Shading takes float32 tensors on the CPU, not {tensor.dtype} on {tensor.device_type}.");
            }
        }
    }

    /// <summary>What of a call is not a tensor.</summary>
    private sealed record ShadingCall(ShadingKernel Kernel, ShadingTerms Terms);

    private sealed unsafe class ShadingFunction : SingleTensorFunction<ShadingFunction>
    {
        public override string Name => "mosar_shading";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var call = (ShadingCall)vars[0];
            var inputs = vars.Skip(1).Select(v => ((Tensor)v).contiguous()).ToList();
            ctx.save_for_backward(inputs);
            ctx.save_data("call", call);
            var output = zeros_like(inputs[0]);
            for (var item = 0; item < output.shape[0]; item++)
            {
                call.Kernel.Forward(Buffers(inputs, item), Points(output), Light(inputs[6], item), call.Terms, Item(output, item));
            }

            KeepAlive(inputs);
            return output;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var call = (ShadingCall)ctx.get_data("call");
            var inputs = ctx.get_saved_variables();
            using var upstream = grad_output.contiguous();
            var gradients = inputs.Select(t => zeros_like(t)).ToList();
            for (var item = 0; item < upstream.shape[0]; item++)
            {
                var length = (int)(inputs[6].shape[1] * 3);
                call.Kernel.Backward(
                    Buffers(inputs, item), Points(upstream), Light(inputs[6], item), call.Terms, Item(upstream, item), Buffers(gradients, item), new Span<float>(Item(gradients[6], item), length));
            }

            KeepAlive(inputs);
            return [null!, .. gradients];
        }

        private static void KeepAlive(List<Tensor> tensors) => GC.KeepAlive(tensors);

        private static int Points(Tensor map) => checked((int)(map.shape[2] * map.shape[3]));

        private static ShadingBuffers Buffers(List<Tensor> tensors, int item) => new()
        {
            Albedo = Item(tensors[0], item),
            Specular = Item(tensors[1], item),
            Occlusion = Item(tensors[2], item),
            Translucency = Item(tensors[3], item),
            Normals = Item(tensors[4], item),
            Views = Item(tensors[5], item),
            PointStride = 1,
            ChannelStride = Points(tensors[0]),
        };

        private static ReadOnlySpan<Vector3> Light(Tensor light, int item) => new(Item(light, item), checked((int)light.shape[1]));

        // Tensor memory does not move; the lists keep the tensors alive while the kernel runs.
        private static float* Item(Tensor tensor, int item)
        {
            var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
            return (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref values[0]) + (item * (tensor.numel() / tensor.shape[0]));
        }
    }
}
