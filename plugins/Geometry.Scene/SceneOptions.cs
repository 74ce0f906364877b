using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Scene;

public sealed record SceneOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors.")]
    public string Model { get; init; } = string.Empty;

    [Required]
    [ManifestPath]
    [Description("Encoder and shape, made by mosar train manifests/training/scene.yaml, or scene-linear.yaml.")]
    public string Weights { get; init; } = string.Empty;

    [Description("Average what the encoder says of shape, expression, albedo and light over the crop, a wider and a narrower one.")]
    public bool Average { get; init; } = true;

    [Range(0, 10_000)]
    [Description("Steps of Adam on χ at most (end of 3.1); 0: the encoder's word is final.")]
    public int Refinement { get; init; } = 100;

    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    [Description("Step of the refinement, in units of χ.")]
    public double Rate { get; init; } = 0.02;

    [Range(0.0, 1.0)]
    [Description("It has converged when ten steps lower the loss by less than this part.")]
    public double Tolerance { get; init; } = 0.003;

    [Range(1, 1024)]
    [Description("Photographs that are refined together at most, when several come at once.")]
    public int Batch { get; init; } = 8;

    [Range(0.0, 1e6)]
    [Description("λ of the photograph, Eq. 1.")]
    public double PhotoWeight { get; init; } = 0.1;

    [Range(0.0, 1e6)]
    [Description("λ of the landmarks, per pixel of a crop of 128².")]
    public double LandmarkWeight { get; init; } = 0.02;

    [Range(0.0, 1e6)]
    [Description("λ of the dense landmarks, of encoders that know them, per expected error.")]
    public double DenseWeight { get; init; } = 0.02;

    [Range(0.0, 1e6)]
    [Description("How strongly χ is held to what the encoder says and to the mean: of the mean square of each.")]
    public double PriorWeight { get; init; } = 0.3;

    [Range(0.0, 1e6)]
    [Description("How strongly α alone is held to what the encoder says: of the mean square. Refined for a picture's landmarks and colours, a head gets farther from the person's.")]
    public double IdentityWeight { get; init; } = 30;

    [Range(0.0, 1e6)]
    [Description("How strongly δ alone is held to what the encoder says: of the mean square. Detected landmarks open and shut mouths.")]
    public double ExpressionWeight { get; init; } = 10;
}
