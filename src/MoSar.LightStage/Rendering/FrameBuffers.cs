using System.Numerics;

namespace MoSar.LightStage;

/// <summary>The buffers of one picture; tiles write where no other tile does.</summary>
internal sealed class FrameBuffers(int width, int height)
{
    /// <summary>Total of the camera's, shadow and reflected rays.</summary>
    public long Rays;

    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>What eyes mirror, hair and background; the finished picture in the end.</summary>
    public Image Colour { get; } = new(width, height, 3);

    /// <summary>Light that enters skin, E/π, times the skin's coverage; unshadowed until <see cref="Shadows"/> has run.</summary>
    public Image Below { get; } = new(width, height, 3);

    /// <summary>Albedo of skin times its coverage.</summary>
    public Image Albedo { get; } = new(width, height, 3);

    /// <summary>What all that is matt but does not scatter would reflect without shadows, times its coverage.</summary>
    public Image Matt { get; } = new(width, height, 3);

    /// <summary>Its albedo times its coverage.</summary>
    public Image MattAlbedo { get; } = new(width, height, 3);

    /// <summary>Light of a pixel's shadow rays that nothing stopped, and of all of them: their quotient is the share that arrives.</summary>
    public Vector3[] Open { get; } = new Vector3[width * height];

    public Vector3[] All { get; } = new Vector3[width * height];

    /// <summary>Radiance from the head itself, mean over the hemisphere.</summary>
    public Vector3[] Bounced { get; } = new Vector3[width * height];

    /// <summary>Mirrored light of all but eyes and hair, which is as noisy as shadows are.</summary>
    public Vector3[] Mirrored { get; } = new Vector3[width * height];

    /// <summary>Coverage of all that scatters.</summary>
    public float[] Cover { get; } = new float[width * height];

    /// <summary>Distance along the camera's axis, mm, and coverage, of all but hair: sums over a pixel's samples until <see cref="Shadows"/> has run, then the mean and 1.</summary>
    public Vector2[] Depth { get; } = new Vector2[width * height];

    /// <summary>Smooth normals of the same, summed, then of unit length.</summary>
    public Vector3[] Facing { get; } = new Vector3[width * height];

    public Image Position { get; } = new(width, height, 3);

    public Image Normal { get; } = new(width, height, 3);

    public Image Uv { get; } = new(width, height, 3);

    public Image Mask { get; } = new(width, height, 3);

    /// <summary>Mean depth of a pixel, 0 where there is nothing but hair or background.</summary>
    public float DepthAt(int pixel) => Depth[pixel].Y > 0 ? Depth[pixel].X / Depth[pixel].Y : 0;
}
