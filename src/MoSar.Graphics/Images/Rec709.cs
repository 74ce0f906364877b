using System.Numerics;

namespace MoSar.Graphics;

/// <summary>The primaries of all colours in memory: linear Rec.709 (ITU-R BT.709), as sRGB has them.</summary>
public static class Rec709
{
    /// <summary>What red, green and blue add to luminance.</summary>
    public static Vector3 LuminanceWeights { get; } = new(0.2126f, 0.7152f, 0.0722f);

    /// <summary>CIE Y of a linear colour, in its own unit.</summary>
    public static float Luminance(Vector3 linear) => Vector3.Dot(linear, LuminanceWeights);
}
