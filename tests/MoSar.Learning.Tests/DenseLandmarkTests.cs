using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class DenseLandmarkTests
{
    private const int Points = 20;

    [Theory]
    [InlineData(128, LandmarkSize.Small)]
    [InlineData(192, LandmarkSize.Small)]
    [InlineData(192, LandmarkSize.Large)]
    public void AllOfItLearnsAndDepthHasNoMean(int side, LandmarkSize size)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = new DenseLandmarkNetwork(Points, size).to_channels_last();
        var found = network.call((rand(2, 3, side, side) * 2) - 1);
        Assert.Equal([2L, Points, 3], found.Points.shape);
        Assert.Equal([2L, Points, 2], found.LogError.shape);
        Assert.Equal([2L, network.Trunk.MapChannels, LandmarkNetwork.MapSide, LandmarkNetwork.MapSide], found.Coarse.shape);
        Assert.True(found.Points.select(2, 2).mean([1]).abs().max().item<float>() < 1e-5f);
        Assert.True(found.Points.narrow(2, 0, 2).sub(0.5).abs().max().item<float>() < 0.3f);
        Assert.True(found.LogError.min().item<float>() > -7);

        DenseLandmarkLoss.Of(found.Points, found.LogError, found.Spread, rand(2, Points, 3)).backward();
        string[] own = [.. network.named_parameters().Where(p => p.parameter.grad is null).Select(p => p.name)];

        // The 68 points' own heads are the landmark stage's.
        Assert.Equal(["trunk.error.bias", "trunk.error.weight", "trunk.heat.bias", "trunk.heat.weight"], own.Order(StringComparer.Ordinal));
    }

    /// <summary>Convolutions may be rough, places may not: a bfloat16 has steps of 1/256 near the middle of a crop.</summary>
    [Fact]
    public void PlacesKeepTheirDigitsUnderAutocast()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        manual_seed(1);
        using var network = new DenseLandmarkNetwork(Points, LandmarkSize.Small).to_channels_last();
        network.eval();
        var input = (rand(1, 3, 128, 128) * 2) - 1;
        var exact = network.call(input);
        using var autocast = Precision.Autocast();
        var rough = network.call(input);
        foreach (var t in new[] { rough.Points, rough.LogError, rough.Spread, rough.Coarse })
        {
            Assert.Equal(ScalarType.Float32, t.dtype);
        }

        Assert.True((rough.Points - exact.Points).abs().max().item<float>() < 2e-3f);
        Assert.NotEqual(0, (rough.Points - rough.Points.to(ScalarType.BFloat16).to(ScalarType.Float32)).abs().max().item<float>());

        // The scope that was inside has put back what it found.
        Assert.Equal(ScalarType.BFloat16, ones(2, 2).matmul(ones(2, 2)).dtype);
    }

    /// <summary>A map that says where it is: the windows' middles are the places, and their rows go down.</summary>
    [Fact]
    public void WindowsLieAroundTheirPlaces()
    {
        using var scope = NewDisposeScope();
        const int Side = 64, W = DenseLandmarkNetwork.Window;
        var ramp = HeatmapDecoder.Centres(Side);
        var map = stack([ramp.unsqueeze(0).expand(Side, Side), ramp.unsqueeze(1).expand(Side, Side)], 0).unsqueeze(0);
        var place = tensor(new[] { 0.3f, 0.6f, 0.52f, 0.41f }, [1, 2, 2]);
        var windows = MapWindows.Of(map, place, W).reshape(2, W, W, 2);
        for (var k = 0; k < 2; k++)
        {
            for (var c = 0; c < 2; c++)
            {
                Assert.Equal(place[0, k, c].item<float>(), windows[k, W / 2, W / 2, c].item<float>(), 1e-4);
                var neighbour = c == 0 ? windows[k, W / 2, (W / 2) + 1, c] : windows[k, (W / 2) + 1, W / 2, c];
                Assert.Equal(place[0, k, c].item<float>() + (1f / Side), neighbour.item<float>(), 1e-4);
            }
        }
    }

    /// <summary>As LibTorch's own sampling, values and gradients, in the middle and across borders; whichever way the map lies in memory.</summary>
    [Theory]
    [InlineData(3, false)]
    [InlineData(24, true)]
    public void WindowsAreWhatGridSampleReads(int channels, bool channelsLast)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        const int Side = 20, W = 7, K = 9;
        var map = randn(2, channels, Side, Side);
        map = (channelsLast ? map.to_channels_last() : map).requires_grad_();
        var place = (rand(2, K, 2) * 1.3) - 0.15;
        var own = MapWindows.Of(map, place, W);
        var steps = (arange(W, dtype: ScalarType.Float32) - (W / 2)) * (2.0 / Side);
        var grid = ((place * 2) - 1).unsqueeze(2) + stack([steps.unsqueeze(0).expand(W, W), steps.unsqueeze(1).expand(W, W)], 2).reshape(1, 1, W * W, 2);
        var reference = nn.functional.grid_sample(map, grid, padding_mode: GridSamplePaddingMode.Border, align_corners: false).permute(0, 2, 3, 1).reshape(2, K, -1);
        Assert.True(own.allclose(reference, 1e-5, 1e-5));

        var weight = randn(own.shape);
        (own * weight).sum().backward();
        var gradient = map.grad!.clone();
        map.grad!.zero_();
        (reference * weight).sum().backward();
        Assert.True(gradient.allclose(map.grad!, 1e-4, 1e-4));
    }

    [Fact]
    public void TheLossIsPercentOfTheSideAndDoubtsAreBestWhereTheyAreRight()
    {
        using var scope = NewDisposeScope();
        var truth = rand(3, Points, 3);
        var off = truth + tensor(new[] { 0.03f, 0.04f, 0 });
        float Loss(Tensor points, double doubt, double spread) =>
            DenseLandmarkLoss.Of(points, full([3, Points, 2], Math.Log(doubt), float32), full([3, Points], spread, float32), truth).item<float>();

        // 5 % of the side with the same doubt: the likelihood of the depth, which is exact, aside.
        var (near, far) = (Loss(truth, 0.05, 1.5 / 32), Loss(off, 0.05, 1.5 / 32));
        Assert.Equal(5 + (0.05 / 2), far - near, 0.02);
        Assert.True(Loss(off, 0.05, 1.5 / 32) < Loss(off, 0.2, 1.5 / 32));
        Assert.Equal(0.3, Loss(off, 0.05, 2.5 / 32) - far - (100 * 0.3 / 32) + 0.3, 0.02);
    }
}
