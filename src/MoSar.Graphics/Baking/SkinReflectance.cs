namespace MoSar.Graphics;

/// <summary>
/// s of Eq. 8, Fresnel reflectance at normal incidence. Skin's is 0.028 (index 1.4); what differs by region is mostly the film of sebum or water on
/// it, of which the prior knows: oily nose and forehead, moist lips, wet eyes and mouth, dry cheeks and neck, and less in pores and furrows.
/// </summary>
public static class SkinReflectance
{
    // Region and reflectance relative to plain skin: the film of sebum changes over centimetres …
    private static readonly (string Region, float Factor)[] Broad =
        [("forehead", 1.25f), ("cheeks", 0.9f), ("nose", 1.5f), ("chin", 1.1f), ("ears", 0.8f), ("neck", 0.75f), ("scalp", 0.8f)];

    // … but hair, moist lips and eyes end at a line.
    private static readonly (string Region, float Factor)[] Sharp =
        [("brows", 0.7f), ("lips", 1.6f), ("inner_lips", 1.8f), ("mouth_socket", 1.8f), ("eyeballs", 1.4f)];

    // Texels of a 1024 atlas.
    private const float BroadSigma = 16;

    // Less reflectance in furrows: fraction for each mm of depth.
    private const float CavityPerMillimetre = 1.2f;

    /// <summary>Of plain skin: index 1.4.</summary>
    public const float Skin = 0.028f;

    /// <param name="displacement">R×R×1, mm; furrows reflect less.</param>
    /// <param name="atlas">Of the same resolution.</param>
    /// <param name="regions">Of the same template.</param>
    /// <param name="skin">Reflectance of plain skin.</param>
    /// <returns>R×R×1, 0 outside the charts.</returns>
    public static Image Make(Image displacement, AtlasRaster atlas, RegionMaps regions, float skin, CancellationToken cancellation = default)
    {
        var size = atlas.Resolution;
        var specular = new Image(size, size, 1);
        var broad = new float[size * size];
        foreach (var texel in atlas.Covered)
        {
            broad[texel] = 1;
        }

        foreach (var (name, factor) in Broad)
        {
            var weights = regions[name].Pixels;
            foreach (var texel in atlas.Covered)
            {
                broad[texel] += weights[texel] * (factor - broad[texel]);
            }
        }

        broad = Blur.Gaussian(broad, atlas.Triangle, size, BroadSigma * size / 1024);
        var sharp = Sharp.Select(r => (regions[r.Region].Pixels, r.Factor)).ToArray();
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var factor = broad[texel];
                foreach (var (weights, regional) in sharp)
                {
                    factor += weights[texel] * (regional - factor);
                }

                var cavity = Math.Clamp(1 + (CavityPerMillimetre * displacement.Pixels[texel]), 0.5f, 1.2f);
                specular.Pixels[texel] = Math.Clamp(skin * factor * cavity, 0, 1);
            }
        });
        return specular;
    }
}
