using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>
/// A small 𝓔 for crops of 128²: residual blocks down to an eighth, then every place of the 8×8 map to its own weights, because an average over places would
/// forget where things are, which pose and shape are made of. Starts as 0, which the decoder makes the mean head.
/// </summary>
internal sealed class SceneEncoder : nn.Module<Tensor, Tensor>
{
    /// <summary>Of the crops it takes, pixels.</summary>
    public const int CropSide = 128;

    private const int Side = CropSide / 16, Channels = 32, Hidden = 256;

    private readonly TorchSharp.Modules.Sequential trunk;
    private readonly TorchSharp.Modules.Linear hidden, head;

    /// <param name="outputs">Numbers to estimate.</param>
    public SceneEncoder(int outputs)
        : base("scene_encoder")
    {
        trunk = nn.Sequential(
            new ConvBlock("stem", 3, 32, kernel: 5, stride: 2),
            new ResidualBlock("res1", 32),
            new ConvBlock("down2", 32, 64, stride: 2),
            new ResidualBlock("res2a", 64),
            new ResidualBlock("res2b", 64),
            new ConvBlock("down3", 64, 128, stride: 2),
            new ResidualBlock("res3a", 128),
            new ResidualBlock("res3b", 128),
            new ConvBlock("down4", 128, 192, stride: 2),
            new ResidualBlock("res4a", 192),
            new ResidualBlock("res4b", 192),
            new ConvBlock("narrow", 192, Channels, kernel: 1));
        hidden = nn.Linear(Side * Side * Channels, Hidden);
        head = nn.Linear(Hidden, outputs);
        nn.init.zeros_(head.weight);
        nn.init.zeros_(head.bias!);
        RegisterComponents();
    }

    /// <summary>Linear colours as sRGB's curve has them, about 0: dark skin and shadows get as many levels as light skin.</summary>
    public static Tensor Encoded(Tensor image) => (image.clamp(0, 1).pow(1 / 2.2) - 0.5) * 4;

    /// <summary>3·H·W values, channel by channel.</summary>
    public static float[] Planes(Image picture)
    {
        var area = picture.Width * picture.Height;
        var planes = new float[3 * area];
        for (var i = 0; i < area; i++)
        {
            planes[i] = picture.Pixels[3 * i];
            planes[area + i] = picture.Pixels[(3 * i) + 1];
            planes[(2 * area) + i] = picture.Pixels[(3 * i) + 2];
        }

        return planes;
    }

    /// <param name="input">[B, 3, 128, 128], <see cref="Encoded"/>.</param>
    /// <returns>[B, outputs].</returns>
    public override Tensor forward(Tensor input)
    {
        using var map = trunk.call(input);

        // In C, H, W order whatever the memory's layout is.
        using var flat = map.contiguous().reshape(map.shape[0], -1);
        using var middle = hidden.call(flat);
        using var active = nn.functional.relu(middle);
        return head.call(active);
    }
}
