namespace MoSar.Graphics;

/// <summary>The template's soft regions, spread over the atlas when asked for; a region that the template lacks is 0 everywhere.</summary>
public sealed class RegionMaps(AtlasRaster atlas, FaceTemplate template, CancellationToken cancellation = default)
{
    private readonly Dictionary<string, Image> _spread = new(StringComparer.Ordinal);

    /// <summary>R×R×1 weights in [0, 1].</summary>
    public Image this[string name]
    {
        get
        {
            if (!_spread.TryGetValue(name, out var image))
            {
                image = template.Regions.TryGetValue(name, out var weights) ? atlas.Scatter(atlas.Interpolate(weights, cancellation)) : new Image(atlas.Resolution, atlas.Resolution, 1);
                _spread[name] = image;
            }

            return image;
        }
    }
}
