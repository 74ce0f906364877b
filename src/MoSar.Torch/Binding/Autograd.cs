using System.Runtime.InteropServices;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    private sealed class GradMode : IDisposable
    {
        private readonly int _was;

        internal GradMode(bool enabled) => _was = ms_grad_mode(enabled ? 1 : 0);

        public void Dispose() => ms_grad_mode(_was);
    }

    private sealed class InferenceMode : IDisposable
    {
        private bool _left;

        internal InferenceMode() => ms_inference_mode(1);

        public void Dispose()
        {
            if (!_left)
                ms_inference_mode(-1);
            _left = true;
        }
    }

    /// <summary>Records no gradients on this thread until disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => ms_grad_mode(-1) != 0;

    /// <summary>As no_grad, and the tensors made can never take part in a gradient.</summary>
    public static IDisposable inference_mode(bool mode = true) => mode ? new InferenceMode() : new GradMode(true);

    public static bool is_inference_mode_enabled() => ms_inference_mode(0) != 0;

    public static partial class autograd
    {
        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>Adds to every leaf's grad the gradient of the sum of the tensors.</summary>
        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            nint[] outputs = Handles(tensors), gradients = Handles(grad_tensors), leaves = Handles(inputs);
            fixed (nint* o = outputs, g = gradients, l = leaves)
            {
                int result = ms_backward(o, outputs.Length, grad_tensors is null ? null : g, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, l, leaves.Length);
                KeepAlive(tensors, grad_tensors, inputs);
                if (result < 0)
                    throw Failure("backward");
            }
        }

        /// <summary>The gradients of the sum of the outputs with respect to the inputs; null for an unused input where allowed.</summary>
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] from = Handles(outputs), to = Handles(inputs), gradients = Handles(grad_outputs), results = new nint[to.Length];
            fixed (nint* o = from, i = to, g = gradients, r = results)
            {
                int done = ms_grad(o, from.Length, i, to.Length, grad_outputs is null ? null : g, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r);
                KeepAlive(outputs, inputs, grad_outputs);
                if (done < 0)
                    throw Failure("grad");
            }
            return results.Select(h => h == 0 ? null! : new Tensor(h)).ToList();
        }

        internal static nint[] Handles(IList<Tensor>? tensors) => tensors?.Select(t => t?.Handle ?? 0).ToArray() ?? [];

        internal static void KeepAlive(params ReadOnlySpan<object?> objects)
        {
            foreach (object? o in objects)
                GC.KeepAlive(o);
        }
    }
}
