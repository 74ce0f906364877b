using System.Numerics;

namespace MoSar.Graphics;

/// <summary>From where a head is looked at.</summary>
/// <param name="Camera">Maps head space to the view's pixels.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record AvatarView(PinholeCamera Camera, int Width, int Height)
{
    // As a portrait photographer stands: far enough that noses keep their size.
    private const float Distance = 1100f;

    // Millimetres from the crown down: heads are 220 to 260 mm high.
    private const float Bust = 330f;

    /// <summary>The whole head, square.</summary>
    /// <param name="positions">The head, millimetres.</param>
    /// <param name="size">Side in pixels.</param>
    /// <param name="azimuthDegrees">How far the camera stands towards the person's left (+X).</param>
    /// <param name="elevationDegrees">How far the camera stands above the eyes' height.</param>
    public static AvatarView Portrait(ReadOnlySpan<Vector3> positions, int size, float azimuthDegrees = 0, float elevationDegrees = 2)
    {
        var (low, high) = (positions[0], positions[0]);
        foreach (var p in positions)
        {
            low = Vector3.Min(low, p);
            high = Vector3.Max(high, p);
        }

        low.Y = Floor(low.Y, high.Y);

        // The middle of the head sits a little above the middle of the picture: the neck below may fade out.
        var height = high.Y - low.Y;
        var target = new Vector3((low.X + high.X) / 2, low.Y + (0.54f * height), (low.Z + high.Z) / 2);
        var focal = size * Distance / (1.12f * height);
        return Towards(target, azimuthDegrees, elevationDegrees, focal, size, size);
    }

    /// <summary>Where pictures of a head end below: a head and some neck, but no shoulders.</summary>
    internal static float Floor(float lowest, float highest) => MathF.Max(lowest, highest - Bust);

    private static AvatarView Towards(Vector3 target, float azimuthDegrees, float elevationDegrees, float focal, int width, int height)
    {
        var (sinA, cosA) = Math.SinCos(double.DegreesToRadians(azimuthDegrees));
        var (sinE, cosE) = Math.SinCos(double.DegreesToRadians(elevationDegrees));

        // Rows: the camera's right, its up, and backwards (from the target to the camera).
        double[] rotation = [cosA, 0, -sinA, -sinE * sinA, cosE, -sinE * cosA, cosE * sinA, sinE, cosE * cosA];
        var camera = new PinholeCamera(focal, focal, width / 2.0, height / 2.0, rotation, Vector3.Zero);
        return new AvatarView(camera with { Translation = -camera.ToCamera(target) + new Vector3(0, 0, -Distance) }, width, height);
    }
}
