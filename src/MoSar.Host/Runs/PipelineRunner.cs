using MoSar.Host.Composition;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

/// <param name="Face">Which face, from 1 by size; null for the largest.</param>
/// <param name="Folder">Where exporters write; exists and is empty.</param>
public sealed record PipelineInput(InputPhotograph Photograph, int? Face, string Folder);

/// <summary>Carries one photograph through the pipeline: the only place that knows how the roles fit together.</summary>
internal sealed class PipelineRunner(ResolvedManifest manifest, Pipeline pipeline, IPhotographReader reader, StageRunner run)
{
    /// <summary>How many stages a photograph passes, reading included.</summary>
    public static int StageCount(Pipeline pipeline) => 8 + pipeline.Maps.Count + pipeline.Exporters.Count;

    /// <returns>How many faces there are, and a notice when one of several was taken unasked.</returns>
    /// <exception cref="StageException">A stage failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public (int Faces, IReadOnlyList<string> Notices) Run(PipelineInput input)
    {
        var photograph = run.Measure("read", "read", () => reader.Read(input.Photograph));
        var faces = run.Call(pipeline.Detect.Choice, pipeline.Detect.Stage, photograph);
        var face = Choose(faces, input.Face, photograph);
        var landmarks = run.Call(pipeline.Landmarks.Choice, pipeline.Landmarks.Stage, new LandmarkInput(photograph, face.Crop));
        var reconstruction = run.Call(pipeline.Geometry.Choice, pipeline.Geometry.Stage, new GeometryInput(photograph, face.Crop, landmarks));
        var partial = run.Call(pipeline.Project.Choice, pipeline.Project.Stage, new ProjectionInput(photograph, reconstruction, manifest.Header.TextureResolution));
        RequireTexture("project", partial.Texture, 3);
        RequireTexture("project", partial.Visibility, 1);
        var complete = run.Call(pipeline.Complete.Choice, pipeline.Complete.Stage, new CompletionInput(partial, reconstruction));
        RequireTexture("complete", complete, 3);
        var texture = run.Call(pipeline.Light.Choice, pipeline.Light.Stage, new LightInput(complete, partial.Visibility, reconstruction));
        RequireTexture("light", texture.Texture, 3);
        var maps = EstimateMaps(texture, partial.Visibility, reconstruction);
        maps = SuperResolve(maps, texture.Texture);
        foreach (var exporter in pipeline.Exporters)
        {
            var seconds = run.Measured.Select(m => KeyValuePair.Create(m.Path, m.WallSeconds)).ToArray();
            run.Call(exporter.Choice, exporter.Stage, new ExportInput(
                input.Folder, photograph, face, landmarks, reconstruction, partial, texture, maps, pipeline.Shading.Stage, seconds));
        }

        return (faces.Count, faces.Count > 1 && input.Face is null ? [$"{faces.Count} faces; took the largest (choose with --face N)"] : []);
    }

    /// <param name="wanted">From 1; null: the largest.</param>
    /// <exception cref="StageException">There is no such face.</exception>
    public static FaceDetection Choose(IReadOnlyList<FaceDetection> faces, int? wanted, Photograph photograph)
    {
        if (faces.Count == 0)
        {
            throw new StageException("detect", new MoSarException(
                "no-face", $"No face was found in '{photograph.Path}'.", "Use a picture in which one face is clearly seen, at least 8 % of the frame wide."));
        }

        return wanted is null ? faces[0]
            : wanted <= faces.Count ? faces[wanted.Value - 1]
            : throw new StageException("detect", new MoSarException(
                "face-out-of-range", $"--face {wanted}, but '{photograph.Path}' has {faces.Count} {(faces.Count == 1 ? "face" : "faces")}.", $"Choose 1 to {faces.Count}; 1 is the largest."));
    }

    private MapSet EstimateMaps(NormalizedTexture texture, Image visibility, Reconstruction reconstruction)
    {
        var maps = MapSet.Empty;
        foreach (var estimator in pipeline.Maps)
        {
            var path = estimator.Choice.Path;
            var made = run.Call(estimator.Choice, estimator.Stage, new MapInput(texture, visibility, reconstruction, maps));
            var promised = estimator.Stage.Makes.Select(m => m.Name).Order(StringComparer.Ordinal);
            if (!promised.SequenceEqual(made.Select(m => m.Descriptor.Name).Order(StringComparer.Ordinal)))
            {
                throw Broken(path, $"made the maps {string.Join(", ", made.Select(m => m.Descriptor.Name))} but promised {string.Join(", ", promised)}");
            }

            foreach (var map in made)
            {
                if (map.Pixels.Width != map.Pixels.Height || map.Pixels.Channels != map.Descriptor.Channels)
                {
                    throw Broken(path, $"made '{map.Descriptor.Name}' as {map.Pixels.Width}×{map.Pixels.Height}×{map.Pixels.Channels}, not as a square with {map.Descriptor.Channels} channels");
                }

                maps = maps.With(map);
            }
        }

        return maps;
    }

    /// <summary>All maps through one stage, measured as one: a person asks what super-resolution costs, not what each map costs.</summary>
    private MapSet SuperResolve(MapSet maps, Image texture)
    {
        var (choice, stage) = pipeline.SuperResolve;
        var resolution = manifest.Header.OutputResolution;
        return run.Measure(choice.Path, choice.Registration.Id, () =>
        {
            var done = 0;
            var large = MapSet.Empty;
            foreach (var map in maps.All.Values)
            {
                var context = run.Context(choice, fraction => (done + fraction) / maps.All.Count, map.Descriptor.Name);
                var result = stage.Run(new SuperResolutionInput(map, resolution, texture), context);
                if (result.Descriptor.Name != map.Descriptor.Name || result.Pixels.Width != resolution || result.Pixels.Height != resolution)
                {
                    throw Broken(choice.Path, $"made '{result.Descriptor.Name}' of {result.Pixels.Width}×{result.Pixels.Height} from '{map.Descriptor.Name}'; {resolution}×{resolution} was asked for");
                }

                large = large.With(result);
                done++;
            }

            return large;
        });
    }

    private void RequireTexture(string path, Image image, int channels)
    {
        var side = manifest.Header.TextureResolution;
        if (image.Width != side || image.Height != side || image.Channels != channels)
        {
            throw Broken(path, $"returned {image.Width}×{image.Height}×{image.Channels}; the contract is {side}×{side}×{channels}");
        }
    }

    private static StageException Broken(string path, string what) =>
        new(path, new MoSarException("stage-contract", $"The stage at '{path}' {what}.", "This is a fault of the stage's plugin; its author needs this message."));
}
