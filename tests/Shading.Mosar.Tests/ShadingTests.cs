using MoSar.Graphics;

namespace MoSar.Plugins.Shading.Tests;

public sealed class ShadingTests
{
    private const double Sigma = 0.3;
    private readonly MosarShading _shading = new(new MosarShadingOptions { Roughness = Sigma });

    [Theory]
    [InlineData(null, 8)]
    [InlineData("diffuse", 8)]
    [InlineData("subsurface", 2)]
    [InlineData("specular", 8)]
    [InlineData("specular", 4)]
    [InlineData(null, 1)]
    public void Radiance_is_that_of_the_equations(string? term, int bands)
    {
        var (points, light, reference) = (ShadingSamples.Points(3001, 1), ShadingSamples.Light(bands, 2), new ReferenceShading(Sigma));
        var got = _shading.Run(new ShadingInput(points, light, term), StageContext.None);
        for (var i = 0; i < points.Count; i += 13)
        {
            var want = reference.Shade(ShadingSamples.Point(points, i), ShadingSamples.Flat(light), term);
            for (var c = 0; c < 3; c++)
            {
                Assert.Equal(want[c], got[(3 * i) + c], 2e-5);
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("diffuse")]
    [InlineData("subsurface")]
    [InlineData("specular")]
    public void Gradients_of_maps_are_those_of_finite_differences(string? term)
    {
        const int count = 70;
        var (points, light, reference) = (ShadingSamples.Points(count, 3), ShadingSamples.Light(8, 4), new ReferenceShading(Sigma));
        var upstream = Upstream(count);
        var got = _shading.Backward(new ShadingInput(points, light, term), upstream);
        for (var i = 0; i < count; i++)
        {
            var at = ShadingSamples.Point(points, i);
            if (Math.Abs((at[6] * at[9]) + (at[7] * at[10]) + (at[8] * at[11])) < 1e-3)
            {
                continue; // At the horizon the clamp of cos θ has a corner and no derivative.
            }

            var want = new double[12];
            for (var k = 0; k < 12; k++)
            {
                want[k] = Difference(h => Loss(reference, [.. at.Select((x, j) => j == k ? x + h : x)], ShadingSamples.Flat(light), term, upstream.AsSpan(3 * i, 3)));
            }

            AssertClose(want.AsSpan(0, 3), got.Albedo.AsSpan(3 * i, 3));
            AssertClose([want[3], want[4]], [got.Specular[i], got.Occlusion[i]]);
            AssertClose([at[5] == 0 ? 0 : want[5]], [got.Translucency[i]]);
            AssertClose(want.AsSpan(6, 3), Tangential(got.Normals.AsSpan(3 * i, 3), at.AsSpan(6, 3)));
            AssertClose(want.AsSpan(9, 3), Tangential(got.Views.AsSpan(3 * i, 3), at.AsSpan(9, 3)));
        }
    }

    [Theory]
    [InlineData(null, 8)]
    [InlineData("diffuse", 2)]
    [InlineData("subsurface", 8)]
    [InlineData("specular", 8)]
    public void Gradient_of_the_light_is_that_of_finite_differences(string? term, int bands)
    {
        const int count = 203;
        var (points, light, reference) = (ShadingSamples.Points(count, 5), ShadingSamples.Light(bands, 6), new ReferenceShading(Sigma));
        var upstream = Upstream(count);
        var got = _shading.Backward(new ShadingInput(points, light, term), upstream).Light;
        Assert.Equal(3 * (bands + 1) * (bands + 1), got.Length);

        // Radiance is linear in the light, so a difference of one step is exact.
        for (var k = 0; k < got.Length; k += 5)
        {
            var unit = new double[got.Length];
            unit[k] = 1;
            var want = Enumerable.Range(0, count).Sum(i => Loss(reference, ShadingSamples.Point(points, i), unit, term, upstream.AsSpan(3 * i, 3)));
            Assert.Equal(want, got[k], 1e-4 * Math.Max(1, Math.Abs(want)));
        }
    }

    [Fact]
    public void Terms_add_up_to_the_sum()
    {
        var (points, light) = (ShadingSamples.Points(100, 7), ShadingSamples.Light(8, 8));
        var all = _shading.Run(new ShadingInput(points, light), StageContext.None);
        var parts = _shading.Terms.Select(t => _shading.Run(new ShadingInput(points, light, t), StageContext.None)).ToArray();
        for (var i = 0; i < all.Length; i++)
        {
            Assert.Equal(all[i], parts.Sum(p => p[i]), 1e-5f);
        }
    }

    [Fact]
    public void White_sphere_in_uniform_light_is_white()
    {
        var points = ShadingSamples.Points(500, 9);
        Array.Fill(points.Albedo, 1);
        Array.Fill(points.Occlusion, 1);
        Assert.All(_shading.Run(new ShadingInput(points, ShLight.Uniform, "diffuse"), StageContext.None), x => Assert.Equal(1f, x, 1e-6f));
        Assert.All(_shading.Run(new ShadingInput(points, ShLight.Uniform, "subsurface"), StageContext.None), x => Assert.Equal(0f, x, 1e-6f));
        Assert.All(new LambertShading().Run(new ShadingInput(points, ShLight.Uniform), StageContext.None), x => Assert.Equal(1f, x, 1e-6f));
    }

    [Fact]
    public void Translucency_of_zero_has_neither_value_nor_gradient()
    {
        var points = ShadingSamples.Points(64, 10);
        foreach (var t in new[] { 0f, 1e-20f, 1e-5f, 0.1f })
        {
            Array.Fill(points.Translucency, t);
            var input = new ShadingInput(points, ShadingSamples.Light(8, 11), "subsurface");
            Assert.All(_shading.Run(input, StageContext.None), x => Assert.Equal(0f, x));
            Assert.All(_shading.Backward(input, Upstream(64)).Translucency, x => Assert.Equal(0f, x));
        }
    }

    [Fact]
    public void Lambert_knows_neither_occlusion_nor_gloss()
    {
        var (points, light) = (ShadingSamples.Points(100, 12), ShadingSamples.Light(2, 13));
        var input = new ShadingInput(points, light);
        var got = new LambertShading().Run(input, StageContext.None);
        Array.Fill(points.Occlusion, 1);
        Assert.Equal(_shading.Run(new ShadingInput(points, light, "diffuse"), StageContext.None), got);
        var gradients = new LambertShading().Backward(input, Upstream(100));
        Assert.All([.. gradients.Occlusion, .. gradients.Specular, .. gradients.Views, .. gradients.Translucency], g => Assert.Equal(0f, g));
    }

    [Fact]
    public void Unknown_term_is_refused_with_a_list()
    {
        var error = Assert.Throws<MoSarException>(() => _shading.Run(new ShadingInput(ShadingSamples.Points(1, 1), ShLight.Uniform, "speculer"), StageContext.None));
        Assert.Equal("unknown-shading-term", error.Code);
        Assert.Equal("Its terms are: diffuse, subsurface, specular.", error.Remedy);
    }

    [Fact]
    public void Points_of_unequal_length_are_refused()
    {
        var broken = ShadingSamples.Points(4, 1) with { Views = new float[3] };
        Assert.Throws<ArgumentException>(() => _shading.Run(new ShadingInput(broken, ShLight.Uniform), StageContext.None));
    }

    [Fact]
    public void Gradients_are_bit_identical_from_call_to_call()
    {
        var input = new ShadingInput(ShadingSamples.Points(20_001, 14), ShadingSamples.Light(8, 15));
        var (first, second) = (_shading.Backward(input, Upstream(20_001)), _shading.Backward(input, Upstream(20_001)));
        Assert.Equal(first.Light, second.Light);
        Assert.Equal(first.Normals, second.Normals);
    }

    [Fact]
    public unsafe void Planar_buffers_give_what_interleaved_ones_do()
    {
        const int count = 333;
        var (p, light) = (ShadingSamples.Points(count, 16), ShadingSamples.Light(8, 17));
        var want = _shading.Run(new ShadingInput(p, light), StageContext.None);
        var (albedo, normals, views, output) = (Planar(p.Albedo), Planar(p.Normals), Planar(p.Views), new float[3 * count]);
        fixed (float* d = albedo, s = p.Specular, a = p.Occlusion, t = p.Translucency, n = normals, v = views, o = output)
        {
            var buffers = new ShadingBuffers { Albedo = d, Specular = s, Occlusion = a, Translucency = t, Normals = n, Views = v, PointStride = 1, ChannelStride = count };
            new ShadingKernel(Sigma).Forward(buffers, count, light.Coefficients, ShadingTerms.All, o);
        }

        Assert.Equal(Planar(want), output);
    }

    private static float[] Planar(float[] interleaved) => [.. Enumerable.Range(0, 3).SelectMany(c => interleaved.Where((_, i) => i % 3 == c))];

    private static float[] Upstream(int count)
    {
        var random = new Random(99);
        return [.. Enumerable.Range(0, 3 * count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static double Loss(ReferenceShading reference, double[] point, double[] light, string? term, ReadOnlySpan<float> upstream)
    {
        var m = reference.Shade(point, light, term);
        return (m[0] * upstream[0]) + (m[1] * upstream[1]) + (m[2] * upstream[2]);
    }

    // Fourth-order central difference: its own error is below 1e-9 here.
    private static double Difference(Func<double, double> f)
    {
        const double h = 1e-3;
        return ((8 * (f(h) - f(-h))) - (f(2 * h) - f(-2 * h))) / (12 * h);
    }

    // The reference normalizes its directions, so its gradient has no radial part.
    private static float[] Tangential(ReadOnlySpan<float> g, ReadOnlySpan<double> n)
    {
        var radial = (g[0] * n[0]) + (g[1] * n[1]) + (g[2] * n[2]);
        return [(float)(g[0] - (radial * n[0])), (float)(g[1] - (radial * n[1])), (float)(g[2] - (radial * n[2]))];
    }

    private static void AssertClose(ReadOnlySpan<double> want, ReadOnlySpan<float> got)
    {
        for (var i = 0; i < want.Length; i++)
        {
            Assert.Equal(want[i], got[i], 1e-4 * Math.Max(1, Math.Abs(want[i])));
        }
    }
}
