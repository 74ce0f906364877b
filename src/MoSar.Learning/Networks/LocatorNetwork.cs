using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// Finds faces in a whole picture: at each cell of a 1/8 grid, whether a face's crop centre lies there and, if so, where exactly, how large
/// and how turned. Input [N, 3, 256, 256], sRGB in [−1, 1]. Output [N, 6, 32, 32]: logit of a face; offset of the centre from the cell's
/// middle in cells (x, y); ln(side of the crop / 64 pixels); cos and sin of the roll. Nothing fixes the input's size but training.
/// </summary>
public sealed class LocatorNetwork : nn.Module<Tensor, Tensor>
{
    public const int InputSide = 256, GridSide = 32, Stride = 8, Channels = 6;

    /// <summary>Crop side in pixels whose logarithmic size is 0.</summary>
    public const float UnitSize = 64;

    private readonly ConvBlock stem, down2, down3, down4, down5, lift5, lift4, merge4, merge3;
    private readonly ResidualBlock block3, block4, block5;
    private readonly TorchSharp.Modules.Conv2d head;

    public LocatorNetwork()
        : base("locator")
    {
        stem = new ConvBlock("stem", 3, 8, stride: 2);
        down2 = new ConvBlock("down2", 8, 16, stride: 2);
        down3 = new ConvBlock("down3", 16, 32, stride: 2);
        block3 = new ResidualBlock("block3", 32);
        down4 = new ConvBlock("down4", 32, 64, stride: 2);
        block4 = new ResidualBlock("block4", 64);
        down5 = new ConvBlock("down5", 64, 112, stride: 2);
        block5 = new ResidualBlock("block5", 112);
        lift5 = new ConvBlock("lift5", 112, 64, kernel: 1);
        merge4 = new ConvBlock("merge4", 64, 64);
        lift4 = new ConvBlock("lift4", 64, 32, kernel: 1);
        merge3 = new ConvBlock("merge3", 32, 32);
        head = nn.Conv2d(32, Channels, 1);
        RegisterComponents();
    }

    /// <summary>Lets an untrained network say "no face" almost everywhere: else the many empty cells dominate the first steps (Lin et al. 2017).</summary>
    public void StartRare()
    {
        using var frozen = no_grad();
        head.bias!.select(0, 0).fill_(-4);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var eighth = block3.call(down3.call(down2.call(stem.call(input))));
        var sixteenth = block4.call(down4.call(eighth));
        var deepest = block5.call(down5.call(sixteenth));
        var up4 = merge4.call(sixteenth + Double(lift5.call(deepest)));
        var up3 = merge3.call(eighth + Double(lift4.call(up4)));
        return head.call(up3).MoveToOuterDisposeScope();
    }

    private static Tensor Double(Tensor x) => nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
}
