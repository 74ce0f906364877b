using System.Numerics;

namespace MoSar.LightStage;

/// <summary>What all tiles of a picture share; read-only while they run.</summary>
internal sealed class TileJob
{
    // Towards the picture's top left corner, and a pixel's way along both sides.
    private readonly Vector3 _forward;
    private readonly Vector3 _right;
    private readonly Vector3 _down;

    public TileJob(StageScene scene, StageLight light, PinholeCamera camera, StageSettings settings, FrameBuffers frame)
    {
        (Scene, Light, Camera, Settings, Frame) = (scene, light, camera, settings, frame);
        Bodies = scene.Head is null ? [.. scene.Props] : [scene.Head, .. scene.Props];
        Seen = [.. Bodies.Select(b => b.Bounds.Seen(camera))];
        Eye = camera.Centre;
        Grid = (int)MathF.Round(MathF.Sqrt(settings.SamplesPerPixel));
        Exitant = settings.Bounces > 0 ? scene.Head?.Exitant(light) : null;
        _forward = camera.RotateBack(new Vector3((float)(-camera.Cx / camera.Fx), (float)(camera.Cy / camera.Fy), -1));
        _right = camera.RotateBack(new Vector3((float)(1 / camera.Fx), 0, 0));
        _down = camera.RotateBack(new Vector3(0, (float)(-1 / camera.Fy), 0));
        BackgroundSolid = MathF.Tau * (1 - MathF.Cos(float.DegreesToRadians(settings.BackgroundBlur)));
    }

    public StageScene Scene { get; }

    public StageLight Light { get; }

    public PinholeCamera Camera { get; }

    public StageSettings Settings { get; }

    public FrameBuffers Frame { get; }

    /// <summary>The head first.</summary>
    public StageBody[] Bodies { get; }

    /// <summary>The part of the picture that each body can cover.</summary>
    public (float Left, float Top, float Right, float Bottom)[] Seen { get; }

    public Vector3 Eye { get; }

    /// <summary>Camera samples along a pixel's side.</summary>
    public int Grid { get; }

    /// <summary>What each vertex of the head sends back; null without bounces.</summary>
    public Vector3[]? Exitant { get; }

    private float BackgroundSolid { get; }

    /// <summary>The unit direction of the ray through a point of the picture.</summary>
    public Vector3 Ray(float x, float y) => Vector3.Normalize(_forward + (x * _right) + (y * _down));

    /// <summary>Distance along the camera's axis, mm.</summary>
    public float Depth(Vector3 position) => -Camera.ToCamera(position).Z;

    public Vector3 Behind(int x, int y, Vector3 direction) => Settings.Background?.Rgb(x, y)
        ?? Light.Environment.Radiance(Light.Into(direction), BackgroundSolid) * Light.Exposure;

    /// <summary>Radiance of the surroundings over about a solid angle.</summary>
    public Vector3 Surroundings(Vector3 direction, float steradians) => Light.Environment.Radiance(Light.Into(direction), steradians) * Light.Exposure;

    /// <summary>Spectacle glass over the finished picture.</summary>
    public void LayLenses()
    {
        if (Scene.Lenses is not { } lenses)
        {
            return;
        }

        var w = Frame.Width;
        const int side = 2;
        var seen = lenses.Bounds.Seen(Camera);
        var (left, right) = ((int)Math.Clamp(seen.Left, 0, w), (int)Math.Clamp(seen.Right + 1, 0, w));
        var (top, bottom) = ((int)Math.Clamp(seen.Top, 0, Frame.Height), (int)Math.Clamp(seen.Bottom + 1, 0, Frame.Height));
        Parallel.For(top, Math.Max(top, bottom), new ParallelOptions { MaxDegreeOfParallelism = Settings.Threads }, y =>
        {
            var n = Math.Max(0, right - left) * side * side;
            var (origins, directions) = (new Vector3[n], new Vector3[n]);
            var (triangle, distance, u, v) = (new int[n], new float[n], new float[n], new float[n]);
            for (var i = 0; i < n; i++)
            {
                var (x, s) = (left + (i / (side * side)), i % (side * side));
                (origins[i], directions[i]) = (Eye, Ray(x + (((s % side) + 0.5f) / side), y + (((s / side) + 0.5f) / side)));
            }

            lenses.Rays.ClosestInto(origins, directions, triangle, distance, u, v, coherent: true);
            for (var i = 0; i < n; i++)
            {
                if (triangle[i] < 0)
                {
                    continue;
                }

                var normal = lenses.Normal(triangle[i], u[i], v[i]);
                normal = Vector3.Dot(normal, directions[i]) > 0 ? -normal : normal;
                var cos = -Vector3.Dot(normal, directions[i]);
                var mirrored = directions[i] + (2 * cos * normal);

                // Two faces of index 1.5 with a coating.
                var fresnel = Math.Clamp(1.6f * Microfacet.Fresnel(0.02f, cos), 0, 1);
                var target = Frame.Colour.Pixels.AsSpan(((y * w) + left + (i / (side * side))) * 3, 3);
                var behind = new Vector3(target);
                var seen = Vector3.Min(Surroundings(mirrored, 1e-4f), new Vector3(30));
                (behind + (((behind * ((1 - fresnel) * lenses.Tint)) + (fresnel * seen) - behind) / (side * side))).CopyTo(target);
            }
        });
    }
}
