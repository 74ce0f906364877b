namespace MoSar.Plugins.Light;

public sealed class LightModule : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<ILightNormalizer, NoOptions>("light.none", "Leaves the photograph's light in the texture", _ => new NoNormalization());
        registry.Add<ILightNormalizer, ShNormalizationOptions>("light.sh", "Divides the texture by the fitted spherical-harmonic shading", o => new ShNormalization(o));
    }
}
