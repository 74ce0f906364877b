using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// A residual network (He et al., CVPR 2016) to the mean of its last map: [N, 3, H, W] → [N, Features]. ResNet-50 has torchvision's structure and names in
/// weight files (<c>conv1.weight</c>, <c>layer1.0.bn2.running_mean</c> …; the classifier <c>fc</c> is not part of it), stride in the 3×3 convolutions.
/// </summary>
public sealed class ResNet : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d? conv2;
    private readonly BatchNorm2d? bn2;
    private readonly Sequential layer1, layer2, layer3, layer4;
    private readonly ConvNorm first;
    private readonly ConvNorm? second;
    private readonly IReadOnlyList<ResidualUnit> units;

    private ResNet(string name, ResNetShape shape)
        : base(name)
    {
        if (shape.Stem == 0)
        {
            conv1 = nn.Conv2d(3, 64, 7, 2, padding: 3, bias: false);
            bn1 = nn.BatchNorm2d(64);
            first = new ConvNorm(conv1, bn1, 2, 3);
        }
        else
        {
            conv1 = nn.Conv2d(3, shape.Stem, 3, 2, padding: 1, bias: false);
            bn1 = nn.BatchNorm2d(shape.Stem);
            conv2 = nn.Conv2d(shape.Stem, shape.Widths[0], 3, 2, padding: 1, bias: false);
            bn2 = nn.BatchNorm2d(shape.Widths[0]);
            first = new ConvNorm(conv1, bn1, 2, 1);
            second = new ConvNorm(conv2, bn2, 2, 1);
        }

        var made = new List<ResidualUnit>();
        var channels = shape.Stem == 0 ? 64 : shape.Widths[0];
        Sequential Layer(int i)
        {
            var blocks = new List<nn.Module<Tensor, Tensor>>();
            for (var k = 0; k < shape.Blocks[i]; k++)
            {
                var stride = k == 0 && i > 0 ? 2 : 1;
                ResidualUnit unit = shape.Bottleneck ? new Bottleneck(channels, shape.Widths[i], stride) : new BasicUnit(channels, shape.Widths[i], stride);
                channels = shape.Widths[i];
                blocks.Add(unit);
                made.Add(unit);
            }

            return nn.Sequential(blocks);
        }

        (layer1, layer2, layer3, layer4) = (Layer(0), Layer(1), Layer(2), Layer(3));
        units = made;
        Features = channels;
        RegisterComponents();
        Initialise();
    }

    /// <summary>Length of the output.</summary>
    public int Features { get; }

    /// <summary>The paper's encoder (3.1): 23.5 million parameters, 4.1 G multiply-adds at 224².</summary>
    public static ResNet ResNet50() => new("resnet50", new ResNetShape(0, [256, 512, 1024, 2048], [3, 4, 6, 3], true));

    /// <summary>
    /// 3.1 million parameters, 0.145 G multiply-adds at 128². Pairs of 3×3 convolutions: on processors they run at nearly twice the rate of a
    /// bottleneck's 1×1 ones; the stem's pooling is a convolution; most depth where maps are 8² to 16².
    /// </summary>
    public static ResNet Compact() => new("compact", new ResNetShape(16, [32, 64, 128, 256], [1, 2, 3, 2], false));

    /// <summary>
    /// Makes inference faster, by a third or more: every norm becomes part of its convolution. To be called after weights are loaded and the layout is
    /// chosen; what is trained or loaded afterwards is not seen until the next call. <see cref="train"/> undoes it.
    /// </summary>
    public void Fold()
    {
        eval();
        foreach (var pair in Pairs())
        {
            pair.Fold();
        }
    }

    public override void train(bool train = true)
    {
        base.train(train);
        if (train)
        {
            foreach (var pair in Pairs())
            {
                pair.Dispose();
            }
        }
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = first.Apply(input, relu: true);
        x = second is null ? nn.functional.max_pool2d(x, [3, 3], [2, 2], [1, 1]) : second.Apply(x, relu: true);
        x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
        return x.mean([2, 3]).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var pair in Pairs())
            {
                pair.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private IEnumerable<ConvNorm> Pairs() => units.SelectMany(u => u.Pairs).Append(first).Concat(second is null ? [] : [second]);

    /// <summary>He's initialisation by the outputs, and residual branches that begin at zero, so that the whole begins as a shallow network (Goyal et al. 2017).</summary>
    private void Initialise()
    {
        using var frozen = no_grad();
        foreach (var conv in modules().OfType<Conv2d>())
        {
            nn.init.kaiming_normal_(conv.weight, mode: nn.init.FanInOut.FanOut, nonlinearity: nn.init.NonlinearityType.ReLU);
        }

        foreach (var unit in units)
        {
            unit.Last.weight!.zero_();
        }
    }

    /// <param name="Stem">0: torchvision's 7×7 convolution with pooling; else the channels of the first of two 3×3 convolutions.</param>
    /// <param name="Widths">Channels of each layer's output.</param>
    /// <param name="Blocks">Units of each layer.</param>
    /// <param name="Bottleneck">1×1, 3×3, 1×1 with a quarter of the channels between; else two 3×3.</param>
    private sealed record ResNetShape(int Stem, int[] Widths, int[] Blocks, bool Bottleneck);
}

/// <summary>A branch that is added to its input: the common part of both kinds.</summary>
internal abstract class ResidualUnit(string name) : nn.Module<Tensor, Tensor>(name)
{
    /// <summary>The branch, in order.</summary>
    protected IReadOnlyList<ConvNorm> Branch { get; set; } = [];

    /// <summary>Of the input, where its shape changes.</summary>
    protected ConvNorm? Shortcut { get; set; }

    /// <summary>The branch's last norm.</summary>
    internal BatchNorm2d Last { get; set; } = null!;

    internal IEnumerable<ConvNorm> Pairs => Shortcut is null ? Branch : Branch.Append(Shortcut);

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input;
        for (var i = 0; i < Branch.Count; i++)
        {
            x = Branch[i].Apply(x, relu: i + 1 < Branch.Count);
        }

        // In place, as torchvision does: no gradient needs the sum's terms.
        x.add_(Shortcut is null ? input : Shortcut.Apply(input, relu: false));
        nn.functional.relu(x, inplace: true);
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>torchvision's <c>downsample</c>: a 1×1 convolution with its norm; null where the input can be added as it is.</summary>
    protected Sequential? MakeShortcut(int input, int output, int stride)
    {
        if (stride == 1 && input == output)
        {
            return null;
        }

        var (conv, norm) = (nn.Conv2d(input, output, 1, stride, bias: false), nn.BatchNorm2d(output));
        Shortcut = new ConvNorm(conv, norm, stride, 0);
        return nn.Sequential(conv, norm);
    }
}

internal sealed class Bottleneck : ResidualUnit
{
    private readonly Conv2d conv1, conv2, conv3;
    private readonly BatchNorm2d bn1, bn2, bn3;
    private readonly Sequential? downsample;

    public Bottleneck(int input, int output, int stride)
        : base("bottleneck")
    {
        var inner = output / 4;
        conv1 = nn.Conv2d(input, inner, 1, bias: false);
        bn1 = nn.BatchNorm2d(inner);
        conv2 = nn.Conv2d(inner, inner, 3, stride, padding: 1, bias: false);
        bn2 = nn.BatchNorm2d(inner);
        conv3 = nn.Conv2d(inner, output, 1, bias: false);
        bn3 = nn.BatchNorm2d(output);
        downsample = MakeShortcut(input, output, stride);
        (Branch, Last) = ([new ConvNorm(conv1, bn1, 1, 0), new ConvNorm(conv2, bn2, stride, 1), new ConvNorm(conv3, bn3, 1, 0)], bn3);
        Register();
    }

    // Named one by one: the base class' members are no part of the state.
    private void Register()
    {
        foreach (var (name, module) in new (string, nn.Module?)[] { ("conv1", conv1), ("bn1", bn1), ("conv2", conv2), ("bn2", bn2), ("conv3", conv3), ("bn3", bn3), ("downsample", downsample) })
        {
            if (module is not null)
            {
                register_module(name, module);
            }
        }
    }
}

internal sealed class BasicUnit : ResidualUnit
{
    private readonly Conv2d conv1, conv2;
    private readonly BatchNorm2d bn1, bn2;
    private readonly Sequential? downsample;

    public BasicUnit(int input, int output, int stride)
        : base("basic")
    {
        conv1 = nn.Conv2d(input, output, 3, stride, padding: 1, bias: false);
        bn1 = nn.BatchNorm2d(output);
        conv2 = nn.Conv2d(output, output, 3, 1, padding: 1, bias: false);
        bn2 = nn.BatchNorm2d(output);
        downsample = MakeShortcut(input, output, stride);
        (Branch, Last) = ([new ConvNorm(conv1, bn1, stride, 1), new ConvNorm(conv2, bn2, 1, 1)], bn2);
        foreach (var (name, module) in new (string, nn.Module?)[] { ("conv1", conv1), ("bn1", bn1), ("conv2", conv2), ("bn2", bn2), ("downsample", downsample) })
        {
            if (module is not null)
            {
                register_module(name, module);
            }
        }
    }
}
