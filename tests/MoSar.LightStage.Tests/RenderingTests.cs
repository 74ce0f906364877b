using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Tests;

/// <summary>The renderer against what geometry and radiometry say.</summary>
public class RenderingTests
{
    private static readonly Vector3 Grey = new(0.8f, 0.6f, 0.4f);

    [Fact]
    public void A_matt_sphere_in_constant_light_shows_its_albedo()
    {
        using var sphere = Shapes.Sphere(Vector3.Zero, 80, new PropMaterial(Grey, F0: 0));
        var picture = Shapes.Render([sphere], Shapes.Constant(1), 48, new StageSettings { SamplesPerPixel = 4, Lights = 16 });
        for (var y = 0; y < 48; y++)
        {
            for (var x = 0; x < 48; x++)
            {
                if (Shapes.Beside(x, y, 48) < 14)
                {
                    AssertNear(Grey, picture.Colour.Rgb(x, y), 2e-3f);
                }
            }
        }
    }

    [Fact]
    public void Scattering_leaves_evenly_lit_skin_as_it_is()
    {
        using var sphere = Shapes.Sphere(Vector3.Zero, 80, new PropMaterial(Grey, F0: 0, Scatters: true));
        var picture = Shapes.Render([sphere], Shapes.Constant(1), 96, new StageSettings { Lights = 16 });
        for (var y = 0; y < 96; y++)
        {
            for (var x = 0; x < 96; x++)
            {
                if (Shapes.Beside(x, y, 96) < 28)
                {
                    AssertNear(Grey, picture.Colour.Rgb(x, y), 2e-3f);
                }
            }
        }
    }

    // Beside the middle of a wall's foot half the sky is hidden: of the cosine-weighted hemisphere exactly one half for an endless wall at no distance.
    // At a distance d from a wall of height h the open form factor is (1 + cos φ)/2 with tan φ = h/d (an endless strip, Lambert 1760).
    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    [InlineData(150)]
    public void A_wall_takes_the_share_of_the_sky_that_its_form_factor_says(float distance)
    {
        const float height = 60;
        var white = new PropMaterial(Vector3.One, F0: 0);
        using var floor = Shapes.Quad(new(-5, -5, 0), new(5, -5, 0), new(5, 5, 0), new(-5, 5, 0), white);
        using var wall = Shapes.Quad(new(-distance, -60000, 0), new(-distance, 60000, 0), new(-distance, 60000, height), new(-distance, -60000, height), white);
        var picture = Shapes.Render([floor, wall], Shapes.Constant(1), 24, new StageSettings { Lights = 256, SamplesPerPixel = 4, ShadowFilter = false }, reach: 4);
        var mean = picture.Colour.Pixels.Average();
        var expected = (1 + MathF.Cos(MathF.Atan2(height, distance))) / 2;
        Assert.InRange(mean, expected - 0.004f, expected + 0.004f);
    }

    [Fact]
    public void Few_lights_are_biased_by_less_than_a_hundredth()
    {
        var white = new PropMaterial(Vector3.One, F0: 0);
        using var floor = Shapes.Quad(new(-5, -5, 0), new(5, -5, 0), new(5, 5, 0), new(-5, 5, 0), white);
        using var wall = Shapes.Quad(new(-20, -60000, 0), new(-20, 60000, 0), new(-20, 60000, 60), new(-20, -60000, 60), white);
        var picture = Shapes.Render([floor, wall], Shapes.Constant(1), 48, new StageSettings { Lights = 16 }, reach: 4);
        var expected = (1 + MathF.Cos(MathF.Atan2(60, 20))) / 2;
        Assert.InRange(picture.Colour.Pixels.Average() / expected, 0.99f, 1.01f);
    }

    [Fact]
    public void The_shadow_of_a_sphere_lies_where_the_sun_throws_it()
    {
        // A sun of one texel 40 degrees off the floor's normal; a ball of 20 mm hovers 60 mm above.
        var towards = Vector3.Normalize(new Vector3(MathF.Sin(0.7f), 0, MathF.Cos(0.7f)));
        var white = new PropMaterial(Vector3.One, F0: 0);
        using var floor = Shapes.Quad(new(-200, -200, 0), new(200, -200, 0), new(200, 200, 0), new(-200, 200, 0), white);
        var centre = new Vector3(90, 0, 60);
        using var ball = Shapes.Sphere(centre, 20, white);
        var sun = Shapes.Sun(towards);
        const int size = 64;
        var camera = Shapes.Camera(size, 100);
        var picture = Shapes.Render([floor, ball], sun, size, new StageSettings { Lights = 64, ShadowFilter = false }, reach: 100);
        var (inside, outside, wrong) = (0, 0, 0);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var ray = Vector3.Normalize(camera.RotateBack(new Vector3((float)((x + 0.5 - camera.Cx) / camera.Fx), (float)((camera.Cy - y - 0.5) / camera.Fy), -1)));
                var eye = camera.Centre;
                var p = eye - (ray * (eye.Z / ray.Z));
                if (Away(eye, ray, centre) < 23)
                {
                    continue;
                }

                // The panorama's sun is about a degree wide: its edge of half shade is left out.
                var away = Away(p, towards, centre);
                var lit = picture.Colour.Rgb(x, y).Y > 0.5f * picture.Colour.Rgb(2, 2).Y;
                inside += away < 18 ? 1 : 0;
                outside += away > 22 ? 1 : 0;
                wrong += (away < 18 && lit) || (away > 22 && !lit) ? 1 : 0;
            }
        }

        Assert.True(inside > 60 && outside > 2000, $"{inside} inside, {outside} outside");
        Assert.Equal(0, wrong);

        static float Away(Vector3 from, Vector3 along, Vector3 centre) => Vector3.Cross(centre - from, along).Length();
    }

    [Fact]
    public void Pictures_repeat_bit_for_bit_on_any_number_of_threads()
    {
        using var sphere = Shapes.Sphere(Vector3.Zero, 80, new PropMaterial(Grey, Scatters: true));
        using var ball = Shapes.Sphere(new(40, 60, 90), 30, new PropMaterial(Grey));
        var settings = new StageSettings { Seed = 5 };
        var light = Shapes.Sun(Vector3.Normalize(new Vector3(1, 2, 2)));
        var one = Shapes.Render([sphere, ball], light, 70, settings with { Threads = 1 });
        var two = Shapes.Render([sphere, ball], light, 70, settings with { Threads = 2 });
        Assert.Equal(one.Colour.Pixels, two.Colour.Pixels);
        Assert.Equal(one.Mask.Pixels, two.Mask.Pixels);
        Assert.NotEqual(one.Colour.Pixels, Shapes.Render([sphere, ball], light, 70, settings with { Seed = 6 }).Colour.Pixels);
    }

    [Fact]
    public void What_stands_before_the_camera_counts_as_occluder()
    {
        using var ball = Shapes.Sphere(Vector3.Zero, 50, new PropMaterial(Grey));
        var mask = Shapes.Render([ball], Shapes.Constant(1), 40).Mask;
        Assert.Equal(1, mask[20, 20, 1]);
        Assert.Equal(0, mask[20, 20, 0]);
        Assert.Equal(0, mask[0, 0, 1]);
    }

    [Fact]
    public void The_last_of_all_random_numbers_still_picks_a_direction()
    {
        // (7 + u)/8 rounds to 1 for the largest u below 1.
        var last = MathF.BitDecrement(1);
        Assert.Equal(StageEnvironment.Drawn - 1, StageEnvironment.Pick(7, 8, last));
        Assert.Equal(0, StageEnvironment.Pick(0, 8, 0));
        Assert.Equal(StageEnvironment.Drawn / 2, StageEnvironment.Pick(4, 8, 0));
    }

    private static void AssertNear(Vector3 expected, Vector3 actual, float tolerance) =>
        Assert.True(Vector3.Distance(expected, actual) < tolerance, $"{actual} instead of {expected}");
}
