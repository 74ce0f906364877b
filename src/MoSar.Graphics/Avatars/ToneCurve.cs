using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// From scene light to display light. Values up to 0.6 stay as they are, so that a render compares with its photograph; above, a shoulder
/// (an exponential with the same slope at the joint) bends towards 1, so that highlights keep their shape instead of clipping. Each channel on its own.
/// </summary>
public static class ToneCurve
{
    private const float Knee = 0.6f;

    public static float Apply(float x) => x <= Knee ? x : Knee + ((1 - Knee) * (1 - MathF.Exp((Knee - x) / (1 - Knee))));

    public static Vector3 Apply(Vector3 colour) => new(Apply(colour.X), Apply(colour.Y), Apply(colour.Z));
}
