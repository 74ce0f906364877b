using System.Numerics;

namespace MoSar.LightStage;

/// <summary>
/// An eyeball: sclera, limbus and iris by the angle from the gaze, the caruncle in the lids' inner corner, and the cornea's own curvature for
/// highlights. Millimetres.
/// </summary>
/// <param name="innerCorner">Where the lids meet at the nose; null for a ball without lids.</param>
internal sealed class Eye(Vector3 centre, float radius, Vector3 gaze, uint seed, IrisColours? colours = null, float irisAngle = 0.50f, Vector3? innerCorner = null)
{
    /// <summary>The template's balls are large (17.7 mm at the cornea); an iris of 11.8 mm takes this angle of them.</summary>
    public const float TemplateIris = 0.345f;

    // The pink of the corner: how far it covers the white, and from where it fades.
    private const float CaruncleEnd = 5f, CaruncleFades = 2.6f;

    private static readonly Vector3 Caruncle = new(0.37f, 0.16f, 0.13f);

    private readonly IrisColours _colours = colours ?? IrisColours.Hazel;

    // A cornea of 7.8 mm whose centre lies in front of the eyeball's.
    private readonly Vector3 _cornea = centre + (gaze * radius * 0.40f);

    public Vector3 Albedo(Vector3 p, Vector3 towardsLight)
    {
        var d = Vector3.Normalize(p - centre);
        var angle = MathF.Acos(Math.Clamp(Vector3.Dot(d, gaze), -1, 1));
        var right = Vector3.Normalize(Vector3.Cross(Vector3.UnitY, gaze));
        var up = Vector3.Cross(gaze, right);
        var around = MathF.Atan2(Vector3.Dot(d, up), Vector3.Dot(d, right));

        var vein = Curve.Smooth(0.40f, 0.75f, MathF.Abs(Noise.Fractal(d * 14f, 3, seed))) * Curve.Smooth(irisAngle + 0.10f, 1.2f, angle);
        var sclera = Curve.Mix(new(0.50f, 0.465f, 0.43f), new(0.50f, 0.31f, 0.27f), (0.22f * vein) + (0.45f * Curve.Smooth(0.75f, 1.25f, angle)));
        if (innerCorner is { } corner)
        {
            // The lids meet in front of the ball: depth does not count.
            var offset = p - corner;
            var distance = MathF.Sqrt((offset.X * offset.X) + (offset.Y * offset.Y)) + (0.8f * Noise.Fractal(p / 1.3f, 2, seed + 5));
            sclera = Curve.Mix(sclera, Caruncle, Curve.Smooth(CaruncleEnd, CaruncleFades, distance));
        }

        var r = angle / irisAngle;
        if (r > 1.15f)
        {
            return sclera;
        }

        var fibre = Noise.Fractal(new Vector3(MathF.Cos(around) * 9f, MathF.Sin(around) * 9f, r * 1.4f), 4, seed + 10);
        var iris = Curve.Mix(_colours.Outer, _colours.Inner, Curve.Smooth(0.72f, 0.42f, r + (0.18f * fibre)));
        iris *= 1 + (1.0f * fibre);

        // Light that enters at one side of the cornea gathers on the other.
        var caustic = MathF.Max(0, -Vector3.Dot(d - (gaze * Vector3.Dot(d, gaze)), towardsLight)) / MathF.Sin(irisAngle);
        iris *= 0.85f + (1.1f * caustic);
        iris *= 1 - (0.80f * Curve.Smooth(0.82f, 1.0f, r));
        var pupil = Curve.Smooth(0.42f, 0.38f, r);
        iris = Curve.Mix(iris, new(0.004f), pupil);
        return Curve.Mix(iris, sclera, Curve.Smooth(0.94f, 1.12f, r));
    }

    public Vector3 Normal(Vector3 p)
    {
        var ball = Vector3.Normalize(p - centre);
        var angle = MathF.Acos(Math.Clamp(Vector3.Dot(ball, gaze), -1, 1));
        var cornea = Vector3.Normalize(p - _cornea);
        return Vector3.Normalize(Curve.Mix(cornea, ball, Curve.Smooth(irisAngle * 0.85f, irisAngle * 1.25f, angle)));
    }
}

/// <summary>Linear Rec.709 reflectance of an iris.</summary>
/// <param name="Outer">Near the limbus.</param>
/// <param name="Inner">Around the pupil.</param>
public readonly record struct IrisColours(Vector3 Outer, Vector3 Inner)
{
    public static IrisColours Hazel { get; } = new(new(0.062f, 0.075f, 0.058f), new(0.13f, 0.075f, 0.034f));
}
