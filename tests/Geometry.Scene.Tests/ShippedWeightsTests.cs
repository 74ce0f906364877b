using MoSar.Faces;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene.Tests;

/// <summary>The weights that the repository ships are of this version, of this template, and small enough to live in it.</summary>
[ChecksTensorLeaks]
public sealed class ShippedWeightsTests
{
    private static readonly string Folder = Repository.Folder("samples", "models");

    [Theory]
    [InlineData("scene-gnn.safetensors", "part-gnn")]
    [InlineData("scene-linear.safetensors", "linear")]
    public void AFlatPictureIsAHeadLikeOthers(string file, string kind)
    {
        using var scope = NewDisposeScope();
        var model = FaceModel.Load(Path.Combine(Folder, "face.safetensors"));
        var (network, side) = SceneNetwork.Load(Path.Combine(Folder, file), model);
        using var owned = network;
        using var decoder = new SceneDecoder(model, network.Shape);
        Assert.Equal((192, kind), (side, network.Shape.Description["shape"]));
        network.Encoder.Fold();
        using var frozen = no_grad();
        var principal = full([1, 2], side / 2.0, float32);
        var (numbers, dense) = network.Look(full([1, 3, side, side], 0.3, float32), principal, decoder);

        // Nothing is to be seen, so nothing is sure, and whoever it is has a head's size.
        Assert.True(dense!.LogError.select(2, 0).exp().mean().item<float>() > 0.03f);
        var head = decoder.Decode(numbers, principal, side).Neutral;
        Assert.InRange((head[0].amax([0]) - head[0].amin([0])).select(0, 0).item<float>(), 150, 600);
    }

    [Fact]
    public void AllWeightsTogetherAreNoBurden()
    {
        var sizes = Directory.GetFiles(Folder, "*.safetensors").Select(f => new FileInfo(f).Length).ToArray();
        Assert.All(sizes, s => Assert.InRange(s, 1, 40_000_000));
        Assert.InRange(sizes.Sum(), 1, 80_000_000);
    }
}
