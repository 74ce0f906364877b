using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Light;

public sealed record ShNormalizationOptions
{
    [Range(0.05, 1.0)]
    [Description("Shading below this part of the face's mean counts as this much: keeps noise in the dark from being raised.")]
    public double Darkest { get; init; } = 0.55;

    [Range(1.0, 10.0)]
    [Description("Shading above this multiple of the face's mean counts as this much.")]
    public double Brightest { get; init; } = 1.6;

    [Range(0.0, 1.0)]
    [Description("How much of the shading is taken away: 0 none, 1 all.")]
    public double Strength { get; init; } = 1;
}

/// <summary>
/// Makes the light uniform (3.3) by division: 𝓜 = texture · Ē / E(n) with the irradiance E(n) = Σ A_l γ Y(n) of the fitted light on the fitted
/// mesh and Ē its mean over the face. What stays in 𝓜 is uniform light of irradiance Ē, returned as the residual, so that 𝓜 divided by the
/// shading of the residual (Eq. 6) is the albedo. E/Ē is held between two bounds by a smooth knee; where it bites, some shading stays.
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
        var (texture, mesh, light) = (input.Texture, input.Reconstruction.Mesh, input.Reconstruction.Light);
        var irradiance = Irradiance(light, MeshNormals.Of(mesh));
        var mean = MeanOverFace(mesh, irradiance);
        if (!(mean.X > 0 && mean.Y > 0 && mean.Z > 0))
        {
            throw new MoSarException("light-not-positive", $"The fitted light gives the face an irradiance of {mean}, which cannot be divided by.", "Check the geometry stage's light regulariser, or use light.none.");
        }

        // The knee is taken at the vertices; the division then needs one interpolation a texel.
        var factors = irradiance.Select(e => new Vector3(Factor(e.X / mean.X), Factor(e.Y / mean.Y), Factor(e.Z / mean.Z))).ToArray();
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
        return new NormalizedTexture(result, Uniform(mean));
    }

    /// <summary>Light from everywhere that gives a surface the irradiance <paramref name="irradiance"/>, whatever its normal.</summary>
    internal static ShLight Uniform(Vector3 irradiance) => new([.. ShLight.Uniform.Coefficients.Select(c => c * irradiance)]);

    /// <summary>1/(E/Ē), with E/Ē led smoothly into its bounds: in logarithms y/(1 + |y/limit|⁴)^¼, slope 1 in the middle.</summary>
    internal float Factor(float relative)
    {
        var y = MathF.Log(MathF.Max(relative, 1e-3f));
        var limit = MathF.Log((float)(y < 0 ? options.Darkest : options.Brightest));
        if (limit == 0)
        {
            return 1;
        }

        var part = y / limit;
        var kneed = y / MathF.Sqrt(MathF.Sqrt(1 + (part * part * part * part)));
        return MathF.Exp(-(float)options.Strength * kneed);
    }

    private static Vector3[] Irradiance(ShLight light, Vector3[] normals)
    {
        var result = new Vector3[normals.Length];
        Parallel.For(0, (normals.Length + 1023) / 1024, c =>
        {
            for (var i = c * 1024; i < Math.Min(normals.Length, (c + 1) * 1024); i++)
            {
                result[i] = SphericalHarmonics.Irradiance(light, normals[i]);
            }
        });
        return result;
    }

    private static Vector3 MeanOverFace(Mesh mesh, Vector3[] irradiance)
    {
        var face = mesh.Template.Regions.TryGetValue("face", out var region) ? region : null;
        var (sum, total) = (Vector3.Zero, 0f);
        for (var i = 0; i < irradiance.Length; i++)
        {
            var weight = face?[i] ?? 1;
            sum += weight * irradiance[i];
            total += weight;
        }

        return sum / total;
    }
}
