using MoSar;

namespace Fixture.Fakes;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IFaceDetector, DetectOptions>("detect.fake", "As many faces as asked.", o => new FakeDetector(o));
        registry.Add<ILandmarkDetector, NoOptions>("landmarks.fake", "Points on a circle.", _ => new FakeLandmarks());
        registry.Add<IGeometryEstimator, GeometryOptions>("geometry.fake", "One triangle; can be told to misbehave.", o => new FakeGeometry(o));
        registry.Add<ITextureProjector, NoOptions>("project.fake", "The photograph's mean colour.", _ => new FakeProjector());
        registry.Add<ITextureCompleter, NoOptions>("completion.fake", "What it gets.", _ => new FakeCompleter());
        registry.Add<ILightNormalizer, NoOptions>("light.fake", "What it gets.", _ => new FakeLight());
        registry.Add<IMapEstimator, MapOptions>("maps.fake", "Constant maps of any name.", o => new FakeMaps(o));
        registry.Add<ISuperResolver, NoOptions>("superres.fake", "Nearest texel.", _ => new FakeSuperResolver());
        registry.Add<IShadingModel, NoOptions>("shading.fake", "Albedo.", _ => new FakeShading());
        registry.Add<IDatasetSource, DataOptions>("data.fake", "Any number of people with any number of pictures.", o => new FakeData(o));
        registry.Add<IExporter, ExportOptions>("export.fake", "Text files; can write the time or fill the disk.", o => new FakeExporter(o));
    }
}
