using System.Collections.Immutable;

namespace MoSar;

/// <summary>How a map's values are stored in a file.</summary>
public enum MapEncoding
{
    /// <summary>8-bit PNG, sRGB transfer curve: colours.</summary>
    SrgbPng8,

    /// <summary>8-bit PNG, linear.</summary>
    LinearPng8,

    /// <summary>16-bit PNG, linear; the descriptor's range is mapped to 0..65535.</summary>
    LinearPng16,

    /// <summary>Half-float OpenEXR, values as they are.</summary>
    Exr,
}

/// <summary>What a map is. Maps are open: a plugin that makes <c>roughness</c> describes it here and everything downstream carries it along.</summary>
/// <param name="Name">snake_case; also the file's name.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Minimum">Lowest meaningful value.</param>
/// <param name="Maximum">Highest meaningful value.</param>
/// <param name="Encoding">How it is written to a file.</param>
/// <param name="Units">For example <c>mm</c>, <c>linear Rec.709 reflectance</c>, <c>tangent-space unit vector</c>.</param>
/// <param name="Description">One sentence.</param>
public sealed record MapDescriptor(string Name, int Channels, float Minimum, float Maximum, MapEncoding Encoding, string Units, string Description);

/// <summary>The paper's maps (3.4). Any plugin may add others.</summary>
public static class WellKnownMaps
{
    public static MapDescriptor Diffuse { get; } = new("diffuse", 3, 0, 1, MapEncoding.SrgbPng8, "linear Rec.709 reflectance", "Diffuse albedo 𝓓, free of shading.");

    public static MapDescriptor Specular { get; } = new("specular", 1, 0, 1, MapEncoding.LinearPng16, "Fresnel reflectance at normal incidence", "Specular intensity 𝓢: s of Eq. 8.");

    public static MapDescriptor AmbientOcclusion { get; } = new("ambient_occlusion", 1, 0, 1, MapEncoding.LinearPng8, "fraction of the cosine-weighted hemisphere that is open", "Ambient occlusion 𝓐: a of Eq. 6.");

    public static MapDescriptor Translucency { get; } = new("translucency", 1, 0, 1, MapEncoding.LinearPng8, "0 = thick, 1 = thin", "Translucency 𝓣: t of Eq. 7.");

    public static MapDescriptor Displacement { get; } = new("displacement", 1, -10, 10, MapEncoding.Exr, "mm along the normal", "Signed displacement of the fine relief.");

    /// <summary>In memory x, y, z in [−1, 1]; x along +u, y along −v (up in the map), z out of the surface. Written as n·½+½.</summary>
    public static MapDescriptor Normal { get; } = new("normal", 3, -1, 1, MapEncoding.LinearPng16, "tangent-space unit vector", "Normal map 𝓝 from the displacement (3.4), glTF convention (+Y up).");
}

/// <param name="Descriptor">What it is.</param>
/// <param name="Pixels">Square, in the template's atlas; channels as described.</param>
public sealed record Map(MapDescriptor Descriptor, Image Pixels);

/// <summary>Maps by name, immutable.</summary>
public sealed class MapSet
{
    public static MapSet Empty { get; } = new(ImmutableSortedDictionary.Create<string, Map>(StringComparer.Ordinal));

    private MapSet(ImmutableSortedDictionary<string, Map> maps) => All = maps;

    public ImmutableSortedDictionary<string, Map> All { get; }

    /// <exception cref="KeyNotFoundException">No such map; the message lists what is there.</exception>
    public Map this[string name] => All.TryGetValue(name, out var map)
        ? map
        : throw new KeyNotFoundException($"No map '{name}'; there are: {string.Join(", ", All.Keys)}.");

    public bool Contains(string name) => All.ContainsKey(name);

    public MapSet With(Map map) => new(All.SetItem(map.Descriptor.Name, map));
}
