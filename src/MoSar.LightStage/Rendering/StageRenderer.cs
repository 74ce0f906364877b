using System.Numerics;

namespace MoSar.LightStage;

/// <summary>
/// Ray traces a head under an environment, by Embree and without any of the paper's Eq. 5–8.
/// </summary>
/// <remarks>
/// Matt light is the environment's exact irradiance on the unshadowed surface times the share of it that shadow rays find open (Heitz, Hill and
/// McGuire 2018, "Combining analytic direct illumination and stochastic shadows"): no noise where nothing hides the light, unbiased in the limit
/// elsewhere. Its directions are drawn from the environment by importance and from the hemisphere, with the balance heuristic. Highlights are GGX
/// by visible normals, each direction looking at as much of the blurred environment as it stands for (Křivánek and Colbert 2008). Under the skin
/// light spreads by a sum of Gaussians (<see cref="Scattering"/>). A picture is a pure function of scene, camera, light and settings: threads
/// take tiles, and every random number is a hash of pixel and purpose.
/// </remarks>
public static class StageRenderer
{
    internal const int Tile = 16;

    /// <param name="camera">In pixels of the Width × Height picture.</param>
    /// <exception cref="ArgumentException">Samples a pixel are no square, counts are not positive, or a background has another size.</exception>
    public static StagePicture Render(StageScene scene, StageLight light, PinholeCamera camera, int width, int height, StageSettings? settings = null, CancellationToken cancellation = default)
    {
        settings ??= new StageSettings();
        Check(settings, width, height);
        var frame = new FrameBuffers(width, height);
        var job = new TileJob(scene, light, camera, settings, frame);
        var columns = (width + Tile - 1) / Tile;
        var rows = (height + Tile - 1) / Tile;
        var options = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = settings.Threads };
        Parallel.For(0, columns * rows, options, () => new TileTracer(job), (tile, _, tracer) =>
        {
            tracer.Run(tile % columns * Tile, tile / columns * Tile);
            return tracer;
        }, tracer => Interlocked.Add(ref frame.Rays, tracer.Rays));
        cancellation.ThrowIfCancellationRequested();
        Shadows.Resolve(frame, (float)camera.Fx, settings.ShadowFilter, options);
        Scattering.Compose(frame, (float)camera.Fx, settings.Scattering, options);
        job.LayLenses();
        return new StagePicture(frame.Colour, frame.Position, frame.Normal, frame.Uv, frame.Mask, frame.Rays);
    }

    private static void Check(StageSettings settings, int width, int height)
    {
        var side = (int)MathF.Round(MathF.Sqrt(settings.SamplesPerPixel));
        if (side < 1 || side * side != settings.SamplesPerPixel)
        {
            throw new ArgumentException($"{settings.SamplesPerPixel} samples a pixel are no square.", nameof(settings));
        }

        if (settings.Lights < 2 || settings.Highlights < 1)
        {
            throw new ArgumentException("At least 2 lights and 1 highlight a pixel are needed.", nameof(settings));
        }

        if (settings.Background is { } b && (b.Width != width || b.Height != height || b.Channels != 3))
        {
            throw new ArgumentException($"The background has {b.Width}×{b.Height}×{b.Channels}, the picture {width}×{height}×3.", nameof(settings));
        }
    }
}

