using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MoSar.Plugins.SuperRes;

public sealed record BicubicOptions
{
    [Range(0.0, 1.0)]
    [Description("Keys' parameter −a: 0.5 is Catmull–Rom (exact for quadratics), more is sharper and overshoots more.")]
    public double Sharpness { get; init; } = 0.5;
}

/// <summary>
/// Enlarges a map by bicubic interpolation (Keys 1981). Values stay inside the descriptor's range, and maps of unit vectors come out with unit
/// length. Texel centres correspond: centre X + ½ of the output looks up (X + ½)·w/W of the input; the border repeats.
///
/// | option    | meaning                              | default |
/// |-----------|--------------------------------------|---------|
/// | sharpness | Keys' −a; ½ is Catmull–Rom           | 0.5     |
/// </summary>
public sealed class BicubicSuperResolver(BicubicOptions options) : ISuperResolver
{
    public Map Run(SuperResolutionInput input, StageContext context)
    {
        var (map, size) = (input.Map, input.Resolution);
        var source = map.Pixels;
        if (size < source.Width || size < source.Height)
        {
            throw new MoSarException(
                "output-resolution-too-low", $"superres.bicubic enlarges, but map '{map.Descriptor.Name}' has {source.Width}×{source.Height} texels and {size} were asked for.", "Raise output_resolution or lower texture_resolution.");
        }

        if (size == source.Width && size == source.Height)
        {
            return map;
        }

        var target = new Image(size, size, source.Channels, GC.AllocateUninitializedArray<float>(checked(size * size * source.Channels)));
        var scaler = new BicubicScaler(source, target, (float)options.Sharpness);
        var unit = map.Descriptor.Units == WellKnownMaps.Normal.Units && source.Channels == 3;
        var (low, high) = (map.Descriptor.Minimum, map.Descriptor.Maximum);
        Parallel.For(0, size, new ParallelOptions { CancellationToken = context.Cancellation }, scaler.MakeScratch, (y, _, scratch) =>
        {
            scaler.Row(y, scratch);
            if (unit)
            {
                TexelRange.Normalize(target.Row(y));
            }
            else
            {
                TexelRange.Clamp(target.Row(y), low, high);
            }

            return scratch;
        }, _ => { });
        return new Map(map.Descriptor, target);
    }
}
