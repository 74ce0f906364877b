using System.Numerics;

namespace MoSar.LightStage.Tests;

public class MicrofacetTests
{
    public static TheoryData<float, float> Cases => new() { { 0.05f, 0.3f }, { 0.2f, 0.3f }, { 0.2f, 1.2f }, { 0.5f, 0.8f }, { 1f, 1.4f } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_white_furnace_gives_back_no_more_than_it_gets(float alpha, float angle)
    {
        var view = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
        const int n = 600;
        var sum = 0.0;
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < n; i++)
            {
                var (cos, phi) = ((j + 0.5f) / n, MathF.Tau * (i + 0.5f) / n);
                var sin = MathF.Sqrt(1 - (cos * cos));
                sum += Microfacet.Evaluate(Vector3.UnitZ, view, new Vector3(sin * MathF.Cos(phi), sin * MathF.Sin(phi), cos), 1, alpha) * cos;
            }
        }

        var reflected = sum * MathF.Tau / (n * n);
        Assert.InRange(reflected, 0.3, 1.003);

        // The same by the renderer's own sampling.
        var sampled = 0.0;
        for (var k = 0; k < 4096; k++)
        {
            var half = Microfacet.VisibleNormal(view, alpha, (k + 0.5f) / 4096, k * 0.61803399f % 1);
            var light = (2 * Vector3.Dot(view, half) * half) - view;
            sampled += light.Z > 0 ? Microfacet.VisibleMasking(light.Z, view.Z, alpha) / 4096 : 0;
        }

        Assert.InRange(sampled, reflected - 0.01, reflected + 0.01);
    }

    [Fact]
    public void Light_and_view_may_change_places()
    {
        var rng = new Rng(4);
        for (var k = 0; k < 500; k++)
        {
            var a = Vector3.Normalize(new Vector3(rng.Normal(), rng.Normal(), MathF.Abs(rng.Normal()) + 0.05f));
            var b = Vector3.Normalize(new Vector3(rng.Normal(), rng.Normal(), MathF.Abs(rng.Normal()) + 0.05f));
            var (there, back) = (Microfacet.Evaluate(Vector3.UnitZ, a, b, 0.04f, 0.3f), Microfacet.Evaluate(Vector3.UnitZ, b, a, 0.04f, 0.3f));
            Assert.InRange(there, back * 0.9999f, back * 1.0001f);
        }
    }

    [Fact]
    public void The_density_of_visible_normals_is_one()
    {
        var view = Vector3.Normalize(new Vector3(0.6f, 0, 0.5f));
        const int n = 800;
        var sum = 0.0;
        for (var j = 0; j < n; j++)
        {
            for (var i = 0; i < n; i++)
            {
                // Over all reflected directions, those below the surface included.
                var (cos, phi) = ((2 * (j + 0.5f) / n) - 1, MathF.Tau * (i + 0.5f) / n);
                var sin = MathF.Sqrt(1 - (cos * cos));
                var half = Vector3.Normalize(new Vector3(sin * MathF.Cos(phi), sin * MathF.Sin(phi), cos) + view);
                sum += half.Z > 0 ? Microfacet.VisibleDensity(half.Z, view.Z, 0.3f) : 0;
            }
        }

        Assert.InRange(sum * 2 * MathF.Tau / (n * n), 0.99, 1.01);
    }
}
