using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.Baked;

public sealed record BakedMapsOptions
{
    [Range(1, 1024)]
    [Description("Rays a point for ambient occlusion.")]
    public int OcclusionRays { get; init; } = 64;

    [Range(1.0, 10000.0)]
    [Description("What lies farther than this, mm, does not occlude.")]
    public double OcclusionReach { get; init; } = 150;

    [Range(1, 1024)]
    [Description("Rays a point for thickness.")]
    public int ThicknessRays { get; init; } = 16;

    [Range(1.0, 200.0)]
    [Description("Thickness in mm at which translucency has fallen to 1/e.")]
    public double TranslucencyDepth { get; init; } = 30;

    [Range(0.0, 1.0)]
    [Description("How much of the ambient occlusion is taken out of the texture for the diffuse map: 0 none, 1 all.")]
    public double OcclusionRemoval { get; init; } = 0.6;

    [Range(0.0, 1.0)]
    [Description("How much of the highlights is taken out of the diffuse map: 0 none, 1 all.")]
    public double HighlightRemoval { get; init; } = 0.8;

    [Range(0.0, 5.0)]
    [Description("Scales the displacement; 0 leaves the surface smooth.")]
    public double Relief { get; init; } = 1;

    [Range(0.0, 1.0)]
    [Description("Largest displacement in mm, approached smoothly.")]
    public double ReliefLimit { get; init; } = 0.35;

    [Range(0.0, 0.2)]
    [Description("Fresnel reflectance of skin at normal incidence before the regional differences.")]
    public double SkinReflectance { get; init; } = 0.028;
}
