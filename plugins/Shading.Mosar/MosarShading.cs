using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Graphics;

namespace MoSar.Plugins.Shading;

public sealed record MosarShadingOptions
{
    [Range(0.0, 2.0)]
    [Description("σ of R_l = exp(−(σl)²), Eq. 8: 0 is a mirror; skin lies near 0.25.")]
    public double Roughness { get; init; } = 0.25;
}

/// <summary>
/// Eq. 5–8 of the paper: m̂ = 𝓑_d + 𝓑_sss + 𝓑_s.
///
/// | term       | equation                                       | light bands |
/// |------------|------------------------------------------------|-------------|
/// | diffuse    | d·a·Σ A_l γ Y(n), A = π, 2π/3, π/4             | 0–2         |
/// | subsurface | d·Σ S_l γ Y(n), S_l = exp(−l²/t⁴)              | 1–2         |
/// | specular   | f·Σ R_l γ Y(r), f = s + (1−s)(1−cos θ)⁵        | 0–8         |
/// </summary>
public sealed class MosarShading(MosarShadingOptions options) : IShadingModel
{
    private readonly ShadingStage _stage = new(new ShadingKernel(options.Roughness), [("diffuse", ShadingTerms.Diffuse), ("subsurface", ShadingTerms.Subsurface), ("specular", ShadingTerms.Specular)], ignoresOcclusion: false);

    public IReadOnlyList<string> Terms => _stage.Terms;

    public float[] Run(ShadingInput input, StageContext context) => _stage.Forward(input);

    public ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient) => _stage.Backward(input, gradient);
}
