using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Baked;

/// <summary>𝓓 = 𝓜 ÷ Σ A_l γ̂ Y(n) ÷ a part of the occlusion, less highlights, inside [0.005, 0.95].</summary>
internal static class DiffuseMap
{
    private const float Darkest = 0.005f;
    private const float Brightest = 0.95f;

    // Occlusion below this is crease, nostril or mouth: what the photograph shows there is no skin to be brightened.
    private const float DeepestOcclusion = 0.45f;

    // Visibility from which on a texel is taken for the photograph's.
    private const float FullySeen = 0.5f;

    // Texels of a 1024 atlas over which a patch of skin has one chromaticity.
    private const float PatchSigma = 48;

    public static Image Make(
        NormalizedTexture texture, Image visibility, Mesh mesh, AtlasRaster atlas, RegionMaps regions, Image occlusion, BakedMapsOptions options, CancellationToken cancellation)
    {
        var normals = MeshNormals.Of(mesh);
        var irradiance = normals.Select(n => SphericalHarmonics.Irradiance(texture.Residual, n)).ToArray();

        // The darkest side of a strong light keeps a sixth of the mean, or noise would turn into colour.
        var floor = irradiance.Aggregate(Vector3.Zero, (a, b) => a + b) / irradiance.Length / 6;
        var perTexel = atlas.Interpolate([.. irradiance.Select(e => Vector3.Max(e, Vector3.Max(floor, new Vector3(1e-3f))))], cancellation);
        var diffuse = new Image(atlas.Resolution, atlas.Resolution, 3);
        var removal = (float)options.OcclusionRemoval;
        Image eyes = regions["eyeballs"], sockets = regions["eye_sockets"], mouth = regions["mouth_socket"], innerLips = regions["inner_lips"];
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var skin = 1 - MathF.Max(MathF.Max(eyes.Pixels[texel], sockets.Pixels[texel]), MathF.Max(mouth.Pixels[texel], innerLips.Pixels[texel]));
                var open = MathF.Pow(MathF.Max(occlusion.Pixels[texel], DeepestOcclusion), removal * skin * Seen(visibility, texel));
                (new Vector3(texture.Texture.Pixels.AsSpan(3 * texel, 3)) / (perTexel[k] * open)).CopyTo(diffuse.Pixels, 3 * texel);
            }
        });
        ReduceHighlights(diffuse, atlas, regions, (float)options.HighlightRemoval, cancellation);
        var (low, high) = (new Vector3(Darkest), new Vector3(Brightest));
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var at = 3 * atlas.Covered[k];
                Vector3.Clamp(new Vector3(diffuse.Pixels.AsSpan(at, 3)), low, high).CopyTo(diffuse.Pixels, at);
            }
        });
        return diffuse;
    }

    // What was seen here or on the other side carries the photograph's occlusion; what was made up carries none.
    private static float Seen(Image visibility, int texel)
    {
        var twin = (texel / visibility.Width * visibility.Width) + visibility.Width - 1 - (texel % visibility.Width);
        return MathF.Min(1, MathF.Max(visibility.Pixels[texel], visibility.Pixels[twin]) / FullySeen);
    }

    /// <summary>
    /// Dichromatic model: a colour is k·(colour of the patch) + h·white with h ≥ 0 the highlight, found by least squares and taken out where it is more than
    /// the patch's usual unevenness.
    /// </summary>
    private static void ReduceHighlights(Image diffuse, AtlasRaster atlas, RegionMaps regions, float strength, CancellationToken cancellation)
    {
        if (strength == 0)
        {
            return;
        }

        var size = atlas.Resolution;
        var (face, lips, eyelids) = (regions["face"], regions["lips"], regions["eyelids"]);
        var mask = new int[size * size];
        Array.Fill(mask, -1);
        foreach (var texel in atlas.Covered)
        {
            mask[texel] = face.Pixels[texel] > 0.05f ? 0 : -1;
        }

        var patch = Patch(diffuse, mask, size, cancellation);
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                if (mask[texel] < 0)
                {
                    continue;
                }

                var c = new Vector3(diffuse.Pixels.AsSpan(3 * texel, 3));
                var p = new Vector3(patch[0][texel], patch[1][texel], patch[2][texel]);
                var h = Highlight(c, p);

                // Unevenness of pigment looks like ±1 % of white; only what goes beyond is shine.
                var shine = MathF.Max(0, h - (0.01f * (p.X + p.Y + p.Z)));
                var weight = strength * face.Pixels[texel] * (1 - eyelids.Pixels[texel]) * (1 - (0.5f * lips.Pixels[texel]));
                (c - new Vector3(weight * MathF.Min(shine, 0.9f * MathF.Min(c.X, MathF.Min(c.Y, c.Z))))).CopyTo(diffuse.Pixels, 3 * texel);
            }
        });
    }

    /// <summary>h of c ≈ k·p + h·(1, 1, 1) by least squares.</summary>
    internal static float Highlight(Vector3 c, Vector3 p)
    {
        var (pp, p1, cp, c1) = (Vector3.Dot(p, p), p.X + p.Y + p.Z, Vector3.Dot(c, p), c.X + c.Y + c.Z);
        var determinant = (pp * 3) - (p1 * p1);

        // A grey patch cannot tell shine from brightness.
        return determinant < 1e-4f * pp ? 0 : ((pp * c1) - (p1 * cp)) / determinant;
    }

    // The patch's colour, with bright texels counting less, so that shine does not define it.
    private static float[][] Patch(Image diffuse, int[] mask, int size, CancellationToken cancellation)
    {
        var weight = new float[mask.Length];
        for (var i = 0; i < mask.Length; i++)
        {
            weight[i] = mask[i] < 0 ? 0 : 1 / (0.02f + (diffuse.Pixels[3 * i] * diffuse.Pixels[(3 * i) + 2]));
        }

        var sigma = PatchSigma * size / 1024;
        var total = Blur.Gaussian(weight, mask, size, sigma);
        return [.. Enumerable.Range(0, 3).Select(c =>
        {
            cancellation.ThrowIfCancellationRequested();
            var weighted = new float[mask.Length];
            for (var i = 0; i < mask.Length; i++)
            {
                weighted[i] = weight[i] * diffuse.Pixels[(3 * i) + c];
            }

            var blurred = Blur.Gaussian(weighted, mask, size, sigma);
            for (var i = 0; i < blurred.Length; i++)
            {
                blurred[i] = total[i] > 0 ? blurred[i] / total[i] : 0;
            }

            return blurred;
        })];
    }
}
