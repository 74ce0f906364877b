using MoSar;

namespace Fixture.Evaluation;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IDatasetSource, HeadsOptions>("data.heads", "People of the face model with grey pictures.", o => new Heads(o));
        registry.Add<IGeometryEstimator, HeadGeometryOptions>("geometry.heads", "The mean face, enlarged; can fail.", o => new HeadGeometry(o));
        registry.Add<IEvaluator, HeightOptions>("eval.height", "How much too high the head is.", o => new HeightEvaluator(o));
    }
}
