namespace MoSar.Host.Composition;

/// <param name="Choice">What the manifest says.</param>
/// <param name="Stage">Made from it, weights loaded.</param>
public sealed record ComposedStage<TRole>(StageChoice Choice, TRole Stage)
    where TRole : class;

/// <summary>Every stage of a manifest, ready to run.</summary>
public sealed record Pipeline(
    ComposedStage<IFaceDetector> Detect,
    ComposedStage<ILandmarkDetector> Landmarks,
    ComposedStage<IGeometryEstimator> Geometry,
    ComposedStage<ITextureProjector> Project,
    ComposedStage<ITextureCompleter> Complete,
    ComposedStage<ILightNormalizer> Light,
    IReadOnlyList<ComposedStage<IMapEstimator>> Maps,
    ComposedStage<ISuperResolver> SuperResolve,
    ComposedStage<IShadingModel> Shading,
    IReadOnlyList<ComposedStage<IExporter>> Exporters) : IDisposable
{
    public void Dispose()
    {
        object[] stages =
        [
            Detect.Stage, Landmarks.Stage, Geometry.Stage, Project.Stage, Complete.Stage, Light.Stage, .. Maps.Select(m => m.Stage),
            SuperResolve.Stage, Shading.Stage, .. Exporters.Select(e => e.Stage),
        ];
        foreach (var stage in stages.OfType<IDisposable>())
        {
            stage.Dispose();
        }
    }
}
