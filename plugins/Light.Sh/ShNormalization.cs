using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Light;

public sealed record ShNormalizationOptions
{
    [Range(0.05, 1.0)]
    [Description("Shading below this part of the face's mean counts as this much: keeps noise in the dark from being raised.")]
    public double Darkest { get; init; } = BoundedShading.DefaultDarkest;

    [Range(1.0, 10.0)]
    [Description("Shading above this multiple of the face's mean counts as this much.")]
    public double Brightest { get; init; } = BoundedShading.DefaultBrightest;

    [Range(0.0, 1.0)]
    [Description("How much of the shading is taken away: 0 none, 1 all.")]
    public double Strength { get; init; } = 1;
}

/// <summary>
/// Makes the light uniform (3.3) by division: 𝓜 = texture · Ē / E(n) with the irradiance E(n) = Σ A_l γ Y(n) of the fitted light on the fitted
/// mesh and Ē its mean over the face. What stays in 𝓜 is uniform light of irradiance Ē, returned as the residual, so that 𝓜 divided by the
/// shading of the residual (Eq. 6) is the albedo. E/Ē is led smoothly into two bounds; where they bite, some shading stays.
///
/// | option    | meaning                                  | default |
/// |-----------|------------------------------------------|---------|
/// | darkest   | lower bound of E/Ē                       | 0.55    |
/// | brightest | upper bound of E/Ē                       | 1.6     |
/// | strength  | exponent on E/Ē                          | 1       |
/// </summary>
public sealed class ShNormalization(ShNormalizationOptions options) : ILightNormalizer
{
    public NormalizedTexture Run(LightInput input, StageContext context)
    {
        var (texture, mesh) = (input.Texture, input.Reconstruction.Mesh);
        var shading = BoundedShading.Make(input.Reconstruction.Light, MeshNormals.Of(mesh), mesh.Template, (float)options.Darkest, (float)options.Brightest);

        // Bounded at the vertices, so that the division needs one interpolation a texel.
        var strength = -(float)options.Strength;
        var factors = shading.Relative.Select(e => new Vector3(MathF.Pow(e.X, strength), MathF.Pow(e.Y, strength), MathF.Pow(e.Z, strength))).ToArray();
        var atlas = AtlasRaster.For(mesh.Template, texture.Width);
        var perTexel = atlas.Interpolate(factors, context.Cancellation);
        var result = new Image(texture.Width, texture.Height, 3, (float[])texture.Pixels.Clone());
        atlas.ForCovered(context.Cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var at = 3 * atlas.Covered[k];
                (new Vector3(texture.Pixels.AsSpan(at, 3)) * perTexel[k]).CopyTo(result.Pixels, at);
            }
        });
        atlas.FillGutter(result);
        return new NormalizedTexture(result, Uniform(shading.Mean));
    }

    /// <summary>Light from everywhere that gives a surface the irradiance <paramref name="irradiance"/>, whatever its normal.</summary>
    private static ShLight Uniform(Vector3 irradiance) => new([.. ShLight.Uniform.Coefficients.Select(c => c * irradiance)]);
}
