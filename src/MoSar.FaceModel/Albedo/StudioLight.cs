using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Faces.Albedo;

/// <summary>
/// The one light that all portraits of a studio share, as grey shading of 3rd-order spherical harmonics with mean 1 over faces. A light
/// per person would follow noses and necks; a shared one cannot (findings.md).
/// </summary>
internal sealed class StudioLight
{
    private const int Bands = 9;
    private readonly double[] _coefficients;

    private StudioLight(double[] coefficients) => _coefficients = coefficients;

    /// <summary>Shading relative to the face's mean, clamped to what skin can be divided by.</summary>
    public float Shading(Vector3 normal) => (float)Math.Clamp(Raw(normal), 0.55, 1.6);

    /// <param name="portraits">Of one studio.</param>
    /// <param name="skin">V weights of plain skin: neither lips nor brows nor lids.</param>
    public static StudioLight Fit(IReadOnlyList<PortraitColours> portraits, float[] skin)
    {
        var light = new StudioLight([1, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (var round = 0; round < 6; round++)
        {
            var tones = portraits.Select(p => light.Tone(p, skin)).ToArray();
            light = Solve(portraits, tones, skin, light);
        }

        return light;
    }

    /// <summary>A person's mean skin luminance with the shading divided out.</summary>
    private double Tone(PortraitColours p, float[] skin)
    {
        double sum = 0, total = 1e-9;
        for (var v = 0; v < skin.Length; v++)
        {
            var w = skin[v] * p.Weight[v];
            sum += w * Rec709.Luminance(p.Colour[v]) / Math.Max(Raw(p.Normal[v]), 0.2);
            total += w;
        }

        return sum / total;
    }

    private static StudioLight Solve(IReadOnlyList<PortraitColours> portraits, double[] tones, float[] skin, StudioLight before)
    {
        var (h, g, mean) = (new double[Bands * Bands], new double[Bands], new double[Bands]);
        double total = 1e-9;
        Span<double> row = stackalloc double[Bands];
        for (var p = 0; p < portraits.Count; p++)
        {
            for (var v = 0; v < skin.Length; v++)
            {
                var w = skin[v] * portraits[p].Weight[v];
                if (w <= 0)
                {
                    continue;
                }

                Basis(portraits[p].Normal[v], row);
                var seen = Rec709.Luminance(portraits[p].Colour[v]) / tones[p];
                var off = (seen - before.Raw(portraits[p].Normal[v])) / 0.25;
                var robust = w / (1 + (off * off));
                for (var k = 0; k < Bands; k++)
                {
                    Dense.AddScaled(h.AsSpan(k * Bands, k + 1), row[..(k + 1)], robust * row[k]);
                    g[k] += robust * row[k] * seen;
                    mean[k] += w * row[k];
                }

                total += w;
            }
        }

        for (var k = 1; k < Bands; k++)
        {
            h[(k * Bands) + k] += 0.02 * total;
        }

        var e = Dense.SolveSymmetric(h, g, [.. Enumerable.Range(0, Bands)]);
        var scale = total / Enumerable.Range(0, Bands).Sum(k => e[k] * mean[k]);
        return new StudioLight([.. e.Select(c => c * scale)]);
    }

    private double Raw(Vector3 normal)
    {
        Span<double> y = stackalloc double[Bands];
        Basis(normal, y);
        return Dense.Dot(y, _coefficients);
    }

    private static void Basis(Vector3 n, Span<double> y)
    {
        Graphics.SphericalHarmonics.Evaluate(2, n.X, n.Y, n.Z, y);
        for (var k = Bands - 1; k >= 0; k--)
        {
            y[k] /= y[0];
        }
    }
}
