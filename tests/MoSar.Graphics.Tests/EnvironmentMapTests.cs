using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class EnvironmentMapTests
{
    private static EnvironmentMap Smooth(Func<Vector3, Vector3> radiance, int height = 256)
    {
        var image = new Image(2 * height, height, 3);
        var map = new EnvironmentMap(image);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < 2 * height; x++)
            {
                radiance(map.Direction((x + 0.5f) / (2 * height), (y + 0.5f) / height)).CopyTo(image.Pixels, ((y * 2 * height) + x) * 3);
            }
        }

        return map;
    }

    [Fact]
    public void TheCentreIsBehindTheHeadAndRightIsPlusX()
    {
        var map = new EnvironmentMap(new Image(8, 4, 3));
        Assert.True((map.Direction(0.5f, 0.5f) - -Vector3.UnitZ).Length() < 1e-6f);
        Assert.True((map.Direction(0.75f, 0.5f) - Vector3.UnitX).Length() < 1e-6f);
        Assert.True((map.Direction(0.5f, 0f) - Vector3.UnitY).Length() < 1e-6f);
        foreach (var p in new[] { new Vector2(0.1f, 0.3f), new Vector2(0.9f, 0.8f) })
        {
            var turned = map.Turned(1.3f);
            Assert.True((turned.Point(turned.Direction(p.X, p.Y)) - p).Length() < 1e-5f);
        }
    }

    [Fact]
    public void ProjectionRecoversALightThatIsSphericalHarmonics()
    {
        var light = Lights.Random(8);
        var back = Smooth(d => SphericalHarmonics.Radiance(light, d)).ToSphericalHarmonics();
        for (var i = 0; i < 81; i++)
        {
            Assert.True((light.Coefficients[i] - back.Coefficients[i]).Length() < 3e-4f, $"{i}: {light.Coefficients[i]} {back.Coefficients[i]}");
        }
    }

    [Fact]
    public void TurningTheMapIsTurningItsHarmonics()
    {
        var light = Lights.Random(4);
        var map = Smooth(d => SphericalHarmonics.Radiance(light, d));
        var (a, b) = (map.Turned(0.8f).ToSphericalHarmonics(4), ShRotation.Yaw(0.8).Apply(light));
        for (var i = 0; i < a.Coefficients.Length; i++)
        {
            Assert.True((a.Coefficients[i] - b.Coefficients[i]).Length() < 3e-4f);
        }

        // Positive from +Z towards +X: what was before the face is then at its left (+X).
        Assert.True((map.Radiance(Vector3.UnitZ) - map.Turned(MathF.PI / 2).Radiance(Vector3.UnitX)).Length() < 1e-3f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void LightsKeepEnergyAndSolidAngleAndAboutTheIrradiance(int count)
    {
        var map = Smooth(d => new Vector3(MathF.Exp(20 * (Vector3.Dot(d, Vector3.Normalize(new Vector3(1, 2, 3))) - 1)) + 0.1f));
        var lights = map.ToLights(count);
        Assert.Equal(count, lights.Length);
        Assert.Equal(4 * MathF.PI, lights.Sum(l => l.SolidAngle), 1e-3f);
        var sh = map.ToSphericalHarmonics();
        Assert.Equal(sh.Coefficients[0].X * MathF.Sqrt(4 * MathF.PI), lights.Sum(l => l.Radiance.X), 2e-3f);
        if (count == 64)
        {
            var n = Vector3.Normalize(new Vector3(0, 1, 1));
            var sampled = lights.Sum(l => l.Radiance.X * MathF.Max(0, Vector3.Dot(l.Direction, n)));
            var exact = SphericalHarmonics.Irradiance(sh, n).X;
            Assert.True(MathF.Abs(sampled - exact) < 0.02f * exact, $"{sampled} {exact}");
        }
    }

    [Fact]
    public void DeringingLeavesNoNegativeLightAndKeepsTheMean()
    {
        var sun = Smooth(d => new Vector3(Vector3.Dot(d, Vector3.Normalize(new Vector3(1, 1, 1))) > 0.99f ? 500f : 0.1f), 128).ToSphericalHarmonics();
        var smooth = ShWindow.Dering(sun);
        Assert.Equal(sun.Coefficients[0], smooth.Coefficients[0]);
        var (directions, _) = Lights.Directions(3000);
        float[] before = new float[9000], after = new float[9000];
        new ShExpansion(sun, 8).Evaluate(directions, before);
        new ShExpansion(smooth, 8).Evaluate(directions, after);
        Assert.True(before.Min() < -0.5f && after.Min() > -0.02f * after.Max(), $"{before.Min()} {after.Min()}");

        // What has no rings stays as it is.
        Assert.Same(ShLight.Uniform, ShWindow.Dering(ShLight.Uniform));
        Assert.True(ShWindow.Dering(sun, SphericalHarmonics.Lambertian).Coefficients[4].X > smooth.Coefficients[4].X);
    }
}
