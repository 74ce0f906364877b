using MoSar.Learning.Training;

namespace MoSar.Plugins.Scene;

public sealed class SceneModule : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IGeometryEstimator, SceneOptions>("geometry.scene", "χ by the scene encoder of 3.1, refined on the photograph", o => new SceneEstimator(o));
        registry.Add<ILearner, SceneLearnerOptions>("learn.scene", "the scene encoder of 3.1: shape, expression, albedo, light and camera from a face crop", o => new SceneLearner(o));
        registry.Add<ILearner, DenseLandmarkOptions>("learn.dense_landmarks", "256 points of the skin from a face crop, with depth and doubt: what the scene encoder of the shipped recipe stands on", o => new DenseLandmarkLearner(o));
    }
}
