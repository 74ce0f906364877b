namespace MoSar.Plugins.SuperRes;

public sealed class SuperResModule : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<ISuperResolver, BicubicOptions>("superres.bicubic", "Bicubic interpolation; ranges kept, normals of unit length", o => new BicubicSuperResolver(o));
}
