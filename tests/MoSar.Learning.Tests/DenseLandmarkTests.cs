using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class DenseLandmarkTests
{
    private const int Points = 20;

    [Theory]
    [InlineData(128)]
    [InlineData(192)]
    public void AllOfItLearnsAndDepthHasNoMean(int side)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = new DenseLandmarkNetwork(Points).to_channels_last();
        var found = network.call((rand(2, 3, side, side) * 2) - 1);
        Assert.Equal([2L, Points, 3], found.Points.shape);
        Assert.Equal([2L, Points, 2], found.LogError.shape);
        Assert.Equal([2L, LandmarkNetwork.MapChannels, LandmarkNetwork.MapSide, LandmarkNetwork.MapSide], found.Coarse.shape);
        Assert.True(found.Points.select(2, 2).mean([1]).abs().max().item<float>() < 1e-5f);
        Assert.True(found.Points.narrow(2, 0, 2).sub(0.5).abs().max().item<float>() < 0.3f);
        Assert.True(found.LogError.min().item<float>() > -7);

        DenseLandmarkLoss.Of(found.Points, found.LogError, found.Spread, rand(2, Points, 3)).backward();
        string[] own = [.. network.named_parameters().Where(p => p.parameter.grad is null).Select(p => p.name)];

        // The 68 points' own heads are the landmark stage's.
        Assert.Equal(["trunk.error.bias", "trunk.error.weight", "trunk.heat.bias", "trunk.heat.weight"], own.Order(StringComparer.Ordinal));
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
        var windows = DenseLandmarkNetwork.Patches(map, place).reshape(2, 2, W, W);
        for (var k = 0; k < 2; k++)
        {
            for (var c = 0; c < 2; c++)
            {
                Assert.Equal(place[0, k, c].item<float>(), windows[k, c, W / 2, W / 2].item<float>(), 1e-4);
                var neighbour = c == 0 ? windows[k, c, W / 2, (W / 2) + 1] : windows[k, c, (W / 2) + 1, W / 2];
                Assert.Equal(place[0, k, c].item<float>() + (1f / Side), neighbour.item<float>(), 1e-4);
            }
        }
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
