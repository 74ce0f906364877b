using MoSar.Graphics;

namespace MoSar.Plugins.Baked;

/// <summary>
/// s of Eq. 8, Fresnel reflectance at normal incidence. Skin's is 0.028 (index 1.4); what differs by region is mostly the film of sebum or water on
/// it, of which the prior knows: oily nose and forehead, moist lips, wet eyes and mouth, dry cheeks and neck, and less in pores and furrows.
/// </summary>
internal static class SpecularMap
{
    // Region and reflectance relative to plain skin.
    private static readonly (string Region, float Factor)[] Regions =
    [
        ("forehead", 1.25f), ("cheeks", 0.9f), ("nose", 1.5f), ("chin", 1.1f), ("ears", 0.8f), ("neck", 0.75f), ("scalp", 0.8f),
        ("brows", 0.7f), ("lips", 1.6f), ("eyelids", 1.1f), ("inner_lips", 1.8f), ("mouth_socket", 1.8f), ("eyeballs", 1.4f),
    ];

    public static Image Make(Image displacement, AtlasRaster atlas, RegionMaps regions, BakedMapsOptions options, CancellationToken cancellation)
    {
        var specular = new Image(atlas.Resolution, atlas.Resolution, 1);
        var maps = Regions.Select(r => (regions[r.Region].Pixels, r.Factor)).ToArray();
        var skin = (float)options.SkinReflectance;
        var perMillimetre = 1.2f;
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var factor = 1f;
                foreach (var (weights, regional) in maps)
                {
                    factor += weights[texel] * (regional - factor);
                }

                var cavity = Math.Clamp(1 + (perMillimetre * displacement.Pixels[texel]), 0.5f, 1.2f);
                specular.Pixels[texel] = Math.Clamp(skin * factor * cavity, 0, 1);
            }
        });
        return specular;
    }
}
