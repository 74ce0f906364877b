using System.Collections.Concurrent;
using MoSar.Faces.Retargeting;

namespace MoSar.Plugins.Folders;

/// <summary>Carries a data set's maps into the template's atlas, by a correspondence that <c>mosar retarget</c> has made of the data set's topology.</summary>
internal sealed class TemplateAtlas
{
    /// <summary>Beside the maps: which of their texels the data set has, and which are made up.</summary>
    public static readonly MapDescriptor Counterpart = new(
        "counterpart", 1, 0, 1, MapEncoding.LinearPng8, "1 = from the data set, 0 = continued smoothly", "Where the other topology has the same point.");

    private readonly AtlasCorrespondence correspondence;
    private readonly ConcurrentDictionary<int, Lazy<TexelLookup>> lookups = new();

    private TemplateAtlas(string path) => correspondence = AtlasCorrespondence.Load(path);

    /// <summary>Null where no file is named: maps stay in their own atlas.</summary>
    /// <exception cref="MoSarException">As <see cref="AtlasCorrespondence.Load"/>.</exception>
    public static TemplateAtlas? Of(string? path) => path is { Length: > 0 } ? new TemplateAtlas(path) : null;

    /// <summary>The correspondence decides a sample as its own files do: caches must know it by its content.</summary>
    public static IReadOnlyList<string> FilesWith(string? correspondence, IReadOnlyList<string> files) => correspondence is { Length: > 0 } ? [.. files, correspondence] : files;

    /// <summary>The template's id.</summary>
    public string Id => correspondence.Template.Mesh.Template.Id;

    /// <returns>The same maps at their own sizes, and <see cref="Counterpart"/> at the largest.</returns>
    public MapSet Carry(MapSet maps, CancellationToken cancellation)
    {
        var result = MapSet.Empty;
        foreach (var map in maps.All.Values)
        {
            var isNormal = map.Descriptor.Units == WellKnownMaps.Normal.Units;
            result = result.With(map with { Pixels = Lookup(map.Pixels.Width).Carry(map.Pixels, isNormal, cancellation) });
        }

        return result.With(new Map(Counterpart, Lookup(maps.All.Values.Max(m => m.Pixels.Width)).Mask()));
    }

    private TexelLookup Lookup(int size) => lookups.GetOrAdd(size, s => new Lazy<TexelLookup>(() => correspondence.ToTemplate(s))).Value;
}
