using System.Numerics;
using MoSar.Graphics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Baked.Tests;

/// <summary>Occlusion and thickness against integrals in closed form.</summary>
public sealed class RayMapTests
{
    private const int Size = 128;

    [Fact]
    public void Occlusion_beside_a_wall_is_its_view_factor()
    {
        // Floor 400 × 100 mm, along its far edge a wall of 40 mm. A floor point at distance d sees the wall of height h under ½(1 − d/√(d² + h²)).
        const float length = 4000, depth = 100, height = 40;
        var mesh = TestHeads.Join(
        [
            (16, (s, t) => new Vector3((s - 0.5f) * length, 0, t * depth), (s, t) => new Vector2(0.02f + (0.96f * s), 0.02f + (0.5f * t))),
            (16, (s, t) => new Vector3((s - 0.5f) * length, (1 - t) * height, 0), (s, t) => new Vector2(0.02f + (0.96f * s), 0.6f + (0.3f * t))),
        ]);
        var map = Run(mesh, new BakedMapsOptions { OcclusionRays = 256, OcclusionReach = 10000 })["ambient_occlusion"].Pixels;
        for (var y = 12; y < 64; y += 8)
        {
            var d = (((y + 0.5f) / Size) - 0.02f) / 0.5f * depth;
            var want = 1 - (0.5f * (1 - (d / MathF.Sqrt((d * d) + (height * height)))));
            var row = Enumerable.Range(40, 48).Average(x => map[x, y, 0]);
            Assert.Equal(want, row, 0.015f);
        }
    }

    [Fact]
    public void A_sphere_is_open_and_as_thick_as_its_mean_chord()
    {
        // A chord at angle θ to the normal is 2R·cos θ; its mean over a cosine-weighted cone of 50°: 2R·⅔(1 − cos³)/sin².
        const float radius = 12;
        var maps = Run(TestHeads.Sphere(radius, 96), new BakedMapsOptions { ThicknessRays = 128 });
        var cosine = Math.Cos(50 * Math.PI / 180);
        var chord = 2 * radius * 2.0 / 3 * (1 - Math.Pow(cosine, 3)) / (1 - (cosine * cosine));
        var (open, thin) = (maps["ambient_occlusion"].Pixels, maps["translucency"].Pixels);
        for (var i = 20; i < 108; i += 11)
        {
            Assert.Equal(1, open[i, 64, 0], 0.03f);
            Assert.Equal(Math.Exp(-chord / 30), thin[i, 64, 0], 0.02);
        }
    }

    [Fact]
    public void A_slab_is_as_thick_as_its_slanted_paths()
    {
        // Two sheets τ apart: the mean path is τ·E[1/cos θ] = 2τ/(1 + cos 50°).
        const float thickness = 8;
        var mesh = TestHeads.Join(
        [
            (8, (s, t) => new Vector3((s - 0.5f) * 400, (0.5f - t) * 400, 0), (s, t) => new Vector2(0.02f + (0.45f * s), 0.02f + (0.96f * t))),
            (8, (s, t) => new Vector3((0.5f - s) * 400, (0.5f - t) * 400, -thickness), (s, t) => new Vector2(0.53f + (0.45f * s), 0.02f + (0.96f * t))),
        ]);
        var map = Run(mesh, new BakedMapsOptions { ThicknessRays = 128 })["translucency"].Pixels;
        var want = Math.Exp(-2 * thickness / (1 + Math.Cos(50 * Math.PI / 180)) / 30);
        Assert.Equal(want, map[30, 64, 0], 0.02);
        Assert.Equal(want, map[95, 64, 0], 0.02);
    }

    [Fact]
    public void The_mouths_inside_is_never_black()
    {
        var mesh = TestHeads.Join(
        [
            (4, (s, t) => new Vector3((s - 0.5f) * 100, 0, t * 100), (s, t) => new Vector2(0.05f + (0.4f * s), 0.05f + (0.9f * t))),
            (4, (s, t) => new Vector3((s - 0.5f) * 100, 1, (1 - t) * 100), (s, t) => new Vector2(0.55f + (0.4f * s), 0.05f + (0.9f * t))),
        ]);
        var occluded = Run(mesh, new BakedMapsOptions())["ambient_occlusion"].Pixels[32, 64, 0];
        var socket = Run(mesh.WithRegions(("mouth_socket", _ => 1)), new BakedMapsOptions())["ambient_occlusion"].Pixels[32, 64, 0];
        Assert.True(occluded < 0.1f && socket >= 0.3f, $"{occluded} {socket}");
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits()
    {
        var mesh = TestHeads.Sphere(50);
        Assert.Equal(Run(mesh, new BakedMapsOptions())["translucency"].Pixels.Pixels, Run(mesh, new BakedMapsOptions())["translucency"].Pixels.Pixels);
    }

    private static MapSet Run(Mesh mesh, BakedMapsOptions options)
    {
        var grey = TestHeads.Constant(Size, 0.5f, 0.4f, 0.3f);
        var input = new MapInput(new NormalizedTexture(grey, ShLight.Uniform), TestHeads.Constant(Size, 1), TestHeads.Reconstruct(mesh), MapSet.Empty);
        return new BakedMaps(options).Run(input, StageContext.None).Aggregate(MapSet.Empty, (set, map) => set.With(map));
    }
}
