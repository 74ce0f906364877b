using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>A face crop as the scene encoder takes it, the same in training and use.</summary>
internal static class CropInput
{
    /// <summary>Of the crops of the shipped recipes, pixels.</summary>
    public const int Side = 128;

    /// <summary>3·H·W linear values, channel by channel.</summary>
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

    /// <summary>Linear colours nearly as sRGB's curve has them, in [−1, 1]: dark skin and shadows get as many levels as light skin.</summary>
    public static Tensor Encoded(Tensor image) => (image.clamp(0, 1).pow(1 / 2.2) * 2) - 1;
}
