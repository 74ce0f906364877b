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

/// <summary>The buffers of one picture; tiles write where no other tile does.</summary>
internal sealed class FrameBuffers(int width, int height)
{
    /// <summary>Total of the camera's, shadow and reflected rays.</summary>
    public long Rays;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>Light that does not go below skin; the finished picture in the end.</summary>
    public Image Colour { get; } = new(width, height, 3);

    /// <summary>Light that enters skin, E/π, times the skin's coverage.</summary>
    public Image Below { get; } = new(width, height, 3);

    /// <summary>Albedo of skin times its coverage.</summary>
    public Image Albedo { get; } = new(width, height, 3);

    /// <summary>Coverage of all that scatters.</summary>
    public float[] Cover { get; } = new float[width * height];

    /// <summary>Mean distance along the camera's axis of what scatters, mm.</summary>
    public float[] Depth { get; } = new float[width * height];

    public Image Position { get; } = new(width, height, 3);

    public Image Normal { get; } = new(width, height, 3);

    public Image Uv { get; } = new(width, height, 3);

    public Image Mask { get; } = new(width, height, 3);
}
