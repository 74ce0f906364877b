namespace MoSar.Plugins.Linear3dmm;

/// <summary>Registers the plugin's stage.</summary>
public sealed class Linear3dmmModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<IGeometryEstimator, Linear3dmmOptions>(
        "geometry.linear-3dmm",
        "Fits a linear face model, camera, light and albedo to the photograph: Gauss-Newton on the landmarks, then Adam on Eq. 1.",
        options => new Linear3dmmEstimator(options));
}
