namespace MoSar.Plugins.Light;

/// <summary>The ablation without 3.3: 𝓜 is the texture, and all of the fitted light is residual.</summary>
public sealed class NoNormalization : ILightNormalizer
{
    public NormalizedTexture Run(LightInput input, StageContext context) => new(input.Texture, input.Reconstruction.Light);
}
