using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>The fine part of one photographed skin in the atlas: what is left of its reflectance without the low frequencies, and its relief.</summary>
/// <param name="Name">Of the photograph.</param>
/// <param name="Ita">Degrees.</param>
/// <param name="Side">Texels.</param>
/// <param name="Detail">Side²·3: logarithm of reflectance over its own low frequencies, ½ + ½·x/<see cref="DetailRange"/>.</param>
/// <param name="Relief">Side²: mm, (½ + ½·x/<see cref="ReliefRange"/>)·65535.</param>
/// <param name="Trust">Side²: how well the photograph showed it.</param>
public sealed record SkinDonor(string Name, float Ita, int Side, byte[] Detail, ushort[] Relief, byte[] Trust)
{
    internal const float DetailRange = 1.6f, ReliefRange = 0.5f;

    /// <summary>Standard deviation, in texels of a 1024 atlas, of what counts as low: a brow's height, so that brows are detail.</summary>
    internal const float LowSigma = 22;

    // From this visibility on a texel is trusted, and how far into it the trust grows, texels of 1024.
    private const float Seen = 0.35f;
    private const float Feather = 8;

    // Beyond the inner face: to the brows' ends and the jaw's beard, not into the hair.
    private const float Reach = 1.3f;

    /// <summary>Takes a skin apart.</summary>
    /// <param name="diffuse">Linear, R×R×3, completed.</param>
    /// <param name="displacement">R×R×1, mm.</param>
    /// <param name="visibility">R×R×1, of the photograph.</param>
    /// <param name="space">Of the same resolution.</param>
    public static SkinDonor Of(string name, Image diffuse, Image displacement, Image visibility, SkinSpace space)
    {
        var (side, atlas) = (diffuse.Width, space.Atlas);
        if (side != atlas.Resolution || displacement.Width != side || visibility.Width != side)
        {
            throw new ArgumentException($"Maps of {side}, {displacement.Width} and {visibility.Width} texels for an atlas of {atlas.Resolution}.");
        }

        var (eyes, socket, inner) = (space.Region("eyeballs"), space.Region("mouth_socket"), new InnerFace(space.Model));
        var trust = new float[side * side];
        for (var k = 0; k < space.Count; k++)
        {
            trust[atlas.Covered[k]] = eyes[k] > 0.3f || socket[k] > 0.3f ? 0 : Curve.Smooth(Seen, Seen + 0.15f, visibility.Pixels[atlas.Covered[k]]) * inner.At(space.Rest[k], Reach);
        }

        // The edge of what was seen is the worst of it.
        var soft = Blur.Gaussian(trust, atlas.Triangle, side, Feather * side / 1024f);
        var (detail, deviation) = (new byte[3 * side * side], new float[side * side]);
        for (var c = 0; c < 3; c++)
        {
            var log = new float[side * side];
            foreach (var texel in atlas.Covered)
            {
                log[texel] = MathF.Log(Math.Max(diffuse.Pixels[(3 * texel) + c], 0.004f));
            }

            var low = Blur.Gaussian(log, atlas.Triangle, side, LowSigma * side / 1024f);
            foreach (var texel in atlas.Covered)
            {
                deviation[texel] += MathF.Abs(log[texel] - low[texel]) / 3;
                detail[(3 * texel) + c] = (byte)MathF.Round(255 * Math.Clamp(0.5f + (0.5f * (log[texel] - low[texel]) / DetailRange), 0, 1));
            }
        }

        RefuseHair(space, deviation, soft);
        var (relief, sure) = (new ushort[side * side], new byte[side * side]);
        foreach (var texel in atlas.Covered)
        {
            relief[texel] = (ushort)MathF.Round(65535 * Math.Clamp(0.5f + (0.5f * displacement.Pixels[texel] / ReliefRange), 0, 1));
            sure[texel] = (byte)MathF.Round(255 * Curve.Smooth(0.55f, 0.95f, soft[texel]));
        }

        return new SkinDonor(name, SkinMaker.MeasuredIta(space, diffuse), side, detail, relief, sure);
    }

    // Fringes and shines are coarser than any skin; brows, lids, lips and beards may be.
    private static void RefuseHair(SkinSpace space, float[] deviation, float[] trust)
    {
        var (side, covered) = (space.Atlas.Resolution, space.Atlas.Covered);
        var rough = Blur.Gaussian(deviation, space.Atlas.Triangle, side, Feather * side / 1024f);
        var may = ((string[])["brows", "eyelids", "lips", "stubble", "nose"]).Select(space.Region).ToArray();
        for (var k = 0; k < space.Count; k++)
        {
            trust[covered[k]] *= MathF.Max(may.Max(r => r[k]), Curve.Smooth(0.22f, 0.12f, rough[covered[k]]));
        }
    }

    /// <summary>Detail, relief in mm and trust at a point of the atlas, bilinear.</summary>
    internal (Vector3 Detail, float Relief, float Trust) At(Vector2 uv)
    {
        var (x, y) = (Math.Clamp((uv.X * Side) - 0.5f, 0, Side - 1.001f), Math.Clamp((uv.Y * Side) - 0.5f, 0, Side - 1.001f));
        var (x0, y0) = ((int)x, (int)y);
        var (fx, fy) = (x - x0, y - y0);
        var (detail, relief, trust) = (Vector3.Zero, 0f, 0f);
        for (var j = 0; j < 2; j++)
        {
            for (var i = 0; i < 2; i++)
            {
                var weight = (i == 0 ? 1 - fx : fx) * (j == 0 ? 1 - fy : fy);
                var at = ((y0 + j) * Side) + x0 + i;
                detail += weight * new Vector3(Detail[3 * at], Detail[(3 * at) + 1], Detail[(3 * at) + 2]);
                relief += weight * Relief[at];
                trust += weight * Trust[at];
            }
        }

        return (((2 * detail / 255) - Vector3.One) * DetailRange, ((2 * relief / 65535) - 1) * ReliefRange, trust / 255);
    }
}
