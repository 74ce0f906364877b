using MoSar;

namespace Fixture.Broken;

public sealed class Module : IPluginModule
{
    public Module() => throw new InvalidOperationException("no licence on this machine");

    public void Register(IStageRegistry registry)
    {
    }
}
