using System.Numerics;

namespace MoSar.Graphics;

/// <summary>A light prepared for the kernel: folded coefficients and the band factors of the terms that are wanted.</summary>
internal sealed class FoldedLight
{
    /// <summary>3·9 values.</summary>
    public const int DiffuseLength = 27;

    /// <summary>Diffuse part, then 3·81 values of the specular part.</summary>
    public const int GradientLength = DiffuseLength + 243;

    private readonly double _roughness;

    private FoldedLight(ReadOnlySpan<Vector3> light, double roughness, ShadingTerms terms)
    {
        _roughness = roughness;
        HasDiffuse = (terms & (ShadingTerms.Diffuse | ShadingTerms.Subsurface)) != 0;
        HasSpecular = (terms & ShadingTerms.Specular) != 0;
        var diffuse = (terms & ShadingTerms.Diffuse) != 0 ? 1 : 0;
        (Lambert0, Lambert1, Lambert2) = ((float)(diffuse * SphericalHarmonics.Lambertian(0)), (float)(diffuse * SphericalHarmonics.Lambertian(1)), (float)(diffuse * SphericalHarmonics.Lambertian(2)));
        Scatter = (terms & ShadingTerms.Subsurface) != 0 ? 1 : 0;
        Diffuse = new float[DiffuseLength];
        for (var i = 0; i < Math.Min(9, light.Length); i++)
        {
            (Diffuse[3 * i], Diffuse[(3 * i) + 1], Diffuse[(3 * i) + 2]) = (light[i].X, light[i].Y, light[i].Z);
        }

        Specular = ShadingConstants.Fold(light, ShadingConstants.SpecularBands, l => SphericalHarmonics.Glossy(l, roughness));
    }

    public bool HasDiffuse { get; }

    public bool HasSpecular { get; }

    /// <summary>A_l, or 0 when the diffuse term is off.</summary>
    public float Lambert0 { get; }

    public float Lambert1 { get; }

    public float Lambert2 { get; }

    /// <summary>1, or 0 when the subsurface term is off.</summary>
    public float Scatter { get; }

    /// <summary>γ as it is, 9 triples.</summary>
    public float[] Diffuse { get; }

    /// <summary>R_l·γ, √2 folded in, 81 triples.</summary>
    public float[] Specular { get; }

    public static FoldedLight Make(ReadOnlySpan<Vector3> light, double roughness, ShadingTerms terms) => new(light, roughness, terms);

    /// <summary>Sums the chunks' gradients in their order (bit-identical on any machine) and undoes the fold.</summary>
    public void SumLightGradient(ReadOnlySpan<float> partial, Span<float> gradient)
    {
        var sums = new double[GradientLength];
        for (var k = 0; k < partial.Length; k++)
        {
            sums[k % GradientLength] += partial[k];
        }

        gradient.Clear();
        for (var l = 0; l <= ShadingConstants.SpecularBands; l++)
        {
            for (var m = -l; m <= l; m++)
            {
                var scale = SphericalHarmonics.Glossy(l, _roughness) * (m == 0 ? 1 : Math.Sqrt(2));
                for (var c = 0; c < 3; c++)
                {
                    var k = (3 * ((l * l) + l + m)) + c;
                    if (k < gradient.Length)
                    {
                        gradient[k] = (float)((scale * sums[DiffuseLength + k]) + (k < DiffuseLength ? sums[k] : 0));
                    }
                }
            }
        }
    }
}
