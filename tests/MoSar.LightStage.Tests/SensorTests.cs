using System.Numerics;
using MoSar.Graphics;
using MoSar.LightStage.Subjects;

namespace MoSar.LightStage.Tests;

public sealed class SensorTests
{
    private static readonly Vector3 Luminance = new(0.2126f, 0.7152f, 0.0722f);

    [Fact]
    public void UnderWhiteLightAFaceIsLeftAsItIs()
    {
        var light = Sky(_ => new Vector3(0.8f));
        var (exposure, gains) = Sensor.Meter(light, automatic: 1 / 0.8f);
        Assert.InRange(exposure, 1.24f, 1.26f);
        Assert.True(Vector3.Distance(gains, Vector3.One) < 1e-4f, $"{gains}");
    }

    [Fact]
    public void ColourOfTheLightIsMostlyTakenAwayAndLuminanceKept()
    {
        var blue = new Vector3(0.4f, 0.7f, 1.3f);
        var (_, gains) = Sensor.Meter(Sky(_ => blue), automatic: 1);
        var seen = gains * blue;
        Assert.Equal(Vector3.Dot(Luminance, blue), Vector3.Dot(Luminance, seen), 4);
        Assert.InRange(seen.Z / seen.X, 1.2f, 0.5f * blue.Z / blue.X);
    }

    [Fact]
    public void AgainstTheLightAFaceIsExposedForButStaysDarkerThanItsSurroundings()
    {
        var behind = Sky(d => new Vector3(d.Z < 0 ? 1 : 0.1f));
        var (exposure, _) = Sensor.Meter(behind, automatic: 1);
        var face = exposure * Vector3.Dot(Luminance, SphericalHarmonics.Irradiance(behind, Vector3.UnitZ)) / MathF.PI;
        Assert.InRange(exposure, 1.5f, 8f);
        Assert.InRange(face, 0.2f, 0.8f);
    }

    private static ShLight Sky(Func<Vector3, Vector3> radiance)
    {
        var pixels = new Image(64, 32, 3);
        var map = new EnvironmentMap(pixels);
        for (var y = 0; y < 32; y++)
        {
            for (var x = 0; x < 64; x++)
            {
                radiance(map.Direction((x + 0.5f) / 64, (y + 0.5f) / 32)).CopyTo(pixels.Pixels, 3 * ((y * 64) + x));
            }
        }

        return map.ToSphericalHarmonics(2);
    }
}
