using System.Numerics;

namespace MoSar.Graphics;

/// <summary>How bright an environment is taken to be. Panoramas come at any scale, and a picture of a face is exposed for the face.</summary>
public static class Exposure
{
    private const int Headings = 16;

    // White on the brightest side of the head; the skin there, 0.3 to 0.6 of it, then stays below the tone curve's shoulder.
    private const float White = 1.05f;

    /// <summary>
    /// The factor that makes an upright white Lambertian surface, in the heading where it is brightest, reflect 1.05 of what the display
    /// can show. All headings count, so that turning the surroundings never changes it. 1 for darkness.
    /// </summary>
    public static float Automatic(EnvironmentMap environment)
    {
        var light = environment.ToSphericalHarmonics(2);
        var brightest = 0f;
        for (var i = 0; i < Headings; i++)
        {
            var (sin, cos) = MathF.SinCos(i * MathF.Tau / Headings);
            var reflected = SphericalHarmonics.Irradiance(light, new Vector3(sin, 0, cos)) / MathF.PI;
            brightest = MathF.Max(brightest, Rec709.Luminance(reflected));
        }

        return brightest > 0 ? White / brightest : 1;
    }
}
