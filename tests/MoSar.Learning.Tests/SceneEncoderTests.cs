using System.Numerics;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class SceneEncoderTests
{
    private static readonly SceneSizes s_sizes = new(7, 5, 4);
    private static readonly SceneStart s_start = new(new Vector3(1, 20, 90), new Vector2(0.5f, 0.6f), 1 / 240.0);

    [Fact]
    public void ResNet50_has_torchvisions_names_and_parameters()
    {
        using var scope = NewDisposeScope();
        using var network = ResNet.ResNet50();
        var want = new List<string>();
        void Norm(string name) => want.AddRange(new[] { "weight", "bias", "running_mean", "running_var", "num_batches_tracked" }.Select(p => $"{name}.{p}"));
        want.Add("conv1.weight");
        Norm("bn1");
        var units = new[] { 3, 4, 6, 3 };
        for (var layer = 0; layer < 4; layer++)
        {
            for (var unit = 0; unit < units[layer]; unit++)
            {
                for (var i = 1; i <= 3; i++)
                {
                    want.Add($"layer{layer + 1}.{unit}.conv{i}.weight");
                    Norm($"layer{layer + 1}.{unit}.bn{i}");
                }

                if (unit == 0)
                {
                    want.Add($"layer{layer + 1}.0.downsample.0.weight");
                    Norm($"layer{layer + 1}.0.downsample.1");
                }
            }
        }

        Assert.Equal(want.Order(StringComparer.Ordinal), network.state_dict().Keys.Order(StringComparer.Ordinal));

        // torchvision's 25,557,032 without the classifier's 2048·1000 + 1000.
        Assert.Equal(25_557_032 - 2_049_000, network.parameters().Sum(p => p.numel()));
        var state = network.state_dict();
        Assert.Equal([2048L, 512, 1, 1], state["layer4.2.conv3.weight"].shape);
        Assert.Equal([1024L, 512, 1, 1], state["layer3.0.downsample.0.weight"].shape);
        Assert.Equal([128L, 128, 3, 3], state["layer2.0.conv2.weight"].shape);
        Assert.Equal(2048, network.Features);
    }

    [Fact]
    public void An_untrained_encoder_says_nearly_nothing_and_every_parameter_learns()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var encoder = new SceneEncoder(SceneBackbone.Compact, s_sizes).to_channels_last();
        var code = encoder.call((rand(3, 3, 96, 96) * 2) - 1);
        Assert.Equal([3L, 7 + 5 + 4 + 27 + 10], code.shape);
        Assert.True(code.abs().max().item<float>() < 0.5f, $"{code.abs().max().item<float>()}");
        code.square().sum().backward();
        Assert.DoesNotContain(encoder.named_parameters(), p => p.parameter.grad is null);
    }

    [Fact]
    public void Folded_for_inference_it_says_the_same()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var encoder = new SceneEncoder(SceneBackbone.Compact, s_sizes).to_channels_last();
        using var frozen = no_grad();
        foreach (var p in encoder.parameters().Where(p => p.dim() == 1))
        {
            p.add_(randn(p.shape) * 0.1);
        }

        for (var i = 0; i < 3; i++)
        {
            encoder.call(randn(8, 3, 64, 64)).Dispose();
        }

        var input = randn(2, 3, 64, 64).to_channels_last();
        encoder.eval();
        var want = encoder.call(input);
        encoder.Fold();
        GradientCheck.Near("folded", encoder.call(input), want, 1e-5);

        // Training again uses the norms.
        encoder.train();
        var trained = encoder.call(input);
        Assert.True((trained - want).abs().max().item<float>() > 1e-4f);
    }

    [Fact]
    public void Weights_of_a_classifier_are_taken_without_its_head()
    {
        using var scope = NewDisposeScope();
        using var source = ResNet.Compact();
        using var encoder = new SceneEncoder(SceneBackbone.Compact, s_sizes);
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():n}.safetensors");
        try
        {
            var state = source.state_dict().Where(p => !p.Key.EndsWith("tracked", StringComparison.Ordinal)).Append(new("fc.weight", zeros(1000, 256))).ToArray();
            Weights.SaveTensors(path, state);
            encoder.LoadBackbone(SafetensorsFile.Read(path));
            Assert.True(encoder.state_dict()["residual.layer3.2.conv2.weight"].allclose(source.state_dict()["layer3.2.conv2.weight"]));
            Weights.SaveTensors(path, state.Where(p => p.Key != "layer3.2.conv2.weight"));
            var error = Assert.Throws<MoSarException>(() => encoder.LoadBackbone(SafetensorsFile.Read(path)));
            Assert.Equal("weights-mismatch", error.Code);
            Assert.Contains("'layer3.2.conv2.weight'", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Alone, or as a trained scene encoder's file has them.</summary>
    [Theory]
    [InlineData("", LandmarkSize.Small)]
    [InlineData("encoder.landmarks.", LandmarkSize.Small)]
    [InlineData("", LandmarkSize.Large)]
    [InlineData("encoder.landmarks.", LandmarkSize.Large)]
    public void Dense_landmarks_are_taken_from_either_file(string prefix, LandmarkSize size)
    {
        using var scope = NewDisposeScope();
        using var source = new DenseLandmarkNetwork(4, size);
        using var encoder = new SceneEncoder(SceneBackbone.Landmarks, s_sizes, 4, size);
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():n}.safetensors");
        try
        {
            Weights.SaveTensors(path, source.state_dict().Select(p => KeyValuePair.Create(prefix + p.Key, p.Value)).Append(new("shape.mean", zeros(3))));
            Assert.Equal(size, SceneEncoder.SizeOf(SafetensorsFile.Read(path)));
            encoder.LoadBackbone(SafetensorsFile.Read(path));
            Assert.True(encoder.Landmarks!.state_dict()["heat.weight"].allclose(source.state_dict()["heat.weight"]));
            using var short_ = new SceneEncoder(SceneBackbone.Landmarks, s_sizes, 5);
            Assert.Equal("weights-mismatch", Assert.Throws<MoSarException>(() => short_.LoadBackbone(SafetensorsFile.Read(path))).Code);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_code_of_zeros_is_the_mean_head_where_a_crop_has_it()
    {
        using var scope = NewDisposeScope();
        var code = new SceneCode(s_sizes, s_start);
        var scene = code.Decode(zeros(2, code.Length), 128);
        Assert.Equal(0, scene.Expression.abs().max().item<float>());
        GradientCheck.Near("light", scene.Light.select(0, 1).select(1, 2), tensor(ShLight.Uniform.Coefficients.Select(c => c.X).ToArray()), 1e-6);
        var camera = scene.Camera.Pinhole(1);
        var pixel = camera.Project(s_start.Pivot);
        Assert.Equal(64, pixel.X, 1e-2f);
        Assert.Equal(0.6f * 128, pixel.Y, 1e-2f);
        Assert.Equal(900, Vector3.Distance(camera.Centre, s_start.Pivot), 0.5f + MathF.Abs(camera.Translation.Y));

        // 24 mm to the subject's left are a tenth of the crop to the right, for the camera faces the head.
        Assert.Equal(64 + 12.8f, camera.Project(s_start.Pivot + new Vector3(24, 0, 0)).X, 1e-2f);
    }

    [Fact]
    public void The_cameras_numbers_move_what_they_say()
    {
        using var scope = NewDisposeScope();
        var code = new SceneCode(s_sizes, s_start);
        PinholeCamera With(int index, float value)
        {
            var raw = zeros(1, code.Length);
            raw.narrow(1, code.Length - SceneCode.CameraLength + index, 1).fill_(value);
            return code.Decode(raw, 100).Camera.Pinhole(0);
        }

        // Turning leaves the pivot in its place.
        foreach (var i in new[] { 1, 2, 5 })
        {
            var turned = With(i, 0.7f).Project(s_start.Pivot);
            Assert.Equal(50, turned.X, 1e-2f);
            Assert.Equal(60, turned.Y, 1e-2f);
        }

        Assert.Equal(60, With(6, 0.1f).Project(s_start.Pivot).X, 1e-2f);
        Assert.Equal(70, With(7, 0.1f).Project(s_start.Pivot).Y, 1e-2f);
        Assert.Equal(100 / 240.0 * Math.E, With(8, 1).Project(s_start.Pivot + Vector3.UnitX).X - 50, 1e-2);
        var wide = With(9, -100);
        Assert.Equal(Math.Log(900) - 1.5, Math.Log(-wide.ToCamera(s_start.Pivot).Z), 1e-3);
        Assert.Equal(50 + (100 / 240f), wide.Project(s_start.Pivot + Vector3.UnitX).X, 1e-2f);
    }

    [Fact]
    public void Expressions_are_bounded_with_a_slope_everywhere()
    {
        using var scope = NewDisposeScope();
        var code = new SceneCode(s_sizes, s_start);
        var raw = zeros(1, code.Length).requires_grad_(true);
        var values = cat([zeros(1, 7), tensor(new[] { -1, 0.25f, 0.75f, 1, 3 }, [1, 5]), zeros(1, 41)], 1);
        var expression = code.Decode(raw + values, 64).Expression;
        Assert.Equal([-0.1f, 0.25f, 0.75f, 1, 1.2f], expression.detach().data<float>().ToArray().Select(v => MathF.Round(v, 5)));
        expression.sum().backward();
        Assert.Equal([0.1f, 1, 1, 1, 0.1f], raw.grad!.narrow(1, 7, 5).contiguous().data<float>().ToArray().Select(v => MathF.Round(v, 5)));
    }
}
