using System.Numerics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Normals.Tests;

/// <summary>Against surfaces whose normals are known in closed form. Angles in degrees.</summary>
public sealed class NormalTests
{
    private const int Size = 256;

    [Fact]
    public void A_bump_on_a_plane_of_unequal_texels_has_the_analytic_normals()
    {
        // 100 × 60 mm, so texels are 0.39 × 0.23 mm; a Gaussian of 3 mm height and 12 mm width.
        var (width, height) = (100f, 60f);
        float Bump(float x, float y) => 3 * MathF.Exp(-((x * x) + (y * y)) / 144);
        var normals = Run(TestHeads.Plane(width, height), (u, v) => Bump((u - 0.5f) * width, (0.5f - v) * height));
        var worst = Worst(normals, 0, (u, v) =>
        {
            var (x, y) = ((u - 0.5f) * width, (0.5f - v) * height);
            var b = Bump(x, y);
            return new Vector3(2 * x / 144 * b, 2 * y / 144 * b, 1);
        });
        Assert.True(worst < 0.02, $"{worst}°");
    }

    [Fact]
    public void A_sheared_chart_gives_the_same_normals_in_its_own_frame()
    {
        // The chart is turned by 30° and sheared; the tangent frame follows u, so the analytic slope is turned into it.
        var (du, dv) = (new Vector2(80, 20), new Vector2(-30, -70));
        float Wave(Vector2 p) => 0.8f * MathF.Exp(-p.LengthSquared() / 200);
        Vector2 Place(float u, float v) => ((u - 0.5f) * du) + ((v - 0.5f) * dv);
        var mesh = TestHeads.Sheet(6, (s, t) => new Vector3(Place(s, t), 0), (s, t) => new Vector2(s, t));
        var normals = Run(mesh, (u, v) => Wave(Place(u, v)));
        var (tangent, bitangent) = (Vector2.Normalize(du), Vector2.Normalize(new Vector2(-du.Y, du.X)));
        var worst = Worst(normals, 0, (u, v) =>
        {
            var p = Place(u, v);
            var slope = -p / 100 * Wave(p);
            return new Vector3(-Vector2.Dot(slope, tangent), -Vector2.Dot(slope, bitangent), 1);
        });
        Assert.True(worst < 0.02, $"{worst}°");
    }

    [Fact]
    public void A_relief_on_a_sphere_has_the_analytic_normals()
    {
        // A patch of a sphere of 100 mm by longitude and latitude: texels shrink towards the poles.
        const float r = 100, span = 1.6f;
        float Relief(float lon, float lat) => 0.4f * MathF.Sin(20 * lon) * MathF.Cos(18 * lat);
        Vector3 Place(float s, float t)
        {
            var (lon, lat) = ((s - 0.5f) * span, (0.5f - t) * span);
            return r * new Vector3(MathF.Sin(lon) * MathF.Cos(lat), MathF.Sin(lat), MathF.Cos(lon) * MathF.Cos(lat));
        }

        var normals = Run(TestHeads.Sheet(120, Place, (s, t) => new Vector2(s, t)), (u, v) => Relief((u - 0.5f) * span, (0.5f - v) * span));
        var worst = Worst(normals, 6, (u, v) =>
        {
            var (lon, lat) = ((u - 0.5f) * span, (0.5f - v) * span);
            var x = 8 * MathF.Cos(20 * lon) * MathF.Cos(18 * lat) / (r * MathF.Cos(lat));
            var y = -7.2f * MathF.Sin(20 * lon) * MathF.Sin(18 * lat) / r;
            return new Vector3(-x, -y, 1);
        });
        Assert.True(worst < 0.15, $"{worst}°");
    }

    [Fact]
    public void A_slope_across_the_whole_atlas_does_not_leak_from_border_to_border()
    {
        // A ramp jumps by 20 mm where the transform's period closes.
        var normals = Run(TestHeads.Plane(100, 100), (u, _) => 20 * u);
        var worst = Worst(normals, 0, (_, _) => new Vector3(-0.2f, 0, 1));
        var inside = Worst(normals, 8, (_, _) => new Vector3(-0.2f, 0, 1));
        Assert.True(worst < 1 && inside < 0.02, $"{worst}° at the border, {inside}° inside");
    }

    [Fact]
    public void Beyond_a_charts_border_normals_are_flat_and_inside_they_do_not_ring()
    {
        // The chart covers the middle of the atlas; the relief is cut off at its full height of 2 mm at the border.
        var mesh = TestHeads.Sheet(8, (s, t) => new Vector3((s - 0.5f) * 50, (0.5f - t) * 50, 0), (s, t) => new Vector2(0.25f + (s / 2), 0.25f + (t / 2)));
        var normals = Run(mesh, (_, _) => 2);
        Assert.Equal(Vector3.UnitZ, normals.Rgb(10, 10));
        var inside = 0.0;
        for (var y = 64; y < 192; y++)
        {
            for (var x = 64; x < 192; x++)
            {
                inside = Math.Max(inside, Angle(normals.Rgb(x, y), Vector3.UnitZ));
            }
        }

        Assert.True(inside < 0.5, $"{inside}°");
    }

    [Fact]
    public void Strength_scales_the_slope()
    {
        var mesh = TestHeads.Plane(100, 100);
        var map = new Map(WellKnownMaps.Displacement, TestHeads.Paint(64, 1, (u, v, _) => MathF.Sin(12 * u) + v));
        Image Normals(double strength) => new NormalFromDisplacement(new NormalFromDisplacementOptions { Strength = strength })
            .Run(Input(mesh, map), StageContext.None)[0].Pixels;
        var (one, half) = (Normals(1).Rgb(20, 30), Normals(0.5).Rgb(20, 30));
        Assert.Equal(one.X / one.Z / 2, half.X / half.Z, 1e-6f);
        Assert.Equal(Vector3.UnitZ, Normals(0).Rgb(20, 30));
    }

    private static Image Run(Mesh mesh, Func<float, float, float> displacement) => new NormalFromDisplacement(new NormalFromDisplacementOptions())
        .Run(Input(mesh, new Map(WellKnownMaps.Displacement, TestHeads.Paint(Size, 1, (u, v, _) => displacement(u, v)))), StageContext.None)[0].Pixels;

    private static MapInput Input(Mesh mesh, Map displacement)
    {
        var grey = TestHeads.Constant(displacement.Pixels.Width, 0.5f, 0.5f, 0.5f);
        return new MapInput(new NormalizedTexture(grey, ShLight.Uniform), grey, TestHeads.Reconstruct(mesh), MapSet.Empty.With(displacement));
    }

    private static double Worst(Image normals, int margin, Func<float, float, Vector3> truth)
    {
        var worst = 0.0;
        for (var y = margin; y < normals.Height - margin; y++)
        {
            for (var x = margin; x < normals.Width - margin; x++)
            {
                worst = Math.Max(worst, Angle(normals.Rgb(x, y), Vector3.Normalize(truth((x + 0.5f) / normals.Width, (y + 0.5f) / normals.Height))));
            }
        }

        return worst;
    }

    private static double Angle(Vector3 a, Vector3 b) => 180 / Math.PI * 2 * Math.Asin(Math.Min(1, (a - b).Length() / 2));
}
