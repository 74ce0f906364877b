using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A leaf tensor that a module learns. It shares the memory of the tensor it is made from and belongs to no dispose scope.</summary>
public class Parameter : Tensor
{
    public Parameter(Tensor data, bool requires_grad = true)
        : base(Leaf(data))
    {
        requires_grad_(requires_grad);
        DetachFromDisposeScope();
    }

    private static nint Leaf(Tensor data)
    {
        using Tensor detached = data.detach();
        return NativeMethods.ms_tensor_retain(detached.Handle);
    }
}
