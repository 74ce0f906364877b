using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Plugins;
using MoSar.Learning.Data;

namespace MoSar.Host.Data;

/// <summary>The <c>data:</c> of a manifest made real: its folders listed, nothing decoded. Owns the sources and their plugins.</summary>
public sealed class ComposedData : IDisposable
{
    private ComposedData(PluginCatalog catalog, ResolvedManifest manifest, IReadOnlyList<NamedSource> sources) =>
        (Catalog, Manifest, Dataset) = (catalog, manifest, new Dataset(sources, manifest.Data!.Options));

    public PluginCatalog Catalog { get; }

    public ResolvedManifest Manifest { get; }

    /// <summary>The sources with the options of delivery.</summary>
    public Dataset Dataset { get; }

    /// <param name="tree">The merged manifest; needs <c>data:</c>, a pipeline is checked but not made.</param>
    /// <param name="pluginFolders">Searched before those that the manifest names.</param>
    /// <exception cref="ManifestException">All that is wrong, missing and empty folders included.</exception>
    public static ComposedData Compose(ManifestTree tree, IReadOnlyList<string> pluginFolders)
    {
        var (catalog, manifest) = ComposedManifest.Resolve(tree, pluginFolders);
        try
        {
            if (manifest.Data is not { } data)
            {
                throw new ManifestException(new ManifestProblem("manifest-key-missing", tree.Root.Location, "this manifest has no 'data'", "'data:' with 'sources'"));
            }

            var made = new StageFactory().Make(data.Sources);
            return new ComposedData(catalog, manifest, [.. data.Sources.Select(s => Named(s, (IDatasetSource)made[s.Path]))]);
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var source in Dataset.Sources.Select(s => s.Source).OfType<IDisposable>())
        {
            source.Dispose();
        }

        Catalog.Dispose();
    }

    private static NamedSource Named(StageChoice choice, IDatasetSource source)
    {
        // Paths are left out: data that were moved are the same data, and a file's content is in the cache's key by itself. The
        // module's id is there because another build of a plugin may decode differently.
        var paths = OptionKey.Of(choice.Registration.Options).Where(k => k.PathRule is not null).Select(k => k.Key).ToHashSet();
        var options = OptionsWriter.Write(choice.Options).Where(o => !paths.Contains(o.Key)).Select(o => $"{o.Key}={PlainData.Inline(o.Value)}");
        var recipe = string.Join('\n', [choice.Registration.Id, source.GetType().Module.ModuleVersionId.ToString(), .. options]);
        return new NamedSource(choice.Path[(Slot.Sources.Name.Length + 1)..], source, recipe);
    }
}
