using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Subjects;

/// <summary>From radiance to what a camera would have stored.</summary>
internal static class Sensor
{
    private static readonly Vector3[] FaceNormals = [new(0, 0, 1), new(0.6f, 0, 0.8f), new(-0.6f, 0, 0.8f), new(0, 0.6f, 0.8f)];

    // Cameras meter on faces, and take the light's colour for white; neither wholly.
    private const float FaceMetering = 0.65f, WhiteBalance = 0.7f;

    // Stops of metering at most: a face against the light stays darker than its surroundings.
    private const float MostBrightening = 8;

    /// <summary>What a camera on automatic makes of a light: the exposure, and gains for red, green and blue that keep the luminance.</summary>
    /// <param name="light">Not exposed, head space.</param>
    /// <param name="automatic">The exposure by which white is white on the head's brightest side.</param>
    public static (float Exposure, Vector3 Gains) Meter(ShLight light, float automatic)
    {
        var white = FaceNormals.Aggregate(Vector3.Zero, (sum, n) => sum + (SphericalHarmonics.Irradiance(light, n) / (MathF.PI * FaceNormals.Length)));
        white = Vector3.Max(white, new Vector3(1e-3f / automatic));
        var bright = Rec709.Luminance(white);
        var exposure = automatic * MathF.Pow(Math.Clamp(1 / (automatic * bright), 1, MostBrightening), FaceMetering);
        var gains = new Vector3(MathF.Pow(bright / white.X, WhiteBalance), MathF.Pow(bright / white.Y, WhiteBalance), MathF.Pow(bright / white.Z, WhiteBalance));
        return (exposure, gains * (bright / Rec709.Luminance(gains * white)));
    }

    /// <param name="radiance">H×W×3, exposed.</param>
    /// <param name="gains">For red, green and blue.</param>
    /// <param name="noise">Deviation at mid grey, of full scale; shot noise, so it grows with the root of the signal.</param>
    /// <param name="seed">Of the noise.</param>
    /// <returns>Linear display light in [0, 1].</returns>
    public static Image Expose(Image radiance, Vector3 gains, float noise, uint seed)
    {
        var result = new Image(radiance.Width, radiance.Height, 3);
        var rng = new Rng(seed ^ 0x5E4503u);
        for (var i = 0; i < result.Pixels.Length; i += 3)
        {
            var c = gains * new Vector3(radiance.Pixels.AsSpan(i, 3));
            var grain = noise * new Vector3(rng.Normal(), rng.Normal(), rng.Normal());
            var noisy = c + (grain * Vector3.SquareRoot(Vector3.Max(c, Vector3.Zero) / 0.18f + new Vector3(0.05f)) * 0.18f * 3);
            ToneCurve.Apply(Vector3.Max(noisy, Vector3.Zero)).CopyTo(result.Pixels, i);
        }

        return result;
    }
}
