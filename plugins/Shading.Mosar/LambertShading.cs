using MoSar.Graphics;

namespace MoSar.Plugins.Shading;

/// <summary>The model of 3.1: d·Σ A_l γ Y(n), l ≤ 2. Occlusion, translucency and specular maps have no part in it; their gradients are zero.</summary>
public sealed class LambertShading : IShadingModel
{
    private readonly ShadingStage _stage = new(new ShadingKernel(0), [("diffuse", ShadingTerms.Diffuse)], ignoresOcclusion: true);

    public IReadOnlyList<string> Terms => _stage.Terms;

    public float[] Run(ShadingInput input, StageContext context) => _stage.Forward(input);

    public ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient) => _stage.Backward(input, gradient);
}
