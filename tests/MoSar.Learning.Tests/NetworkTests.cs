using System.Numerics;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class NetworkTests
{
    [Fact]
    public void A_heatmap_decodes_to_the_mean_of_its_cells()
    {
        using var scope = NewDisposeScope();
        var heat = full([1, 2, 32, 32], -1e4f);
        heat[0, 0, 5, 9] = tensor(0f);
        heat[0, 1, 5, 9] = tensor(0f);
        heat[0, 1, 5, 10] = tensor(0f);
        var p = HeatmapDecoder.Decode(heat).data<float>().ToArray();
        Assert.Equal(9.5f / 32, p[0], 1e-6f);
        Assert.Equal(5.5f / 32, p[1], 1e-6f);
        Assert.Equal(10f / 32, p[2], 1e-6f);
        Assert.Equal(5.5f / 32, p[3], 1e-6f);
    }

    [Fact]
    public void A_gaussian_heatmap_decodes_below_a_cell()
    {
        using var scope = NewDisposeScope();
        var centres = HeatmapDecoder.Centres(32);
        foreach (var (x, y) in new[] { (0.43f, 0.61f), (0.5f, 0.5f), (0.337f, 0.701f) })
        {
            var logits = -512 * ((centres - x).square().unsqueeze(0) + (centres - y).square().unsqueeze(1));
            var p = HeatmapDecoder.Decode(logits.reshape(1, 1, 32, 32)).data<float>().ToArray();
            Assert.Equal(x, p[0], 1e-4f);
            Assert.Equal(y, p[1], 1e-4f);
        }
    }

    [Theory]
    [InlineData(LandmarkSize.Small)]
    [InlineData(LandmarkSize.Large)]
    public void The_networks_have_the_shapes_that_they_say(LandmarkSize size)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var landmarks = new LandmarkNetwork(size);
        landmarks.eval();
        var (heat, error) = landmarks.call(zeros(2, 3, 128, 128));
        Assert.Equal([2, 68, 32, 32], heat.shape);
        Assert.Equal([2, 68], error.shape);
        Assert.Equal([1, 68, 48, 48], landmarks.call(zeros(1, 3, 192, 192)).Heatmaps.shape);
        using var locator = new LocatorNetwork();
        locator.eval();
        Assert.Equal([1, 6, 32, 32], locator.call(zeros(1, 3, 256, 256)).shape);
    }

    [Fact]
    public void The_locators_grid_decodes_to_the_crop_that_it_was_made_from()
    {
        const int G = 32;
        var grid = new float[6 * G * G];
        Array.Fill(grid, -9, 0, G * G);
        var crop = new FaceCrop(new Vector2(0.4137f, 0.5293f), 0.31f, 0.4f);
        var cell = crop.Centre * G;
        int x = (int)cell.X, y = (int)cell.Y, at = (y * G) + x;
        grid[at] = 3;
        grid[at + 1] = 2;
        grid[(G * G) + at] = cell.X - x - 0.5f;
        grid[(2 * G * G) + at] = cell.Y - y - 0.5f;
        grid[(3 * G * G) + at] = MathF.Log(crop.Size * 256 / LocatorNetwork.UnitSize);
        (grid[(5 * G * G) + at], grid[(4 * G * G) + at]) = MathF.SinCos(crop.Roll);
        var face = Assert.Single(LocatorDecoder.Decode(grid, G, 0.5f));
        Assert.True(Vector2.Distance(face.Crop.Centre, crop.Centre) < 1e-5f);
        Assert.Equal(crop.Size, face.Crop.Size, 1e-5f);
        Assert.Equal(crop.Roll, face.Crop.Roll, 1e-5f);
        Assert.Equal(1 / (1 + MathF.Exp(-3)), face.Confidence, 1e-5f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7f)]
    [InlineData(-0.4f)]
    public void The_crop_of_points_turns_and_scales_with_them(float roll)
    {
        var points = Enumerable.Range(0, 68).Select(i => new Vector2(MathF.Sin(i * 2.1f) * 30, i < 17 ? 60 : -20)).ToArray();
        var upright = FaceCrops.FromLandmarks(points);
        var (sin, cos) = MathF.SinCos(roll);
        var turned = points.Select(p => (3 * new Vector2((cos * p.X) - (sin * p.Y), (sin * p.X) + (cos * p.Y))) + new Vector2(50, 9)).ToArray();
        var crop = FaceCrops.FromLandmarks(turned);
        Assert.Equal(3 * upright.Size, crop.Size, 1e-3f);
        Assert.Equal(upright.Roll + roll, crop.Roll, 1e-4f);
        Assert.True(Vector2.Distance(crop.FromPixel(turned[30]), upright.FromPixel(points[30])) < 1e-4f);
    }

    [Fact]
    public void A_run_that_was_stopped_and_continued_ends_with_the_same_weights()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():N}.safetensors");
        try
        {
            var whole = Train(null, 12, 12);
            _ = Train(path, 12, 6);
            Assert.Equal(whole, Train(path, 12, 12));
            var other = Assert.Throws<MoSarException>(() => Train(path, 13, 13));
            Assert.Equal("checkpoint-foreign", other.Code);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_small_network_learns()
    {
        var losses = new List<float>();
        _ = Train(null, 150, 150, losses);
        Assert.True(losses[^1] < 0.7f * losses[0], $"{losses[0]} to {losses[^1]}");
    }

    private static float[] Train(string? checkpoint, int steps, int until, List<float>? losses = null)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        using var network = new ConvBlock("small", 1, 4);
        using var run = new TrainingRun(network, new TrainingOptions { Steps = steps, LearningRate = 0.03, WarmUp = 3, Checkpoint = checkpoint, CheckpointEvery = 3, AverageDecay = 0.9 });
        run.Run(
            step =>
            {
                var input = tensor(Enumerable.Range(0, 64).Select(i => MathF.Sin((0.37f * i) + (0.9f * (step % 4)))).ToArray(), [1, 1, 8, 8]);
                var loss = (network.call(input) - input.abs()).square().mean();
                losses?.Add(loss.item<float>());
                return loss;
            },
            _ => { },
            until: until);
        run.UseAverage();
        return [.. network.state_dict().OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.to_type(ScalarType.Float32).contiguous().data<float>().ToArray())];
    }
}
