namespace MoSar.Locating;

public sealed class LocatorModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<IFaceDetector, LocatorOptions>(
        "detect.locator",
        "Faces anywhere, tilted to 45 degrees and turned to 75, by a small network trained on renders and portraits",
        options => new FaceLocator(options));
}
