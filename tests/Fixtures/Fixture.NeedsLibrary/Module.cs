using MoSar;

namespace Fixture.NeedsLibrary;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<ILightNormalizer, NoOptions>("light.half", "Half as bright.", _ => new HalfLight());
}

public sealed class HalfLight : ILightNormalizer
{
    public NormalizedTexture Run(LightInput input, StageContext context)
    {
        var half = new Image(input.Texture.Width, input.Texture.Height, 3, [.. input.Texture.Pixels.Select(Library.Arithmetic.Half)]);
        return new NormalizedTexture(half, ShLight.Uniform);
    }
}
