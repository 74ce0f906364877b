using MoSar.Host.Manifests;

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
        using var folderLock = Lock(request.Out);
        using var session = new TrainingSession(request, composed, observer, time);
        return session.Run(cancellation);
    }

    /// <summary>Two processes in one folder would tear each other's checkpoints.</summary>
    private static FileStream Lock(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(folder)
                ? new MoSarException("out-is-file", $"'{folder}' is a file.", "Choose a folder with --out.", e)
                : File.Exists(Path.Combine(folder, ".lock"))
                    ? new MoSarException("out-busy", $"Another process trains in '{folder}'.", "Wait for it, or choose another folder with --out.", e)
                    : new MoSarException("file-not-writable", $"Cannot write into '{folder}': {e.Message}", "Choose another folder with --out.", e);
        }
    }
}
