using System.Globalization;
using System.Numerics;

namespace MoSar.Graphics;

/// <summary>What is needed to draw a head: its surface with texture coordinates, and its maps.</summary>
/// <param name="Positions">V positions, millimetres, head space.</param>
/// <param name="Triangles">3 vertex indices a triangle, counter-clockwise from outside.</param>
/// <param name="Uvs">Texture coordinates, origin top left.</param>
/// <param name="TriangleUvs">3 indices into <paramref name="Uvs"/> a triangle.</param>
/// <param name="Maps">At least <c>diffuse</c>; <c>specular</c>, <c>ambient_occlusion</c>, <c>translucency</c> and <c>normal</c> are used where they are there.</param>
public sealed record AvatarScene(Vector3[] Positions, int[] Triangles, Vector2[] Uvs, int[] TriangleUvs, MapSet Maps)
{
    private static readonly MapDescriptor[] Drawn =
        [WellKnownMaps.Diffuse, WellKnownMaps.Specular, WellKnownMaps.AmbientOcclusion, WellKnownMaps.Translucency, WellKnownMaps.Normal];

    /// <summary>Reads <c>mesh.obj</c> and <c>maps/*.png</c> of a finished avatar's folder.</summary>
    /// <exception cref="MoSarException"><c>avatar-missing</c>, <c>avatar-broken</c>; or what <see cref="ImageFile"/> says of a map.</exception>
    public static AvatarScene Load(string folder, CancellationToken cancellation = default)
    {
        var path = Path.Combine(folder, "mesh.obj");
        if (!File.Exists(path))
        {
            throw new MoSarException("avatar-missing", $"'{folder}' is not an avatar: it has no mesh.obj.", "Name the folder of one photograph in a run's output, such as out/<time>/demo.");
        }

        var maps = new Map?[Drawn.Length];
        Parallel.For(0, Drawn.Length, new ParallelOptions { CancellationToken = cancellation }, i => maps[i] = ReadMap(folder, Drawn[i]));
        if (maps[0] is null)
        {
            throw new MoSarException("avatar-missing", $"'{folder}' has no maps/diffuse.png.", "Run the photograph again with export.avatar in its manifest.");
        }

        var set = maps.Aggregate(MapSet.Empty, (all, map) => map is null ? all : all.With(map));
        return ReadObj(path) with { Maps = set };
    }

    /// <summary>The same scene with every map at most this many texels wide: halved by averaging as often as needed.</summary>
    public AvatarScene WithMapsUpTo(int side)
    {
        var set = MapSet.Empty;
        foreach (var map in Maps.All.Values.Where(m => Drawn.Any(d => d.Name == m.Descriptor.Name)))
        {
            set = set.With(map with { Pixels = MapScaling.ReduceTo(map.Pixels, side) });
        }

        return this with { Maps = set };
    }

    private static Map? ReadMap(string folder, MapDescriptor descriptor)
    {
        var path = Path.Combine(folder, "maps", descriptor.Name + ImageFile.Extension(descriptor.Encoding));
        if (!File.Exists(path))
        {
            return null;
        }

        var image = descriptor.Encoding == MapEncoding.SrgbPng8 ? ImageFile.Read(path) : ImageFile.ReadData(path);
        if (image.Channels != descriptor.Channels)
        {
            throw new MoSarException("avatar-broken", $"'{path}' has {image.Channels} channels, not {descriptor.Channels}.", "Run the photograph again.");
        }

        var range = descriptor.Maximum - descriptor.Minimum;
        if (range != 1 || descriptor.Minimum != 0)
        {
            var pixels = image.Pixels;
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (pixels[i] * range) + descriptor.Minimum;
            }
        }

        return new Map(descriptor, image);
    }

    // The part of the format that this project writes: v, vt and f with v/vt corners; polygons are fans.
    private static AvatarScene ReadObj(string path)
    {
        var positions = new List<Vector3>();
        var uvs = new List<Vector2>();
        var triangles = new List<int>();
        var triangleUvs = new List<int>();
        var number = 0;
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                number++;
                var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                switch (words.Length == 0 ? "" : words[0])
                {
                    case "v":
                        positions.Add(new Vector3(Number(words[1]), Number(words[2]), Number(words[3])));
                        break;
                    case "vt":
                        uvs.Add(new Vector2(Number(words[1]), 1 - Number(words[2])));
                        break;
                    case "f":
                        for (var k = 2; k + 1 < words.Length; k++)
                        {
                            foreach (var corner in (string[])[words[1], words[k], words[k + 1]])
                            {
                                var parts = corner.Split('/');
                                triangles.Add(Index(parts[0], positions.Count));
                                triangleUvs.Add(Index(parts[1], uvs.Count));
                            }
                        }

                        break;
                }
            }
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new MoSarException("avatar-broken", $"{path}:{number}: not a line of an OBJ file with texture coordinates.", "Run the photograph again.", e);
        }

        return new AvatarScene([.. positions], [.. triangles], [.. uvs], [.. triangleUvs], MapSet.Empty);
    }

    private static float Number(string word) => float.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Index(string word, int count)
    {
        var index = int.Parse(word, CultureInfo.InvariantCulture) - 1;
        return index >= 0 && index < count ? index : throw new FormatException($"Index {word} of {count}.");
    }
}
