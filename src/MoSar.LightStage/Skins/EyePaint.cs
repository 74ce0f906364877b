using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>The eyeball's colours by angle from the gaze: pupil, iris with fibres and limbus, sclera with vessels towards the back.</summary>
internal static class EyePaint
{
    // Degrees: an iris of 11.8 mm and a pupil of 4.6 mm on the template's large balls (17.7 mm at the cornea).
    private const float Iris = 19.6f, Pupil = 7.5f;

    /// <summary>Linear reflectance at a point of the mean head's eyeball.</summary>
    /// <param name="centre">Of the ball, mm.</param>
    public static Vector3 At(Vector3 p, Vector3 centre, SkinParameters skin)
    {
        var d = Vector3.Normalize(p - centre);
        var angle = float.RadiansToDegrees(MathF.Acos(Math.Clamp(d.Z, -1, 1)));
        var around = MathF.Atan2(d.Y, d.X);
        var seed = skin.Seed % 10_000;
        var ring = new Vector3(MathF.Cos(around), MathF.Sin(around), 0);

        var old = Math.Clamp((skin.Age - 30) / 50, 0, 1);
        var sclera = Vector3.Lerp(new Vector3(0.66f, 0.63f, 0.60f), new Vector3(0.56f, 0.49f, 0.40f), old);
        var vessels = MathF.Pow(1 - MathF.Abs(Noise.Fractal(new Vector3(around * 7, angle * 0.045f, 2), 3, seed + 3)), 9) * Curve.Smooth(30, 70, angle);
        sclera *= SkinTone.Exp(-vessels * 0.8f * SkinTone.Haemoglobin);

        var fibre = 0.5f + (0.5f * Noise.Fractal((ring * 9) + new Vector3(0, 0, angle * 0.06f), 3, seed + 11));
        var iris = skin.Iris * (0.55f + (0.9f * fibre)) * float.Lerp(0.75f, 1.15f, Curve.Smooth(17.2f, 10.2f, angle));
        iris *= 1 - (0.75f * Curve.Smooth(16.8f, 19.2f, angle));
        var colour = Vector3.Lerp(iris, new Vector3(0.003f), Curve.Smooth(Pupil + 0.7f, Pupil - 0.7f, angle));
        return Vector3.Lerp(colour, sclera, Curve.Smooth(Iris - 1.2f, Iris + 1.2f, angle));
    }
}
