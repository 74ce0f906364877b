namespace MoSar.Plugins.Completion;

public sealed class CompletionModule : IPluginModule
{
    public void Register(IStageRegistry registry) =>
        registry.Add<ITextureCompleter, MirrorCompletionOptions>(
            "completion.mirror", "Fills what the photograph does not show from its mirror image, then harmonically, seamlessly in colour", o => new MirrorCompletion(o));
}
