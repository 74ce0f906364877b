using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class utils
        {
            /// <summary>Scales the gradients in place so that their joint norm is at most max_norm; returns the norm before.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using IDisposable frozen = no_grad();
                using DisposeScope scope = NewDisposeScope();
                Tensor[] gradients = tensors.Select(t => t.grad).Where(g => g is not null).ToArray()!;
                if (gradients.Length == 0)
                    return 0;
                Tensor norms = torch.stack(gradients.Select(g => linalg.vector_norm(g, norm_type).to(gradients[0].device)));
                double total = linalg.vector_norm(norms, norm_type).ToDouble();
                double scale = max_norm / (total + 1e-6);
                if (scale < 1)
                {
                    foreach (Tensor g in gradients)
                        g.mul_(scale);
                }
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using IDisposable frozen = no_grad();
                foreach (Parameter p in tensors)
                {
                    using Tensor? g = p.grad;
                    g?.clamp_(-clip_value, clip_value);
                }
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                return cat(tensors.Select(t => t.reshape(-1)).ToArray()).MoveToOuterDisposeScope();
            }
        }
    }
}
