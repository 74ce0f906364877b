using MoSar.Learning.Training;

namespace MoSar.Plugins.Scene;

public sealed class SceneModule : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IGeometryEstimator, SceneOptions>("geometry.scene", "χ by the scene encoder of 3.1, refined on the photograph", o => new SceneEstimator(o));
        registry.Add<ILearner, SceneLearnerOptions>("learn.scene", "the scene encoder of 3.1: shape, expression, albedo, light and camera from a face crop", o => new SceneLearner(o));
    }
}
