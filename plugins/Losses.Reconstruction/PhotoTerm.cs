using System.ComponentModel;
using MoSar.Learning;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.ReconstructionLosses;

public sealed record PhotoOptions
{
    [Description("Compare sRGB-encoded colours, in which dark skin counts as much as light skin; false: linear ones.")]
    public bool Encoded { get; init; } = true;

    [Description("Leave out what target.mask says is no skin: hair, hands, spectacles. Every source that the loss sees must then give a mask.")]
    public bool Masked { get; init; }
}

/// <summary>
/// L_photo of Eq. 1, see <see cref="PhotoLoss"/>. Needs <c>colours</c> [B, V, 3], <c>projected</c> [B, V, 2], <c>visible</c> [B, V] and the picture
/// <c>image</c> [B, 3, H, W], linear; unit: white.
/// </summary>
public sealed class PhotoTerm(PhotoOptions options) : ILossTerm
{
    public IReadOnlyList<string> Needs { get; } = options.Masked ? ["colours", "image", "projected", "visible", "target.mask"] : ["colours", "image", "projected", "visible"];

    public double DefaultWeight => 0.1;

    public Tensor Evaluate(LossInput input)
    {
        using var scope = NewDisposeScope();
        var (image, projected) = (input.Values["image"], input.Values["projected"]);
        var weights = input.Values["visible"].detach() * ImageSampling.Inside(projected, (int)image.shape[3], (int)image.shape[2]);
        if (options.Masked)
        {
            var mask = input.Values["target.mask"];
            weights = weights * ImageSampling.Sample(mask.expand(mask.shape[0], 3, mask.shape[2], mask.shape[3]), projected.detach()).select(2, 0);
        }

        return PhotoLoss.Of(input.Values["colours"], ImageSampling.Sample(image, projected), weights, options.Encoded).MoveToOuterDisposeScope();
    }
}
