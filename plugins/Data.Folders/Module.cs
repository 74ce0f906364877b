namespace MoSar.Plugins.Folders;

public sealed class Module : IPluginModule
{
    public void Register(IStageRegistry registry)
    {
        registry.Add<IDatasetSource, LightStageOptions>("data.lightstage", "Subjects with mesh, maps and calibrated pictures, real or virtual.", o => new LightStageSource(o));
        registry.Add<IDatasetSource, FfhqUvOptions>("data.ffhq-uv", "The textures of FFHQ-UV.", o => new FfhqUvSource(o));
        registry.Add<IDatasetSource, FfhqUvIntrinsicsOptions>("data.ffhq-uv-intrinsics", "The maps of FFHQ-UV-Intrinsics.", o => new FfhqUvIntrinsicsSource(o));
        registry.Add<IDatasetSource, EnvironmentsOptions>("data.environments", "A folder of HDR or EXR panoramas.", o => new EnvironmentsSource(o));
        registry.Add<IDatasetSource, ImagesOptions>("data.images", "A folder of photographs, such as FFHQ.", o => new ImagesSource(o));
    }
}
