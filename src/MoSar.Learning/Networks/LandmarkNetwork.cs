using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>How much a <see cref="LandmarkNetwork"/> holds.</summary>
public enum LandmarkSize
{
    /// <summary>0.87 million parameters.</summary>
    Small,

    /// <summary>3.9 million, in wider layers and twice the depth where a picture is small.</summary>
    Large,
}

/// <summary>
/// 68 heatmaps from a face crop: a residual encoder to 1/16, deepest where a picture is small, and a decoder with skips back to 1/4. Input [N, 3, S, S], S a multiple of 16 (below, of 128), sRGB values
/// in [−1, 1]. Output: heatmap logits [N, 68, S/4, S/4] and the logarithm of each point's expected error [N, 68] (the Laplace scale, in
/// parts of the crop's side). Positions are the heatmaps' means (<see cref="HeatmapDecoder"/>), so they are not bound to cells.
/// </summary>
public sealed class LandmarkNetwork : nn.Module<Tensor, (Tensor Heatmaps, Tensor LogError)>
{
    public const int InputSide = 128, HeatmapSide = 32, MapSide = 8;

    private readonly ConvBlock stem, down2, down3, down4, merge3, merge2;
    private readonly ResidualBlock block2, block3, block4a, block4b;
    private readonly ResidualBlock? block3b, block4c, block4d;
    private readonly ConvBlock lift4, lift3, skip2;
    private readonly TorchSharp.Modules.Conv2d heat;
    private readonly TorchSharp.Modules.Linear error;

    public LandmarkNetwork(LandmarkSize size)
        : base("landmarks")
    {
        var large = size == LandmarkSize.Large;
        var (half, quarter, eighth) = large ? (32, 64, 128) : (16, 32, 64);
        (FineChannels, MapChannels) = large ? (96, 192) : (48, 128);
        stem = new ConvBlock("stem", 3, half, kernel: 5, stride: 2);
        down2 = new ConvBlock("down2", half, quarter, stride: 2);
        block2 = new ResidualBlock("block2", quarter);
        down3 = new ConvBlock("down3", quarter, eighth, stride: 2);
        block3 = new ResidualBlock("block3", eighth);
        block3b = large ? new ResidualBlock("block3b", eighth) : null;
        down4 = new ConvBlock("down4", eighth, MapChannels, stride: 2);
        block4a = new ResidualBlock("block4a", MapChannels);
        block4b = new ResidualBlock("block4b", MapChannels);
        block4c = large ? new ResidualBlock("block4c", MapChannels) : null;
        block4d = large ? new ResidualBlock("block4d", MapChannels) : null;
        lift4 = new ConvBlock("lift4", MapChannels, eighth, kernel: 1);
        merge3 = new ConvBlock("merge3", eighth, eighth);
        lift3 = new ConvBlock("lift3", eighth, FineChannels, kernel: 1);
        skip2 = new ConvBlock("skip2", quarter, FineChannels, kernel: 1);
        merge2 = new ConvBlock("merge2", FineChannels, FineChannels);
        heat = nn.Conv2d(FineChannels, Landmarks.Count, 1);
        error = nn.Linear(MapChannels, Landmarks.Count);
        RegisterComponents();
    }

    /// <summary>Channels of the map that heatmaps are read from.</summary>
    public int FineChannels { get; }

    /// <summary>Channels of the coarsest map.</summary>
    public int MapChannels { get; }

    /// <summary>What a file of weights holds.</summary>
    /// <param name="within">What the network's names begin with there.</param>
    public static LandmarkSize SizeOf(SafetensorsFile file, string within = "") => file.Contains($"{within}block3b.first.weight") ? LandmarkSize.Large : LandmarkSize.Small;

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
        var eighth = Then(block3.call(down3.call(quarter)), block3b);
        var sixteenth = Then(Then(block4b.call(block4a.call(down4.call(eighth))), block4c), block4d);
        var up3 = merge3.call(eighth + Double(lift4.call(sixteenth)));
        var up2 = merge2.call(skip2.call(quarter) + Double(lift3.call(up3)));
        return (up2.MoveToOuterDisposeScope(), sixteenth.MoveToOuterDisposeScope());
    }

    private static Tensor Then(Tensor x, ResidualBlock? block) => block?.call(x) ?? x;

    private static Tensor Double(Tensor x) => nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
}
