namespace MoSar.Plugins.Shading;

public sealed class ShadingModule : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IShadingModel, MosarShadingOptions>("shading.mosar", "Eq. 5–8: diffuse with occlusion, subsurface and specular terms under SH light", o => new MosarShading(o));
        registry.Add<IShadingModel, NoOptions>("shading.lambert", "Lambertian surface under third-order SH light: albedo × irradiance", _ => new LambertShading());
    }
}
