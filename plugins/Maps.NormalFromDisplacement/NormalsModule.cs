namespace MoSar.Plugins.Normals;

public sealed class NormalsModule : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<IMapEstimator, NormalFromDisplacementOptions>(
            "maps.normal-from-displacement", "Normal map from the displacement by Fourier derivative, with each texel's true size", o => new NormalFromDisplacement(o));
}
