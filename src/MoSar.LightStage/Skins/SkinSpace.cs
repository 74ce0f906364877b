using System.Collections.Concurrent;
using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// The atlas seen from the mean head: where each texel lies in millimetres, on which part, and how large it is. Skins are laid out here and so
/// fit every head of the template. Arrays have one element for each covered texel, in the order of <see cref="AtlasRaster.Covered"/>.
/// </summary>
public sealed class SkinSpace
{
    private readonly ConcurrentDictionary<string, float[]> _regions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<float[], Stretch[]> _stretches = [];
    private readonly int[] _index;

    // A region's weight from which a texel counts as its own.
    private const float Held = 0.3f;

    /// <param name="model">With an albedo.</param>
    /// <param name="resolution">Side of the atlas in texels.</param>
    public SkinSpace(FaceModel model, int resolution)
    {
        (Model, Atlas) = (model, AtlasRaster.For(model.Template, resolution));
        Rest = Atlas.Interpolate(model.Mean);
        Frames = Atlas.Derivatives(model.Mean);
        Landmarks = model.Template.LandmarksOn(model.Mean);
        _index = new int[resolution * resolution];
        Array.Fill(_index, -1);
        for (var k = 0; k < Atlas.Covered.Length; k++)
        {
            _index[Atlas.Covered[k]] = k;
        }
    }

    public FaceModel Model { get; }

    public AtlasRaster Atlas { get; }

    public int Count => Atlas.Covered.Length;

    /// <summary>Positions on the mean head, mm.</summary>
    public Vector3[] Rest { get; }

    /// <summary>What one texel to the right and one down is on the mean head, mm, for each triangle of the template.</summary>
    private (Vector3 Right, Vector3 Down)[] Frames { get; }

    /// <summary>68 points on the mean head, mm.</summary>
    public Vector3[] Landmarks { get; }

    /// <summary>A region's soft weights; 0 everywhere for a region that the template lacks.</summary>
    public float[] Region(string name) => _regions.GetOrAdd(
        name, n => Model.Template.Regions.TryGetValue(n, out var weights) ? Atlas.Interpolate(weights) : new float[Count]);

    /// <summary>mm² of a texel.</summary>
    public float Area(int k) => Vector3.Cross(Frame(k).Right, Frame(k).Down).Length();

    /// <summary>What one texel to the right and one down is on the mean head, mm.</summary>
    public (Vector3 Right, Vector3 Down) Frame(int k) => Frames[Atlas.Triangle[Atlas.Covered[k]]];

    /// <summary>Index of the texel at a column and row of the atlas, −1 where none is.</summary>
    public int At(int x, int y) => (uint)x < (uint)Atlas.Resolution && (uint)y < (uint)Atlas.Resolution ? _index[(y * Atlas.Resolution) + x] : -1;

    /// <summary>The texel nearest to a point of space, among those that a region holds.</summary>
    public int Nearest(Vector3 point, float[] region)
    {
        var (best, at) = (float.PositiveInfinity, -1);
        var stretches = _stretches.GetOrAdd(region, Stretches);
        if (stretches.Length == 0)
        {
            return -1;
        }

        // No farther than the nearest of the stretches' first texels; a little more for what the boxes round.
        var limit = 1.001f * stretches.Min(s => Vector3.DistanceSquared(Rest[s.First], point));
        foreach (var s in stretches)
        {
            if (Vector3.DistanceSquared(Vector3.Clamp(point, s.Low, s.High), point) > limit)
            {
                continue;
            }

            for (var k = s.First; k < s.End; k++)
            {
                var d = region[k] > Held ? Vector3.DistanceSquared(Rest[k], point) : float.PositiveInfinity;
                if (d < best)
                {
                    (best, at) = (d, k);
                }
            }
        }

        return at;
    }

    /// <summary>The point of the surface nearest to a point of space, in the plane of the nearest texel's triangle: weights may be slightly negative.</summary>
    public SurfacePoint SurfaceAt(Vector3 point, float[] region)
    {
        var triangle = Atlas.Triangle[Atlas.Covered[Nearest(point, region)]];
        var t = Model.Template.Triangles.AsSpan(3 * triangle, 3);
        var (a, b, c) = (Model.Mean[t[0]], Model.Mean[t[1]], Model.Mean[t[2]]);
        var normal = Vector3.Cross(b - a, c - a);
        var size = normal.LengthSquared();
        var (v, w) = (Vector3.Dot(Vector3.Cross(point - a, c - a), normal) / size, Vector3.Dot(Vector3.Cross(b - a, point - a), normal) / size);
        return new SurfacePoint(triangle, new Vector3(1 - v - w, v, w));
    }

    // Boxes around 64 texels at a time that begin with one of the region's.
    private Stretch[] Stretches(float[] region)
    {
        var result = new List<Stretch>();
        for (var k = 0; k < Count; k++)
        {
            if (region[k] <= Held)
            {
                continue;
            }

            var (first, low, high) = (k, Rest[k], Rest[k]);
            for (; k < Math.Min(first + 64, Count); k++)
            {
                if (region[k] > Held)
                {
                    (low, high) = (Vector3.Min(low, Rest[k]), Vector3.Max(high, Rest[k]));
                }
            }

            result.Add(new Stretch(first, k--, low, high));
        }

        return [.. result];
    }

    private readonly record struct Stretch(int First, int End, Vector3 Low, Vector3 High);
}
