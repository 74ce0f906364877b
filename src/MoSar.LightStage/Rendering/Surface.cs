using System.Numerics;

namespace MoSar.LightStage;

/// <summary>How a point answers to light.</summary>
internal enum SurfaceKind : byte
{
    /// <summary>The head's skin: light spreads below it.</summary>
    Skin,

    /// <summary>Skin that is not the head's, such as a hand: spreads light but is an occluder.</summary>
    OtherSkin,

    /// <summary>Eyeball: matt below a wet mirror.</summary>
    Eye,

    /// <summary>Anything else of the head: teeth, gums, the mouth's inside, lashes.</summary>
    Inner,

    /// <summary>Frames, cloth and other solid things.</summary>
    Solid,

    /// <summary>A strand: reflects about its tangent.</summary>
    Hair,
}

/// <summary>What a camera sample sees, ready to be lit.</summary>
internal struct Surface
{
    public SurfaceKind Kind;

    /// <summary>Where rays start: lifted off the facets onto the smooth surface, mm.</summary>
    public Vector3 Start;

    /// <summary>Shading normal, relief included; the tangent of a strand.</summary>
    public Vector3 Normal;

    /// <summary>Towards the camera.</summary>
    public Vector3 View;

    public Vector3 Albedo;

    public float F0;

    /// <summary>GGX α.</summary>
    public float Alpha;

    /// <summary>Interpolated vertex normal, without relief.</summary>
    public Vector3 Smooth;
}
