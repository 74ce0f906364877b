using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Subjects;

/// <summary>From radiance to what a camera would have stored.</summary>
internal static class Sensor
{
    /// <param name="radiance">H×W×3, exposed.</param>
    /// <param name="noise">Deviation at mid grey, of full scale; shot noise, so it grows with the root of the signal.</param>
    /// <param name="seed">Of the noise.</param>
    /// <returns>Linear display light in [0, 1].</returns>
    public static Image Expose(Image radiance, float noise, uint seed)
    {
        var result = new Image(radiance.Width, radiance.Height, 3);
        var rng = new Rng(seed ^ 0x5E4503u);
        for (var i = 0; i < result.Pixels.Length; i += 3)
        {
            var c = new Vector3(radiance.Pixels.AsSpan(i, 3));
            var grain = noise * new Vector3(rng.Normal(), rng.Normal(), rng.Normal());
            var noisy = c + (grain * Vector3.SquareRoot(Vector3.Max(c, Vector3.Zero) / 0.18f + new Vector3(0.05f)) * 0.18f * 3);
            ToneCurve.Apply(Vector3.Max(noisy, Vector3.Zero)).CopyTo(result.Pixels, i);
        }

        return result;
    }
}
