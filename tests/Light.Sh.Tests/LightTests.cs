using System.Numerics;
using MoSar.Graphics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Light.Tests;

public sealed class LightTests
{
    private const int Size = 128;
    private static readonly Vector3 Albedo = new(0.5f, 0.3f, 0.2f);

    [Fact]
    public void Dividing_by_the_residuals_shading_leaves_the_albedo()
    {
        var (input, atlas) = Scene(0.35f);
        var result = new ShNormalization(new ShNormalizationOptions { Darkest = 0.05, Brightest = 10 }).Run(input, StageContext.None);

        // At the poles of this sphere triangles have no area and vertices no normal.
        foreach (var texel in atlas.Covered.Where(t => t / Size is > 10 and < Size - 10))
        {
            var albedo = result.Texture.Rgb(texel % Size, texel / Size) / SphericalHarmonics.Irradiance(result.Residual, Vector3.UnitY);
            Assert.True((albedo - Albedo).Length() < 0.01f, $"{albedo}");
        }
    }

    [Fact]
    public void The_residual_is_uniform_and_keeps_the_exposure()
    {
        var (input, _) = Scene(0.3f);
        var residual = new ShNormalization(new ShNormalizationOptions()).Run(input, StageContext.None).Residual;
        Assert.All(residual.Coefficients.Skip(1), c => Assert.Equal(Vector3.Zero, c));
        Assert.InRange(SphericalHarmonics.Irradiance(residual, Vector3.UnitZ).X, 0.9f, 1.1f);
    }

    [Fact]
    public void Bounds_are_kept_by_a_smooth_knee()
    {
        static float Bound(float e) => BoundedShading.Bound(e, 0.55f, 1.6f);
        Assert.Equal(1, Bound(1), 1e-6f);
        Assert.Equal(1.1f, Bound(1.1f), 0.002f);
        Assert.InRange(Bound(100), 1.59f, 1.6f);
        Assert.InRange(Bound(0.001f), 0.55f, 0.56f);
        var before = 0f;
        for (var e = 0.01f; e < 5; e += 0.01f)
        {
            Assert.True(Bound(e) >= before);
            before = Bound(e);
        }
    }

    [Fact]
    public void Strength_zero_leaves_the_texture()
    {
        var (input, atlas) = Scene(0.3f);
        var result = new ShNormalization(new ShNormalizationOptions { Strength = 0 }).Run(input, StageContext.None);
        foreach (var texel in atlas.Covered)
        {
            Assert.Equal(input.Texture.Pixels[3 * texel], result.Texture.Pixels[3 * texel], 1e-6f);
        }
    }

    [Fact]
    public void Light_none_hands_texture_and_light_on()
    {
        var (input, _) = Scene(0.3f);
        var result = new NoNormalization().Run(input, StageContext.None);
        Assert.Same(input.Texture, result.Texture);
        Assert.Same(input.Reconstruction.Light, result.Residual);
    }

    [Fact]
    public void Light_that_is_negative_on_the_face_is_an_error_with_a_remedy()
    {
        var (input, _) = Scene(0.3f);
        var dark = input with { Reconstruction = input.Reconstruction with { Light = new ShLight([.. ShLight.Uniform.Coefficients.Select(c => -c)]) } };
        var error = Assert.Throws<MoSarException>(() => new ShNormalization(new ShNormalizationOptions()).Run(dark, StageContext.None));
        Assert.Equal("light-not-positive", error.Code);
        Assert.NotNull(error.Remedy);
    }

    // A sphere of one albedo in light from the upper left, as the SH shading paints it.
    private static (LightInput Input, AtlasRaster Atlas) Scene(float contrast)
    {
        var coefficients = (Vector3[])ShLight.Uniform.Coefficients.Clone();
        (coefficients[1], coefficients[2], coefficients[3]) = (new Vector3(contrast), new Vector3(contrast), new Vector3(-contrast, -contrast, contrast));
        var light = new ShLight(coefficients);
        var mesh = TestHeads.Sphere(90);
        var atlas = AtlasRaster.For(mesh.Template, Size);
        var normals = MeshNormals.Of(mesh);
        var texture = atlas.Scatter(atlas.Interpolate([.. normals.Select(n => Albedo * SphericalHarmonics.Irradiance(light, n))]));
        return (new LightInput(texture, TestHeads.Constant(Size, 1), TestHeads.Reconstruct(mesh, light, Albedo)), atlas);
    }
}
