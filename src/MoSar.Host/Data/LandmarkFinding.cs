using MoSar.Graphics;
using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Learning.Data;

namespace MoSar.Host.Data;

/// <param name="Found">Everything known now, earlier runs included.</param>
/// <param name="Looked">How many photographs this run looked at.</param>
/// <param name="Corrupt">The photographs that could not be read; like those without a face they have no landmarks.</param>
public sealed record LandmarkFindingReport(string File, PhotographLandmarks Found, int Looked, int Photographs, IReadOnlyList<string> Corrupt, bool IsInterrupted);

/// <summary>Finds the landmarks of every photograph in a folder with a pipeline's first two stages, and keeps them in one file.</summary>
public static class LandmarkFinding
{
    private static readonly string[] Pictures = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

    /// <summary>Between two writes: what a kill may cost at most, beside one photograph.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(20);

    /// <param name="file">Where the landmarks shall be; what it holds already is kept where detector and photograph are the same.</param>
    /// <exception cref="MoSarException">The folder holds no photograph, or the file cannot be written; nothing was looked at.</exception>
    /// <exception cref="ManifestException">The manifest is wrong, or a stage cannot be made.</exception>
    public static LandmarkFindingReport Run(
        ManifestTree tree, IReadOnlyList<string> pluginFolders, string folder, string file, IProgress<(int Done, int Of)>? progress, CancellationToken cancellation)
    {
        string[] photographs = [.. Listed(folder)];
        var before = File.Exists(file) ? PhotographLandmarks.Read(file) : null;
        var (catalog, manifest) = ComposedManifest.Resolve(tree, pluginFolders);
        using (catalog)
        {
            if (!manifest.HasPipeline)
            {
                throw new ManifestException(new ManifestProblem("manifest-key-missing", tree.Root.Location, "this manifest has no pipeline, so no face can be found with it", "'pipeline:'"));
            }

            StageChoice[] choices = [manifest.In("detect").Single(), manifest.In("landmarks").Single()];
            var detector = string.Join(", ", choices.Select(Described));
            var found = new Dictionary<string, FoundLandmarks>(before?.Detector == detector ? before.Photographs : new Dictionary<string, FoundLandmarks>());
            foreach (var gone in found.Keys.Except(photographs).ToArray())
            {
                found.Remove(gone);
            }

            // Written before the work: a folder that cannot be written to must not show after an hour.
            void Save() => new PhotographLandmarks(detector, found).Write(file);
            Save();
            var stages = new StageFactory().Make(choices);
            try
            {
                var search = new Search((IFaceDetector)stages["detect"], (ILandmarkDetector)stages["landmarks"], StageContext.None with { Cancellation = cancellation, Seed = manifest.Header.Seed });
                var (looked, done, last) = (0, 0, DateTime.UtcNow);
                try
                {
                    foreach (var name in photographs)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        var path = Path.Combine(folder, name);
                        var known = found.GetValueOrDefault(name);
                        found[name] = search.In(path, known);
                        looked += ReferenceEquals(found[name], known) ? 0 : 1;

                        done++;
                        progress?.Report((done, photographs.Length));
                        if (DateTime.UtcNow - last > Often)
                        {
                            Save();
                            last = DateTime.UtcNow;
                        }
                    }
                }
                catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
                {
                }
                finally
                {
                    Save();
                }

                string[] corrupt = [.. found.Where(f => f.Value.IsUnread).Select(f => f.Key).Order(StringComparer.Ordinal)];
                return new LandmarkFindingReport(file, new PhotographLandmarks(detector, found), looked, photographs.Length, corrupt, done < photographs.Length);
            }
            finally
            {
                foreach (var stage in stages.Values.OfType<IDisposable>())
                {
                    stage.Dispose();
                }
            }
        }
    }

    private static IEnumerable<string> Listed(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new MoSarException("data-folder-missing", $"There is no folder '{folder}'.", "Name the folder that data.images reads.");
        }

        // As data.images lists them.
        string[] there = [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System })
            .Where(f => Pictures.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];
        return there.Length > 0 ? there : throw new MoSarException("no-photographs", $"'{folder}' holds no photograph.", $"It should hold some ({string.Join(", ", Pictures)}), in it or its subfolders.");
    }

    /// <summary>Which stage with which weights.</summary>
    private static string Described(StageChoice choice) => string.Join(
        ' ', [choice.Registration.Id, .. OptionsBinder.Files(choice.Options).Where(f => File.Exists(f.Path)).Select(f => FileHash.Of(f.Path, f.Key).Sha256[..12])]);

    private sealed class Search(IFaceDetector detect, ILandmarkDetector landmarks, StageContext context)
    {
        /// <returns><paramref name="known"/> itself when it is of the same content.</returns>
        public FoundLandmarks In(string path, FoundLandmarks? known)
        {
            var hash = string.Empty;
            Photograph photograph;
            try
            {
                hash = FoundLandmarks.HashOf(path);
                if (known?.Sha256 == hash)
                {
                    return known;
                }

                photograph = ImageFile.ReadPhotograph(path);
            }
            catch (Exception e) when (e is MoSarException or IOException or UnauthorizedAccessException)
            {
                return new FoundLandmarks(hash, 0, 0, 0, null, e.Message);
            }

            var (width, height) = (photograph.Pixels.Width, photograph.Pixels.Height);
            var faces = detect.Run(photograph, context);
            if (faces.Count == 0)
            {
                return new FoundLandmarks(hash, width, height, 0, null, "no face was found");
            }

            // The first is the largest.
            var points = landmarks.Run(new LandmarkInput(photograph, faces[0].Crop), context).Points;
            return new FoundLandmarks(hash, width, height, faces.Count, [.. points.SelectMany(p => new[] { MathF.Round(p.X, 2), MathF.Round(p.Y, 2) })]);
        }
    }
}
