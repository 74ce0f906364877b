namespace MoSar.Plugins.Projection;

public sealed class ProjectionModule : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<ITextureProjector, UvProjectionOptions>("project.uv", "Carries the photograph into the atlas, with ray-traced visibility", o => new UvProjection(o));
}
