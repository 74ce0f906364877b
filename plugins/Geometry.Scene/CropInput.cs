using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>A face crop as the scene encoder takes it, the same in training and use.</summary>
internal static class CropInput
{
    /// <summary>Of crops where nothing else is said, pixels; what λ of pixels refer to.</summary>
    public const int Side = 128;

    /// <summary>Linear colours nearly as sRGB's curve has them, in [−1, 1]: dark skin and shadows get as many levels as light skin.</summary>
    public static Tensor Encoded(Tensor image) => (image.clamp(0, 1).pow(1 / 2.2) * 2) - 1;
}
