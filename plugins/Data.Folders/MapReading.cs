using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders;

/// <summary>Map files as their descriptors mean them.</summary>
internal static class MapReading
{
    /// <summary>The maps of this project, by name.</summary>
    public static IReadOnlyDictionary<string, MapDescriptor> Known { get; } = new[]
    {
        WellKnownMaps.Diffuse, WellKnownMaps.Specular, WellKnownMaps.AmbientOcclusion, WellKnownMaps.Translucency, WellKnownMaps.Displacement, WellKnownMaps.Normal,
    }.ToDictionary(d => d.Name);

    /// <exception cref="MoSarException">As <see cref="ImageFile"/>; <c>map-shape</c> when it is not square.</exception>
    public static Map Read(string path, MapDescriptor descriptor)
    {
        var image = descriptor.Encoding == MapEncoding.SrgbPng8 ? ImageFile.Read(path) : Scaled(ReadData(path, descriptor.Channels), descriptor);
        return image.Width == image.Height
            ? new Map(descriptor, image)
            : throw new MoSarException("map-shape", $"'{path}' is {image.Width}×{image.Height}; a map is square.", "Export the map again.");
    }

    /// <summary>Numbers as they are stored, with so many channels.</summary>
    public static Image ReadData(string path, int channels) => Channels(ImageFile.ReadData(path), channels);

    /// <summary>A grey map may be stored as RGB, and any with alpha, which maps do not have.</summary>
    private static Image Channels(Image stored, int wanted)
    {
        if (stored.Channels == wanted)
        {
            return stored;
        }

        var image = new Image(stored.Width, stored.Height, wanted);
        var colours = stored.Channels >= 3 ? 3 : 1;
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var from = stored.Pixels.AsSpan(i * stored.Channels, colours);
            var to = image.Pixels.AsSpan(i * wanted, wanted);
            for (var c = 0; c < wanted; c++)
            {
                to[c] = wanted == 1 && colours == 3 ? (from[0] + from[1] + from[2]) / 3 : from[Math.Min(c, colours - 1)];
            }
        }

        return image;
    }

    /// <summary>PNG's [0, 1] to the map's range; EXR holds the values themselves.</summary>
    private static Image Scaled(Image image, MapDescriptor descriptor)
    {
        if (descriptor.Encoding == MapEncoding.Exr)
        {
            return image;
        }

        var (low, range) = (descriptor.Minimum, descriptor.Maximum - descriptor.Minimum);
        foreach (ref var value in image.Pixels.AsSpan())
        {
            value = low + (range * value);
        }

        return descriptor.Units == WellKnownMaps.Normal.Units ? Normalised(image) : image;
    }

    // 8 or 16 bit codes are not exactly of length 1.
    private static Image Normalised(Image normals)
    {
        for (var i = 0; i < normals.Pixels.Length; i += 3)
        {
            var n = new Vector3(normals.Pixels.AsSpan(i));
            (n.LengthSquared() > 1e-8f ? Vector3.Normalize(n) : Vector3.UnitZ).CopyTo(normals.Pixels, i);
        }

        return normals;
    }
}
