using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// The shading of a head by a fitted light, relative to its mean over the face, led smoothly into bounds. A light fitted to the part of a head that a
/// photograph shows says nothing about directions that no seen normal has; unbounded, its bands of second order run wild there.
/// </summary>
/// <param name="Mean">Ē: irradiance Σ A_l γ Y(n) averaged over the face.</param>
/// <param name="Relative">V values of E/Ē, bounded.</param>
public sealed record BoundedShading(Vector3 Mean, Vector3[] Relative)
{
    /// <summary>Bounds of E/Ē that were found to suit studio portraits.</summary>
    public const float DefaultDarkest = 0.55f, DefaultBrightest = 1.6f;

    /// <param name="light">γ, head space.</param>
    /// <param name="normals">V unit normals.</param>
    /// <param name="template">Its region <c>face</c> says where the mean is taken; everywhere when it has none.</param>
    /// <param name="darkest">Lower bound of E/Ē, in (0, 1].</param>
    /// <param name="brightest">Upper bound, ≥ 1.</param>
    public static BoundedShading Make(ShLight light, Vector3[] normals, FaceTemplate template, float darkest = DefaultDarkest, float brightest = DefaultBrightest)
    {
        var irradiance = new Vector3[normals.Length];
        Parallel.For(0, (normals.Length + 1023) / 1024, c =>
        {
            for (var i = c * 1024; i < Math.Min(normals.Length, (c + 1) * 1024); i++)
            {
                irradiance[i] = SphericalHarmonics.Irradiance(light, normals[i]);
            }
        });
        var mean = MeanOverFace(template, irradiance);
        if (!(mean.X > 0 && mean.Y > 0 && mean.Z > 0))
        {
            throw new MoSarException(
                "light-not-positive", $"The fitted light gives the face an irradiance of {mean}: no light at all.", "Check the geometry stage's light regulariser, or whether the photograph is nearly black.");
        }

        for (var i = 0; i < irradiance.Length; i++)
        {
            var e = irradiance[i] / mean;
            irradiance[i] = new Vector3(Bound(e.X, darkest, brightest), Bound(e.Y, darkest, brightest), Bound(e.Z, darkest, brightest));
        }

        return new BoundedShading(mean, irradiance);
    }

    /// <summary>In logarithms y/(1 + |y/limit|⁴)^¼: slope 1 at E = Ē, the limits only at infinity.</summary>
    public static float Bound(float relative, float darkest, float brightest)
    {
        var y = MathF.Log(MathF.Max(relative, 1e-3f));
        var limit = MathF.Log(y < 0 ? darkest : brightest);
        if (limit == 0)
        {
            return 1;
        }

        var part = y / limit;
        return MathF.Exp(y / MathF.Sqrt(MathF.Sqrt(1 + (part * part * part * part))));
    }

    private static Vector3 MeanOverFace(FaceTemplate template, Vector3[] irradiance)
    {
        var face = template.Regions.TryGetValue("face", out var region) ? region : null;
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
