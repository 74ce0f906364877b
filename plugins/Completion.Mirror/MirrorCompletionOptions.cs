using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Completion;

public sealed record MirrorCompletionOptions
{
    [Range(0.01, 1.0)]
    [Description("Visibility from which on a texel counts as seen and stays as it is.")]
    public double SeenFrom { get; init; } = 0.3;

    [Description("Fill from the other side of the face where that is seen; off, everything unseen is filled harmonically.")]
    public bool Mirror { get; init; } = true;

    [Description("Take what hides the skin (hair over cheeks, jaw and ears, collar, straps, background) for unseen.")]
    public bool RejectClothing { get; init; } = true;

    [Range(1.0, 200.0)]
    [Description("Distance in mm over which the photograph's deviation from the model's colour fades out beyond the last texel seen.")]
    public double Fade { get; init; } = 45;
}
