using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Baked;

/// <summary>
/// Displacement of pores and wrinkles, mm: what is darker than its surroundings lies deeper. Two bands of log luminance, each a difference of
/// Gaussians with widths in mm on the head, each with its own depth for a given darkness, weak signals (noise, compression) suppressed, the
/// sum led smoothly into a limit. Zero where hair, lashes, lips' edges or pigment would be taken for relief, and where the photograph saw nothing.
/// </summary>
internal static class ReliefMap
{
    // (inner σ, outer σ) in mm, mm of depth per unit of log luminance, and the signal below which there is nothing.
    private static readonly (float Inner, float Outer, float Depth, float Core)[] Bands =
    [
        (0.15f, 0.6f, 0.5f, 0.010f),
        (0.6f, 2.2f, 0.8f, 0.006f),
    ];

    // A change of log luminance beyond this is no furrow but a mole, a hair or an outline, and counts the less the stronger it is.
    private const float Pigment = 0.25f;

    // Added to luminance before its logarithm: in dark skin and hair a camera's noise is no relief.
    private const float Dark = 0.05f;

    public static Image Make(
        Image diffuse, Image visibility, AtlasRaster atlas, RegionMaps regions, Mesh mesh, BakedMapsOptions options, CancellationToken cancellation)
    {
        var size = atlas.Resolution;
        var result = new Image(size, size, 1);
        if (options.Relief == 0 || options.ReliefLimit == 0)
        {
            return result;
        }

        var weight = Weight(visibility, atlas, regions);
        var mask = weight.Select(w => w > 0 ? 0 : -1).ToArray();
        var luminance = new float[size * size];
        foreach (var texel in atlas.Covered)
        {
            var c = new Vector3(diffuse.Pixels.AsSpan(3 * texel, 3));
            luminance[texel] = MathF.Log(Dark + Rec709.Luminance(c));
        }

        var texelSize = TexelSize(atlas, mesh, mask);
        foreach (var (inner, outer, depth, core) in Bands)
        {
            cancellation.ThrowIfCancellationRequested();
            var fine = inner / texelSize < 0.7f ? luminance : Blur.Gaussian(luminance, mask, size, inner / texelSize);
            var coarse = Blur.Gaussian(luminance, mask, size, outer / texelSize);
            for (var i = 0; i < mask.Length; i++)
            {
                if (mask[i] >= 0)
                {
                    var signal = fine[i] - coarse[i];
                    var square = signal * signal;
                    var pigment = square / (Pigment * Pigment);
                    result.Pixels[i] += depth * signal * (square / (square + (core * core))) / (1 + (pigment * pigment));
                }
            }
        }

        var (scale, limit) = ((float)options.Relief, (float)options.ReliefLimit);
        for (var i = 0; i < mask.Length; i++)
        {
            // Bumps rise less than furrows sink: bright specks are mostly shine.
            var d = result.Pixels[i] * (result.Pixels[i] > 0 ? 0.6f : 1);
            result.Pixels[i] = weight[i] * limit * MathF.Tanh(scale * d / limit);
        }

        return result;
    }

    // Where relief may be read from the photograph, softened so that it fades in.
    private static float[] Weight(Image visibility, AtlasRaster atlas, RegionMaps regions)
    {
        var size = atlas.Resolution;
        var weight = new float[size * size];
        Image face = regions["face"], neck = regions["neck"], scalp = regions["scalp"], brows = regions["brows"], lips = regions["lips"], eyelids = regions["eyelids"];
        Image ears = regions["ears"], eyes = regions["eyeballs"], sockets = regions["eye_sockets"], mouth = regions["mouth_socket"];
        var hairy = Hairy(atlas, brows.Pixels, eyelids.Pixels);
        atlas.ForCovered(CancellationToken.None, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var i = atlas.Covered[k];
                var skin = MathF.Max(face.Pixels[i], 0.3f * neck.Pixels[i]) * (1 - scalp.Pixels[i]) * (1 - ears.Pixels[i]);
                var lip = lips.Pixels[i];
                var clear = (1 - hairy[i]) * (1 - eyes.Pixels[i]) * (1 - sockets.Pixels[i]) * (1 - mouth.Pixels[i]);

                // The lips' own furrows count half; their edge, where the weight of the region is about ½, is pigment.
                var edge = 1 - (4 * lip * (1 - lip));
                var seen = Math.Clamp((visibility.Pixels[i] - 0.3f) / 0.5f, 0, 1);
                weight[i] = skin * clear * edge * (1 - (0.5f * lip)) * seen;
            }
        });
        var soft = Blur.Gaussian(weight, atlas.Triangle, size, 4f * size / 1024);
        for (var i = 0; i < soft.Length; i++)
        {
            soft[i] = weight[i] * soft[i];
        }

        return soft;
    }

    // Brows and lids with a hem around them: hairs, lashes and the shadow of the lid's fold reach beyond the painted regions.
    private static float[] Hairy(AtlasRaster atlas, float[] brows, float[] eyelids)
    {
        var size = atlas.Resolution;
        var both = new float[size * size];
        foreach (var i in atlas.Covered)
        {
            both[i] = MathF.Max(brows[i], eyelids[i]);
        }

        var wide = Blur.Gaussian(both, atlas.Triangle, size, 9f * size / 1024);
        foreach (var i in atlas.Covered)
        {
            both[i] = MathF.Max(both[i], Math.Clamp((4 * wide[i]) - 0.2f, 0, 1));
        }

        return both;
    }

    /// <summary>The median side of a texel over the texels that count, mm.</summary>
    private static float TexelSize(AtlasRaster atlas, Mesh mesh, int[] mask)
    {
        var derivatives = atlas.Derivatives(mesh.Positions);
        var sides = atlas.Covered.Where((texel, k) => k % 61 == 0 && mask[texel] >= 0).Select(texel =>
        {
            var (right, down) = derivatives[atlas.Triangle[texel]];
            return MathF.Sqrt(Vector3.Cross(right, down).Length());
        }).Order().ToArray();
        return sides.Length == 0 ? 1 : MathF.Max(1e-3f, sides[sides.Length / 2]);
    }
}
