namespace MoSar.Landmarking;

public sealed class HeatmapModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<ILandmarkDetector, HeatmapOptions>(
        "landmarks.heatmap",
        "68 points by a heatmap network trained on renders of the face model and on hand-pointed portraits",
        options => new HeatmapLandmarks(options));
}
