using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>Convolution without bias, batch normalisation, ReLU. [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉].</summary>
public sealed class ConvBlock : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Conv2d conv;
    private readonly TorchSharp.Modules.BatchNorm2d norm;

    public ConvBlock(string name, int input, int output, int kernel = 3, int stride = 1)
        : base(name)
    {
        conv = nn.Conv2d(input, output, kernel, stride, padding: kernel / 2, bias: false);
        norm = nn.BatchNorm2d(output);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var c = conv.call(input);
        using var n = norm.call(c);
        return nn.functional.relu(n);
    }
}

/// <summary>Two 3×3 convolutions around a skip (He et al. 2016). [N, C, H, W] → the same shape.</summary>
public sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Conv2d first, second;
    private readonly TorchSharp.Modules.BatchNorm2d firstNorm, secondNorm;

    public ResidualBlock(string name, int channels)
        : base(name)
    {
        first = nn.Conv2d(channels, channels, 3, padding: 1, bias: false);
        firstNorm = nn.BatchNorm2d(channels);
        second = nn.Conv2d(channels, channels, 3, padding: 1, bias: false);
        secondNorm = nn.BatchNorm2d(channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var a = first.call(input);
        using var an = firstNorm.call(a);
        using var ar = nn.functional.relu(an);
        using var b = second.call(ar);
        using var bn = secondNorm.call(b);
        using var sum = bn + input;
        return nn.functional.relu(sum);
    }
}
