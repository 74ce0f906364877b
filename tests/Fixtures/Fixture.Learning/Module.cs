using MoSar;
using MoSar.Learning.Training;

namespace Fixture.Learning;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IDatasetSource, ShadeOptions>("data.shades", "Noisy pictures of a known or unknown brightness.", o => new Shades(o));
        registry.Add<ILearner, NoOptions>("learn.shade", "A small network with dropout and batch statistics.", _ => new ShadeLearner());
        registry.Add<ILossTerm, ShadeLossOptions>("loss.shade", "Squared error; can be told to fail.", o => new ShadeLoss(o));
        registry.Add<ILossTerm, NoOptions>("loss.small", "Mean square of the estimate: needs no label.", _ => new SmallLoss());
    }
}
