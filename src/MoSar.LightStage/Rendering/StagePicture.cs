using System.Numerics;

namespace MoSar.LightStage;

/// <summary>What is before the camera. The scene does not own its bodies.</summary>
/// <param name="Head">Null in tests of other shapes.</param>
/// <param name="Props">Everything else, hair included.</param>
/// <param name="Lenses">Spectacle glass.</param>
public sealed record StageScene(StageHead? Head, IReadOnlyList<StageBody> Props, StageLenses? Lenses = null)
{
    public StageScene(StageHead head)
        : this(head, [])
    {
    }
}

/// <summary>How well to render.</summary>
public sealed record StageSettings
{
    /// <summary>Light directions a pixel, each with its shadow ray: half drawn from the environment by importance, half from the surface's own hemisphere.</summary>
    public int Lights { get; init; } = 16;

    /// <summary>Reflected directions a pixel, each with its shadow ray.</summary>
    public int Highlights { get; init; } = 4;

    /// <summary>A square number: 4 is a jittered grid of 2×2.</summary>
    public int SamplesPerPixel { get; init; } = 4;

    /// <summary>0: direct light only. 1: also what the head throws back onto itself.</summary>
    public int Bounces { get; init; } = 1;

    /// <summary>Averages shadows with their neighbours on the same surface. Off: unbiased, and noisy with few lights.</summary>
    public bool ShadowFilter { get; init; } = true;

    /// <summary>A factor on the widths of the skin's scattering; 0 turns it off.</summary>
    public float Scattering { get; init; } = 1;

    /// <summary>Turns all sampling patterns.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>1 leaves parallelism to whoever renders many pictures at once; the picture is the same bit for bit. −1: all cores.</summary>
    public int Threads { get; init; } = -1;

    /// <summary>Half angle in degrees over which the surroundings behind the head are blurred.</summary>
    public float BackgroundBlur { get; init; } = 3;

    /// <summary>A picture behind the head in place of the environment: H×W×3 of the rendered size, linear.</summary>
    public Image? Background { get; init; }

    internal RayRecorder? Recorder { get; init; }
}

/// <summary>A render with exact labels, each a picture of the rendered size.</summary>
/// <param name="Colour">3 channels, linear radiance; not tone-mapped.</param>
/// <param name="Position">3 channels, head space mm, of the head's surface on the ray through the pixel's centre, occluders ignored; 0 where no head.</param>
/// <param name="Normal">3 channels, unit, interpolated vertex normals, head space; 0 where no head.</param>
/// <param name="Uv">3 channels: u, v and 0.</param>
/// <param name="Mask">3 channels in [0, 1]: the head's coverage, seen or hidden; what occluders cover; skin that is seen.</param>
/// <param name="Rays">How many were traced.</param>
public sealed record StagePicture(Image Colour, Image Position, Image Normal, Image Uv, Image Mask, long Rays);

/// <summary>Spectacle glass: reflects the surroundings and tints what lies behind. It casts no shadow and hides nothing, so labels ignore it.</summary>
public sealed class StageLenses : IDisposable
{
    private readonly Vector3[] _positions;
    private readonly int[] _triangles;
    private readonly Vector3[] _normals;

    /// <param name="normals">Of the glass's curvature, which is gentler than any mesh's facets.</param>
    /// <param name="tint">Transmission of both faces together, without Fresnel's loss.</param>
    public StageLenses(Vector3[] positions, int[] triangles, Vector3[] normals, Vector3 tint)
    {
        (_positions, _triangles, _normals, Tint) = (positions, triangles, normals, tint);
        Bounds = Bounds.Of(positions);
        Rays = new Graphics.RayScene(positions, triangles, mixed: true);
    }

    internal Graphics.RayScene Rays { get; }

    internal Bounds Bounds { get; }

    internal Vector3 Tint { get; }

    internal Vector3 Normal(int triangle, float u, float v) => Vector3.Normalize(
        (_normals[_triangles[triangle * 3]] * (1 - u - v)) + (_normals[_triangles[(triangle * 3) + 1]] * u) + (_normals[_triangles[(triangle * 3) + 2]] * v));

    public void Dispose() => Rays.Dispose();
}
