using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>Where the dense landmarks of a batch lie in its crops.</summary>
/// <param name="Points">[N, K, 3], parts of the crop's side: x and y from the top left; z towards the camera, from the mean depth of all K, at the scale that x and y have there.</param>
/// <param name="LogError">[N, K, 2]: logarithms of the expected errors in the picture and in depth (Laplace's scales), parts of the side.</param>
/// <param name="Spread">[N, K]: standard deviation of what a point was averaged over, parts of the side.</param>
/// <param name="Coarse">[N, C, S, S]: the trunk's coarsest map.</param>
public sealed record DenseLandmarks(Tensor Points, Tensor LogError, Tensor Spread, Tensor Coarse);

/// <summary>
/// Hundreds of points of the skin instead of 68 (Wood et al. 2022, "3D face reconstruction with dense landmarks"), which no person can place but a renderer knows: they
/// hold the shape of a face, which means over maps do not. Input [N, 3, S, S], S from 128, sRGB values in [−1, 1], of the
/// crop that <see cref="FaceCrops"/> defines. A <see cref="LandmarkNetwork"/> sees it at 128²; a point lies where its heatmap has its mean. What is around that place in the whole
/// picture, which heatmaps of 32² are too coarse for, moves it once more and tells depth and doubts.
/// </summary>
public sealed class DenseLandmarkNetwork : nn.Module<Tensor, DenseLandmarks>
{
    internal const int Window = 7;
    private const int Channels = 96, CloseChannels = 24, Local = 64, Read = 5;

    // First guesses of errors, ln of parts of the side; a network that knows nothing places points in the middle.
    private const double FirstLogError = -3, SoftLogError = -7;

    // Parts of the side that a 1 of the readout means: heatmaps miss by about a hundredth, faces are about a third of the crop deep.
    private const double MoveUnit = 0.01, DepthUnit = 0.1;

    private readonly LandmarkNetwork trunk;
    private readonly ConvBlock sharpen, near, close;
    private readonly Conv2d heat;
    private readonly Linear around, local;
    private readonly Parameter own, readout, bias;

    /// <param name="count">K.</param>
    /// <param name="size">Of the network below.</param>
    public DenseLandmarkNetwork(int count, LandmarkSize size)
        : base("dense_landmarks")
    {
        Count = count;
        trunk = new LandmarkNetwork(size);
        sharpen = new ConvBlock("sharpen", trunk.FineChannels, Channels);
        heat = nn.Conv2d(Channels, count, 1);
        around = nn.Linear(trunk.MapChannels, Read * count);
        near = new ConvBlock("near", 3, 16, kernel: 5, stride: 2);
        close = new ConvBlock("close", 16, CloseChannels);
        local = nn.Linear(CloseChannels * Window * Window, Local);
        own = new Parameter(randn(count, Local).mul_(0.1));
        readout = new Parameter(randn(count, Channels + Local, Read).mul_(0.1 / Math.Sqrt(Channels + Local)));
        bias = new Parameter(tensor(new[] { 0f, 0f, 0f, (float)FirstLogError, (float)FirstLogError }).expand(count, Read).clone());
        nn.init.normal_(around.weight, 0, 0.01);
        nn.init.zeros_(around.bias!);
        RegisterComponents();
    }

    /// <summary>K.</summary>
    public int Count { get; }

    /// <summary>The network below, which may begin with the landmark stage's weights.</summary>
    public LandmarkNetwork Trunk => trunk;

    /// <summary>What is above it.</summary>
    public nn.Module Above => new ModuleList<nn.Module>(sharpen, heat, around, near, close, local, new ParameterList(own, readout, bias));

    public override DenseLandmarks forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var small = input.shape[3] == LandmarkNetwork.InputSide
            ? input
            : nn.functional.interpolate(input, [LandmarkNetwork.InputSide, LandmarkNetwork.InputSide], mode: InterpolationMode.Area);
        var (fine, coarse) = trunk.Look(small);
        var seen = sharpen.call(fine);
        var closeness = close.call(near.call(input));

        // Under autocast: places need more than the three digits of a bfloat16.
        using var exact = Precision.Full();
        (coarse, seen, closeness) = (Exact(coarse), Exact(seen), Exact(closeness));
        var (n, side) = (seen.shape[0], seen.shape[3]);
        var cells = seen.permute(0, 2, 3, 1).reshape(n, side * side, Channels);
        var where = (heat.weight.reshape(Count, Channels).matmul(cells.transpose(1, 2)) + heat.bias!.unsqueeze(1)).softmax(2);

        // Means under the maps in one product: what is there, x, y, x² + y².
        var centres = HeatmapDecoder.Centres(side);
        var (xs, ys) = (centres.unsqueeze(0).expand(side, side).reshape(-1), centres.unsqueeze(1).expand(side, side).reshape(-1));
        var means = where.matmul(cat([cells, stack([xs, ys, xs.square() + ys.square()], 1).unsqueeze(0).expand(n, side * side, 3)], 2));
        var there = means.narrow(2, 0, Channels);
        var place = means.narrow(2, Channels, 2);
        var spread = (means.select(2, Channels + 2) - place.square().sum(2)).clamp_min(1e-6).sqrt();

        // The layer's inputs are channel by channel, the windows' cell by cell.
        var mix = local.weight.reshape(Local, CloseChannels, Window * Window).transpose(1, 2).reshape(Local, -1);
        var patches = nn.functional.relu(MapWindows.Of(closeness, place, Window).matmul(mix.t()) + local.bias! + own);

        var read = cat([there, patches], 2).transpose(0, 1).matmul(readout).transpose(0, 1) + around.call(coarse.mean([2, 3])).reshape(n, Count, Read) + bias;
        var z = read.narrow(2, 2, 1) * DepthUnit;

        // The bound is soft: a hard one has no gradient beyond it.
        var logError = nn.functional.softplus(read.narrow(2, 3, 2) - SoftLogError) + SoftLogError;
        return new DenseLandmarks(
            cat([place + (read.narrow(2, 0, 2) * MoveUnit), z - z.mean([1], keepdim: true)], 2).MoveToOuterDisposeScope(),
            logError.MoveToOuterDisposeScope(),
            spread.MoveToOuterDisposeScope(),
            coarse.MoveToOuterDisposeScope());
    }

    private static Tensor Exact(Tensor half) => half.to(ScalarType.Float32);
}
