namespace MoSar.Detect.OpenCv;

public sealed class OpenCvModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<IFaceDetector, CascadeOptions>(
        "detect.opencv",
        "Frontal faces by OpenCV's boosted cascade; upright to about 15 degrees of roll, turned to about 40",
        options => new CascadeDetector(options));
}
