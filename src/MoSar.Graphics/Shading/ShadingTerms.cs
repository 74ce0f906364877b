namespace MoSar.Graphics;

/// <summary>The summands of Eq. 5.</summary>
[Flags]
public enum ShadingTerms
{
    None = 0,

    /// <summary>𝓑_d, Eq. 6.</summary>
    Diffuse = 1,

    /// <summary>𝓑_sss, Eq. 7.</summary>
    Subsurface = 2,

    /// <summary>𝓑_s, Eq. 8.</summary>
    Specular = 4,

    All = Diffuse | Subsurface | Specular,
}
