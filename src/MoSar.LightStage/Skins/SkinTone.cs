using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// Skin colour in the two pigments that make it. Logarithms of reflectance fall along two axes (linear Rec.709): melanin, as the people of the
/// albedo model differ from each other (first principal axis of the logarithm of their cheeks and foreheads: 0.84, 1, 1.11), and
/// haemoglobin, which takes green most.
/// </summary>
public static class SkinTone
{
    /// <summary>Falls of the logarithm for one unit of melanin; green 1.</summary>
    public static readonly Vector3 Melanin = new(0.84f, 1.0f, 1.11f);

    /// <summary>Falls of the logarithm for one unit of blood; green 1.</summary>
    public static readonly Vector3 Haemoglobin = new(0.10f, 1.0f, 0.62f);

    /// <summary>
    /// Lower bounds of the ITA° classes after Chardon et al. (1991), lightest first; what is below the last is the sixth class.
    /// </summary>
    public static IReadOnlyList<(string Name, float From)> Classes { get; } =
        [("very light", 55), ("light", 41), ("intermediate", 28), ("tan", 10), ("brown", -30), ("dark", -70)];

    /// <summary>Where ITA° ends in what is drawn: the lightest skin of the portraits.</summary>
    public const float Lightest = 68;

    /// <summary>Individual typology angle in degrees of a linear Rec.709 reflectance: atan((L* − 50) / b*) under D65.</summary>
    public static float Ita(Vector3 reflectance)
    {
        var y = Rec709.Luminance(reflectance);
        var z = Vector3.Dot(reflectance, new Vector3(0.0193f, 0.1192f, 0.9505f));
        var (fy, fz) = (Cube(y), Cube(z / 1.089f));
        return float.RadiansToDegrees(MathF.Atan2((116 * fy) - 16 - 50, 200 * (fy - fz)));
    }

    /// <summary>The class of an angle, 0 the lightest, 5 the darkest.</summary>
    public static int ClassOf(float ita)
    {
        var k = 0;
        while (k < Classes.Count - 1 && ita < Classes[k].From)
        {
            k++;
        }

        return k;
    }

    /// <summary>An angle of a class: uniform within its bounds.</summary>
    /// <param name="index">Of <see cref="Classes"/>.</param>
    /// <param name="t">[0, 1].</param>
    public static float Within(int index, float t) => float.Lerp(Classes[index].From, index == 0 ? Lightest : Classes[index - 1].From, t);

    /// <summary>Reflectance with more (or less) of both pigments.</summary>
    public static Vector3 With(Vector3 reflectance, float melanin, float haemoglobin) => reflectance * Exp(-((melanin * Melanin) + (haemoglobin * Haemoglobin)));

    /// <summary>How much melanin takes a reflectance to an ITA°; by bisection, since the angle falls with it.</summary>
    public static float MelaninFor(Vector3 reflectance, float ita)
    {
        var (low, high) = (-2f, 4f);
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Ita(With(reflectance, middle, 0)) > ita ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>
    /// What to add to a skin's mean logarithm of reflectance to bring it within two deviations of people's hue at that lightness: over 71 London
    /// portraits log(R/G) = 0.294 − 0.147·log G and log(G/B) = 0.035 − 0.149·log G, deviations 0.064 and 0.071. Green stays.
    /// </summary>
    public static Vector3 ToPeoplesHue(Vector3 log)
    {
        var (red, blue) = (log.X - log.Y - (0.294f - (0.147f * log.Y)), log.Y - log.Z - (0.035f - (0.149f * log.Y)));
        return new Vector3(Math.Clamp(red, -0.128f, 0.128f) - red, 0, blue - Math.Clamp(blue, -0.142f, 0.142f));
    }

    internal static Vector3 Exp(Vector3 v) => new(MathF.Exp(v.X), MathF.Exp(v.Y), MathF.Exp(v.Z));

    private static float Cube(float t) => t > 0.008856f ? MathF.Cbrt(t) : (7.787f * t) + (16f / 116);
}
