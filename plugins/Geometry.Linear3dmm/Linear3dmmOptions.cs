using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// Options of geometry.linear-3dmm. Each term of Eq. 1 and 2 has its own λ. The paper's λ (supplementary 1: photo 0.1, landmark 0.001, lap 0.1,
/// light 0.001, exp 0.1, alb 0.1) weigh terms of a network's training loss in units of its own; here every term is a negative
/// log-likelihood in deviations, so λ = 1 states that its deviation is as documented, and the defaults are measured.
/// </summary>
public sealed record Linear3dmmOptions
{
    [ManifestPath]
    [Required]
    [Description("The face model, face.safetensors.")]
    public string Model { get; init; } = "";

    [Range(0, 2000)]
    [Description("Adam steps on Eq. 1 after the landmark fit; 0 keeps the landmark fit and only estimates light and albedo.")]
    public int Iterations { get; init; } = 160;

    [Range(1e-4, 1)]
    [Description("Adam's step, in deviations of each unknown.")]
    public double LearningRate { get; init; } = 0.02;

    [Range(0, 1e6)]
    [Description("λ of L_photo: mean absolute difference of sRGB-encoded colours over the visible vertices, in 8-bit steps.")]
    public double LambdaPhoto { get; init; } = 10;

    [Range(0, 1e6)]
    [Description("λ of L_landmark: squared distances in deviations (about 1.2 % of the eyes' distance).")]
    public double LambdaLandmark { get; init; } = 1;

    [Range(0, 1e6)]
    [Description("λ of the N(0, 1) prior on identity.")]
    public double LambdaIdentity { get; init; } = 1;

    [Range(0, 1e6)]
    [Description("λ of L_lap: mean squared Laplacian of the fitted surface against the mean head's, in mm².")]
    public double LambdaLap { get; init; } = 10;

    [Range(0, 1e6)]
    [Description("λ of L_light: keeps the light monochromatic, about as bright as a well exposed photograph's, and soft.")]
    public double LambdaLight { get; init; } = 1;

    [Range(0, 1e6)]
    [Description("λ of L_exp: ℓ1 of the expression coefficients, in deviations of 0.1.")]
    public double LambdaExp { get; init; } = 1;

    [Range(0, 1e6)]
    [Description("λ of L_alb: N(0, 1) prior on the albedo coefficients.")]
    public double LambdaAlb { get; init; } = 1;

    [Range(64, 1024)]
    [Description("Side in pixels of the face crop that L_photo compares colours in.")]
    public int PhotoResolution { get; init; } = 256;

    [Range(0.3, 10)]
    [Description("Middle of the focal length's prior, in units of the picture's longer side, where EXIF does not state it.")]
    public double FocalPrior { get; init; } = 1.6;

    [Range(0.01, 10)]
    [Description("Deviation of ln(focal length) about that prior.")]
    public double FocalSigma { get; init; } = 0.7;

    [Range(100, 5000)]
    [Description("Middle of the prior on the camera's distance, mm.")]
    public double DistancePrior { get; init; } = 650;

    [Range(0.01, 10)]
    [Description("Deviation of ln(distance).")]
    public double DistanceSigma { get; init; } = 0.7;
}
