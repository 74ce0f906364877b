using MoSar.Learning.Training;

namespace MoSar.Plugins.Scene;

public sealed class SceneModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<ILearner, SceneLearnerOptions>(
        "learn.scene", "the scene encoder of 3.1: shape, expression, albedo, light and camera from a face crop", o => new SceneLearner(o));
}
