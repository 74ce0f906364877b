using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Learning.Data;

/// <summary>Brings a decoded sample to the size that a manifest asks for; what comes out is what the cache keeps.</summary>
public static class SamplePreparation
{
    /// <summary>Side of a prepared photograph: the delivered one with its margin, of the same parity, so that both have one centre.</summary>
    public static int Side(DataOptions options)
    {
        var side = (int)Math.Ceiling(options.Resolution * options.Margin);
        return side + ((side - options.Resolution) & 1);
    }

    /// <summary>Pictures, masks and maps are rounded to half precision (11 bits), so that cached and fresh samples are the same bits.</summary>
    /// <exception cref="MoSarException"><c>data-no-landmarks</c>: the manifest asks for face crops of a sample without landmarks.</exception>
    public static DatasetSample Prepare(DatasetSample sample, DataOptions options)
    {
        var prepared = sample.Photograph is { } photograph ? SampleGeometry.Crop(sample, Square(sample, photograph, options), Side(options)) : sample;
        return prepared with
        {
            Photograph = Rounded(prepared.Photograph),
            Mask = Rounded(prepared.Mask),
            Maps = sample.Maps.All.Values.Aggregate(MapSet.Empty, (set, map) => set.With(Resized(map, options.MapResolution))),
            Light = sample.Light is { Panorama: { } panorama } light
                ? light with { Panorama = Rounded(Resample.Area(panorama, 2 * options.EnvironmentHeight, options.EnvironmentHeight)) }
                : sample.Light,
        };
    }

    private static FaceCrop Square(DatasetSample sample, Image photograph, DataOptions options)
    {
        // The margin lies around the square, not within it.
        var widen = Side(options) / (float)options.Resolution;
        if (options.Crop == SampleCrop.Whole)
        {
            return new FaceCrop(new Vector2(photograph.Width, photograph.Height) / 2, widen * Math.Max(photograph.Width, photograph.Height), 0);
        }

        var landmarks = sample.Landmarks ?? throw new MoSarException(
            "data-no-landmarks", $"'{sample.Id}' has no landmarks, so there is no face to crop to.", "Photographs: find them once with `mosar data landmarks FOLDER`. Else set data.crop to whole, or leave this source out.");
        var face = FaceCrops.FromLandmarks(landmarks.Points);
        return face with { Size = widen * face.Size };
    }

    private static Map Resized(Map map, int side)
    {
        var pixels = map.Pixels.Width == side ? map.Pixels
            : side < map.Pixels.Width ? Resample.Area(map.Pixels, side, side)
            : Resample.Bicubic(map.Pixels, side, side);
        if (pixels != map.Pixels && IsNormals(map.Descriptor))
        {
            for (var i = 0; i < pixels.Pixels.Length; i += 3)
            {
                var n = new Vector3(pixels.Pixels.AsSpan(i));
                (n.LengthSquared() > 1e-8f ? Vector3.Normalize(n) : Vector3.UnitZ).CopyTo(pixels.Pixels, i);
            }
        }

        return map with { Pixels = Rounded(pixels)! };
    }

    /// <summary>Tangent-space vectors: their length is 1, and a mirror turns x round.</summary>
    internal static bool IsNormals(MapDescriptor descriptor) => descriptor.Channels == 3 && descriptor.Units == WellKnownMaps.Normal.Units;

    private static Image? Rounded(Image? image)
    {
        // The sun in a panorama may be beyond half's range; such pictures stay in single precision.
        var rounded = image is null ? [] : GC.AllocateUninitializedArray<float>(image.Pixels.Length);
        return image is not null && HalfFloats.TryRound(image.Pixels, rounded) ? new Image(image.Width, image.Height, image.Channels, rounded) : image;
    }
}
