using System.Numerics;
using System.Runtime.CompilerServices;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>Something in the picture, with a tree of its own, so that what does not change between pictures is built once.</summary>
public abstract class StageBody : IDisposable
{
    /// <summary>How far rays are lifted off a surface, mm.</summary>
    private protected const float Lift = 0.03f;

    private protected StageBody(RayScene rays, Bounds bounds) => (Rays, Bounds) = (rays, bounds);

    internal Bounds Bounds { get; }

    internal RayScene Rays { get; }

    /// <summary>True for strands, which pass some of their light on to each other.</summary>
    internal virtual bool IsHair => false;

    /// <summary>Part of the head for labels and coverage, not something before it.</summary>
    internal virtual bool BelongsToHead => false;

    /// <param name="footprint">Side of what one camera sample sees, mm.</param>
    internal abstract Surface At(int triangle, float u, float v, Vector3 position, Vector3 view, float footprint);

    public void Dispose()
    {
        Rays.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Normals that look away from the camera, as interpolated ones do at silhouettes, are bent back to grazing.</summary>
    private protected static Vector3 Facing(Vector3 normal, Vector3 view)
    {
        var cos = Vector3.Dot(normal, view);
        return cos >= 0.02f ? normal : Vector3.Normalize(normal + ((0.02f - cos) * view));
    }

    /// <summary>A point moved out to the tangent planes of its triangle's corners (Hanika 2021), so that facets do not shade their neighbours.</summary>
    private protected static Vector3 Smoothed(Vector3 p, Vector3 weights, (Vector3 A, Vector3 B, Vector3 C) corners, (Vector3 A, Vector3 B, Vector3 C) normals)
    {
        static Vector3 Rise(Vector3 p, Vector3 corner, Vector3 normal) => normal * MathF.Max(0, Vector3.Dot(corner - p, normal));
        return p + (Rise(p, corners.A, normals.A) * weights.X) + (Rise(p, corners.B, normals.B) * weights.Y) + (Rise(p, corners.C, normals.C) * weights.Z);
    }
}

/// <summary>A box around a body: most rays miss most bodies, and that is cheaper to see here than in a tree.</summary>
internal readonly record struct Bounds(Vector3 Low, Vector3 High)
{
    // Room for the width of hairs, mm.
    private const float Margin = 1;

    public static Bounds Of(Vector3[] positions)
    {
        var (low, high) = (positions[0], positions[0]);
        foreach (var p in positions)
        {
            (low, high) = (Vector3.Min(low, p), Vector3.Max(high, p));
        }

        return new Bounds(low - new Vector3(Margin), high + new Vector3(Margin));
    }

    /// <param name="inverse">1 over each component of the direction.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsHit(Vector3 origin, Vector3 inverse)
    {
        var (a, b) = ((Low - origin) * inverse, (High - origin) * inverse);
        var (near, far) = (Vector3.Min(a, b), Vector3.Max(a, b));
        return MathF.Min(far.X, MathF.Min(far.Y, far.Z)) >= MathF.Max(0, MathF.Max(near.X, MathF.Max(near.Y, near.Z)));
    }

    /// <summary>The part of the picture that the box can cover; everything when it reaches behind the camera.</summary>
    public (float Left, float Top, float Right, float Bottom) Seen(PinholeCamera camera)
    {
        var (low, high) = (new Vector2(float.PositiveInfinity), new Vector2(float.NegativeInfinity));
        for (var k = 0; k < 8; k++)
        {
            var corner = new Vector3((k & 1) == 0 ? Low.X : High.X, (k & 2) == 0 ? Low.Y : High.Y, (k & 4) == 0 ? Low.Z : High.Z);
            if (camera.ToCamera(corner).Z > -1)
            {
                return (float.NegativeInfinity, float.NegativeInfinity, float.PositiveInfinity, float.PositiveInfinity);
            }

            var p = camera.Project(corner);
            (low, high) = (Vector2.Min(low, p), Vector2.Max(high, p));
        }

        return (low.X - 1, low.Y - 1, high.X + 1, high.Y + 1);
    }
}

/// <param name="Albedo">Linear Rec.709 reflectance; multiplies a vertex's own where a prop has such.</param>
/// <param name="F0">Reflectance at normal incidence.</param>
/// <param name="Roughness">Perceptual; GGX α is its square.</param>
/// <param name="Scatters">Light spreads below it as in skin.</param>
public sealed record PropMaterial(Vector3 Albedo, float F0 = 0.04f, float Roughness = 0.5f, bool Scatters = false);

/// <summary>A solid mesh beside or before the head: frames, clothes, a hand; or a test's sphere.</summary>
public sealed class StageProp : StageBody
{
    private readonly Vector3[] _positions;
    private readonly int[] _triangles;
    private readonly Vector3[] _normals;
    private readonly Vector3[]? _tints;
    private readonly PropMaterial _material;
    private readonly bool _head;

    /// <param name="positions">mm, head space.</param>
    /// <param name="triangles">Counter-clockwise from outside; surfaces are seen from both sides.</param>
    /// <param name="tints">Null, or a factor on the albedo for each vertex.</param>
    /// <param name="normals">Null for angle-weighted.</param>
    /// <param name="belongsToHead">Lashes and the like: no occluder in labels.</param>
    public StageProp(Vector3[] positions, int[] triangles, PropMaterial material, Vector3[]? tints = null, Vector3[]? normals = null, bool belongsToHead = false)
        : base(new RayScene(positions, triangles, watertight: false, mixed: true), Bounds.Of(positions))
    {
        (_positions, _triangles, _material, _tints, _head) = (positions, triangles, material, tints, belongsToHead);
        _normals = normals ?? MeshNormals.AngleWeighted(positions, triangles);
    }

    internal override bool BelongsToHead => _head;

    internal override Surface At(int triangle, float u, float v, Vector3 position, Vector3 view, float footprint)
    {
        var (a, b, c) = (_triangles[triangle * 3], _triangles[(triangle * 3) + 1], _triangles[(triangle * 3) + 2]);
        var weights = new Vector3(1 - u - v, u, v);
        var normals = (_normals[a], _normals[b], _normals[c]);
        var normal = Vector3.Normalize((normals.Item1 * weights.X) + (normals.Item2 * weights.Y) + (normals.Item3 * weights.Z));
        var facet = Vector3.Cross(_positions[b] - _positions[a], _positions[c] - _positions[a]);
        if (Vector3.Dot(facet, view) < 0)
        {
            (normal, normals) = (-normal, (-normals.Item1, -normals.Item2, -normals.Item3));
        }

        normal = Facing(normal, view);
        var start = Smoothed(position, weights, (_positions[a], _positions[b], _positions[c]), normals);
        var tint = _tints is null ? Vector3.One : (_tints[a] * weights.X) + (_tints[b] * weights.Y) + (_tints[c] * weights.Z);
        return new Surface
        {
            Kind = _material.Scatters ? SurfaceKind.OtherSkin : _head ? SurfaceKind.Inner : SurfaceKind.Solid,
            Start = start + (Lift * normal),
            Normal = normal,
            Smooth = normal,
            View = view,
            Albedo = _material.Albedo * tint,
            F0 = _material.F0,
            Alpha = _material.Roughness * _material.Roughness,
        };
    }
}

/// <summary>Hairs: ribbons that face every ray.</summary>
public sealed class StageStrands : StageBody
{
    private readonly Vector4[] _points;
    private readonly int[] _segments;
    private readonly Vector3[] _albedo;
    private readonly bool _head;

    private StageStrands(Vector4[] points, int[] segments, Vector3[] albedo, bool belongsToHead)
        : base(RayScene.Strands(points, segments), Bounds.Of([.. points.Select(p => p.AsVector3())])) =>
        (_points, _segments, _albedo, _head) = (points, segments, albedo, belongsToHead);

    /// <param name="belongsToHead">Brows and lashes: no occluder in labels.</param>
    /// <exception cref="ArgumentException">There is no strand.</exception>
    public static StageStrands Of(IReadOnlyList<Strand> strands, bool belongsToHead = false)
    {
        if (strands.Count == 0)
        {
            throw new ArgumentException("There is no strand.", nameof(strands));
        }

        var (points, segments, albedo) = (new List<Vector4>(), new List<int>(), new List<Vector3>());
        foreach (var strand in strands)
        {
            for (var k = 0; k < strand.Points.Length; k++)
            {
                var t = k / MathF.Max(1, strand.Points.Length - 1);
                if (k + 1 < strand.Points.Length)
                {
                    segments.Add(points.Count);
                    albedo.Add(strand.Albedo);
                }

                points.Add(new Vector4(strand.Points[k], 0.5f * strand.Width * (1 - (0.75f * t * t))));
            }
        }

        return new StageStrands([.. points], [.. segments], [.. albedo], belongsToHead);
    }

    internal override bool IsHair => true;

    internal override bool BelongsToHead => _head;

    internal override Surface At(int triangle, float u, float v, Vector3 position, Vector3 view, float footprint)
    {
        var first = _segments[triangle];
        var (a, b) = (_points[first].AsVector3(), _points[first + 1].AsVector3());
        return new Surface
        {
            Kind = SurfaceKind.Hair,
            Start = position + (0.15f * view),
            Normal = Vector3.Normalize(b - a),
            Smooth = view,
            View = view,
            Albedo = _albedo[triangle],
        };
    }
}

/// <summary>A hair.</summary>
/// <param name="Points">Root to tip, millimetres.</param>
/// <param name="Width">At the root, millimetres; tips taper to a quarter.</param>
/// <param name="Albedo">Linear Rec.709.</param>
public sealed record Strand(Vector3[] Points, float Width, Vector3 Albedo);
