using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// A convolution and the batch normalisation after it, which stay separate modules so that weight files know them by their usual names.
/// For inference the two are one: the norm is folded into the convolution's weights.
/// </summary>
internal sealed class ConvNorm(Conv2d conv, BatchNorm2d norm, int stride, int padding) : IDisposable
{
    private Tensor? _weight, _bias;

    /// <summary>Norm of the convolution, then ReLU if wanted; the ReLU works in place, for the backward pass of neither needs what it overwrites.</summary>
    public Tensor Apply(Tensor input, bool relu)
    {
        Tensor result;
        if (_weight is not null)
        {
            result = nn.functional.conv2d(input, _weight, _bias, [stride, stride], [padding, padding]);
        }
        else
        {
            using var c = conv.call(input);
            result = norm.call(c);
        }

        if (relu)
        {
            // The same tensor in another handle.
            nn.functional.relu(result, inplace: true);
        }

        return result;
    }

    /// <summary>w·γ/√(σ²+ε) and β − μ·γ/√(σ²+ε), in the weight's memory layout.</summary>
    public void Fold()
    {
        Dispose();
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var scale = norm.weight! / (norm.running_var! + norm.eps).sqrt();
        var weight = conv.weight * scale.reshape(-1, 1, 1, 1);
        weight = conv.weight.is_channels_last() ? weight.to_channels_last() : weight;
        _weight = weight.DetachFromDisposeScope();
        _bias = (norm.bias! - (norm.running_mean! * scale)).DetachFromDisposeScope();
    }

    /// <summary>Back to the two modules.</summary>
    public void Dispose()
    {
        _weight?.Dispose();
        _bias?.Dispose();
        (_weight, _bias) = (null, null);
    }
}
