namespace MoSar.Plugins.Baked;

public sealed class BakedModule : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<IMapEstimator, BakedMapsOptions>(
            "maps.baked", "Diffuse by removing shading, ray-traced occlusion and thickness, relief from luminance detail, specular from a face-region prior", o => new BakedMaps(o));
}
