namespace MoSar.Torch.Tests;

/// <summary>Layers, losses, autograd, Adam and memory layouts together.</summary>
public sealed class TrainingTests
{
    [Fact]
    public void A_small_network_of_every_kind_of_layer_learns()
    {
        manual_seed(1);
        using var scope = NewDisposeScope();
        var net = nn.Sequential(nn.Conv2d(3, 8, 3, padding: 1), nn.BatchNorm2d(8), nn.ReLU(), nn.ConvTranspose2d(8, 4, 2, stride: 2), nn.GroupNorm(2, 4), nn.LeakyReLU(0.2), nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false), nn.Conv2d(4, 1, 3, padding: 1));
        var adam = optim.Adam(net.parameters(), 0.01);
        Tensor x = randn(2, 3, 16, 16), y = randn(2, 1, 64, 64);
        double first = 0, last = 0;
        for (int i = 0; i < 10; i++)
        {
            using var inner = NewDisposeScope();
            adam.zero_grad();
            Tensor loss = nn.functional.mse_loss(net.call(x), y);
            loss.backward();
            adam.step();
            last = loss.item<float>();
            if (i == 0)
                first = last;
        }
        Assert.True(last < first, $"{first} {last}");
    }

    [Fact]
    public void Channels_last_is_kept_through_a_convolution_and_autocast_computes_in_bfloat16()
    {
        using var scope = NewDisposeScope();
        var conv = nn.Conv2d(8, 16, 3, padding: 1).to_channels_last();
        Tensor x = randn(2, 8, 12, 12).to_channels_last();
        Assert.True(x.is_channels_last());
        Tensor plain = conv.call(x);
        Assert.True(plain.is_channels_last());
        Assert.Equal(ScalarType.Float32, plain.dtype);
        using (Precision.Autocast())
        {
            Assert.Equal(ScalarType.BFloat16, conv.call(x).dtype);
            using (Precision.Full())
                Assert.Equal(ScalarType.Float32, conv.call(x).dtype);
            Assert.Equal(ScalarType.BFloat16, conv.call(x).dtype);
        }
        Assert.Equal(ScalarType.Float32, conv.call(x).dtype);
        conv.call(x).sum().backward();
        Assert.Equal(conv.weight.shape, conv.weight.grad!.shape);
    }
}
