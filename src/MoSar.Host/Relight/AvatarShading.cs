using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Host.Runs;

namespace MoSar.Host.Relight;

/// <summary>The shading model that an avatar was made for: that of its run's manifest. No other stage is made, no weight read.</summary>
public sealed class AvatarShading : IDisposable
{
    private readonly PluginCatalog catalog;

    private AvatarShading(PluginCatalog catalog, IShadingModel model) => (this.catalog, Model) = (catalog, model);

    public IShadingModel Model { get; }

    /// <param name="avatarFolder">DIR/name of a run folder DIR.</param>
    /// <param name="fallback">Used when the avatar lies in no run folder, because it was moved.</param>
    /// <param name="pluginFolders">Where plugins are looked for, beside those of the run.</param>
    /// <exception cref="MoSarException"><c>avatar-missing</c>.</exception>
    /// <exception cref="ManifestException">The manifest's shading cannot be made.</exception>
    public static AvatarShading Of(string avatarFolder, Func<ManifestTree> fallback, IReadOnlyList<string> pluginFolders)
    {
        if (!Directory.Exists(avatarFolder))
        {
            throw new MoSarException("avatar-missing", $"There is no avatar '{avatarFolder}'.", "Name a folder that 'mosar run' made: RUN/name.");
        }

        var runFolder = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(avatarFolder))!;
        var tree = fallback;
        if (File.Exists(Path.Combine(runFolder, RunRecord.FileName)))
        {
            var record = RunRecord.Read(runFolder);
            tree = () => ManifestTree.FromText(record.Manifest.ToJsonString(), RunRecord.FileName, runFolder);
            pluginFolders = [.. pluginFolders.Concat(record.PluginFolders.Where(Directory.Exists)).Distinct()];
        }

        var catalog = PluginCatalog.Discover(pluginFolders);
        try
        {
            var choice = new ManifestResolver(tree()).ResolveOnly("shading", catalog);
            return new AvatarShading(catalog, (IShadingModel)StageFactory.CreateOnly(choice));
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        (Model as IDisposable)?.Dispose();
        catalog.Dispose();
    }
}
