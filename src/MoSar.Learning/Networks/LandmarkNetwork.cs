using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// 68 heatmaps from a face crop: a residual encoder to 1/16, and a decoder with skips back to 1/4. Input [N, 3, 128, 128], sRGB values
/// in [−1, 1]. Output: heatmap logits [N, 68, 32, 32] and the logarithm of each point's expected error [N, 68] (the Laplace scale, in
/// parts of the crop's side). Positions are the heatmaps' means (<see cref="HeatmapDecoder"/>), so they are not bound to cells.
/// </summary>
public sealed class LandmarkNetwork : nn.Module<Tensor, (Tensor Heatmaps, Tensor LogError)>
{
    public const int InputSide = 128, HeatmapSide = 32, FineChannels = 48, MapSide = 8, MapChannels = 128;

    private readonly ConvBlock stem, down2, down3, down4, merge3, merge2;
    private readonly ResidualBlock block2, block3, block4a, block4b;
    private readonly ConvBlock lift4, lift3, skip2;
    private readonly TorchSharp.Modules.Conv2d heat;
    private readonly TorchSharp.Modules.Linear error;

    public LandmarkNetwork()
        : base("landmarks")
    {
        stem = new ConvBlock("stem", 3, 16, kernel: 5, stride: 2);
        down2 = new ConvBlock("down2", 16, 32, stride: 2);
        block2 = new ResidualBlock("block2", 32);
        down3 = new ConvBlock("down3", 32, 64, stride: 2);
        block3 = new ResidualBlock("block3", 64);
        down4 = new ConvBlock("down4", 64, 128, stride: 2);
        block4a = new ResidualBlock("block4a", 128);
        block4b = new ResidualBlock("block4b", 128);
        lift4 = new ConvBlock("lift4", 128, 64, kernel: 1);
        merge3 = new ConvBlock("merge3", 64, 64);
        lift3 = new ConvBlock("lift3", 64, FineChannels, kernel: 1);
        skip2 = new ConvBlock("skip2", 32, FineChannels, kernel: 1);
        merge2 = new ConvBlock("merge2", FineChannels, FineChannels);
        heat = nn.Conv2d(FineChannels, Landmarks.Count, 1);
        error = nn.Linear(MapChannels, Landmarks.Count);
        RegisterComponents();
    }

    public override (Tensor Heatmaps, Tensor LogError) forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (fine, coarse) = Look(input);
        return (heat.call(fine).MoveToOuterDisposeScope(), error.call(coarse.mean([2, 3])).MoveToOuterDisposeScope());
    }

    /// <summary>What it sees, before it says where anything is.</summary>
    /// <returns>
    /// Fine: [N, <see cref="FineChannels"/>, <see cref="HeatmapSide"/>, <see cref="HeatmapSide"/>], what the heatmaps are read from. Coarse:
    /// [N, <see cref="MapChannels"/>, <see cref="MapSide"/>, <see cref="MapSide"/>].
    /// </returns>
    public (Tensor Fine, Tensor Coarse) Look(Tensor input)
    {
        using var scope = NewDisposeScope();
        var half = stem.call(input);
        var quarter = block2.call(down2.call(half));
        var eighth = block3.call(down3.call(quarter));
        var sixteenth = block4b.call(block4a.call(down4.call(eighth)));
        var up3 = merge3.call(eighth + Double(lift4.call(sixteenth)));
        var up2 = merge2.call(skip2.call(quarter) + Double(lift3.call(up3)));
        return (up2.MoveToOuterDisposeScope(), sixteenth.MoveToOuterDisposeScope());
    }

    private static Tensor Double(Tensor x) => nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
}
