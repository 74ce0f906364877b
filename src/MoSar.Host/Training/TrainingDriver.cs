using MoSar.Host.Manifests;
using MoSar.Host.Runs;

namespace MoSar.Host.Training;

/// <param name="Manifest">Merged, not yet checked.</param>
/// <param name="Sets">The <c>--set</c> arguments in it; kept for the record.</param>
/// <param name="PluginFolders">Those of the manifest come on top.</param>
/// <param name="Out">The training's folder, absolute. One that holds this training already is gone on with.</param>
public sealed record TrainingRequest(ManifestTree Manifest, IReadOnlyList<string> Sets, IReadOnlyList<string> PluginFolders, string Out);

/// <summary>Trains what a manifest says into a folder.</summary>
public sealed class TrainingDriver(ITrainingObserver observer, TimeProvider time)
{
    /// <returns>The record as it was written last. Cancellation ends in one, too: with a checkpoint at the last step.</returns>
    /// <exception cref="ManifestException">The manifest is wrong; nothing was written.</exception>
    /// <exception cref="MoSarException">The folder is another training's or in use; data are corrupt; <c>training-diverged</c>.</exception>
    public TrainingRecord Run(TrainingRequest request, CancellationToken cancellation)
    {
        using var composed = ComposedTraining.Compose(request.Manifest, request.PluginFolders);
        using var folderLock = FolderLock.Take(request.Out, "trains");
        using var session = new TrainingSession(request, composed, observer, time);
        return session.Run(cancellation);
    }
}
