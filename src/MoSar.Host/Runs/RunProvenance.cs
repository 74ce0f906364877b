using System.Runtime.InteropServices;
using MoSar.Host.Composition;
using MoSar.Host.Plugins;

namespace MoSar.Host.Runs;

/// <summary>What a run depended on beside its inputs.</summary>
internal static class RunProvenance
{
    public static VersionRecord Versions() => new(
        typeof(RunProvenance).Assembly.GetName().Version!.ToString(3),
        ContractVersion.Current,
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Environment.ProcessorCount);

    /// <summary>The plugins that took part, with the hash of every file that decides what they do.</summary>
    public static IReadOnlyList<PluginRecord> Plugins(PluginCatalog catalog) =>
        [.. catalog.Plugins.Where(p => p.State == PluginState.Loaded).Select(p => new PluginRecord(
            p.Id,
            p.Description!.Version,
            p.Description.Contract,
            p.Folder,
            [.. p.Files.Select(f => FileHash.Of(f, Path.GetRelativePath(p.Folder, f)))]))];

    public static IReadOnlyList<WeightRecord> Weights(ResolvedManifest manifest) =>
        [.. manifest.Files.Where(f => File.Exists(f.Path)).Select(f => new WeightRecord(f.Stage.Path, f.Key, FileHash.Of(f.Path, f.Path)))];
}
