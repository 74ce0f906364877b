namespace MoSar.Plugins.Folders;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IDatasetSource, ImagesOptions>("data.images", "A folder of photographs, such as FFHQ.", o => new ImagesSource(o));
    }
}
