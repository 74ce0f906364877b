namespace MoSar.Plugins.Evaluation;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IEvaluator, RealyOptions>("eval.realy", "millimetres to the true nose, mouth, forehead and cheeks by the REALY protocol", o => new RealyEvaluator(o));
        registry.Add<IEvaluator, ArtefactOptions>("eval.artefacts", "triangles of the estimate that are turned over, flat, or run through each other", o => new ArtefactEvaluator(o));
        registry.Add<IEvaluator, NoOptions>("eval.landmarks", "the mesh's landmarks in the picture against the true ones, percent", _ => new LandmarkEvaluator());
    }
}
