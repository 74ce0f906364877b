using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>How a head looks where its maps do not say.</summary>
public sealed record HeadLook
{
    /// <summary>Iris.</summary>
    public IrisColours Iris { get; init; } = IrisColours.Hazel;

    /// <summary>Veins and fibres of the eyes.</summary>
    public uint EyeSeed { get; init; } = 1;

    /// <summary>Linear Rec.709.</summary>
    public Vector3 Teeth { get; init; } = new(0.58f, 0.51f, 0.40f);

    public Vector3 Gums { get; init; } = new(0.36f, 0.13f, 0.12f);

    /// <summary>The mouth's inside and the lids'.</summary>
    public Vector3 Flesh { get; init; } = new(0.33f, 0.12f, 0.10f);
}

/// <summary>A head with its maps. Disposable: it holds a tree for its rays.</summary>
public sealed class StageHead : StageBody
{
    /// <summary>Of the 68 landmarks: where the lids of the subject's left and right eye meet at the nose.</summary>
    internal static readonly int[] InnerCorners = [42, 39];

    private readonly FaceTemplate _template;
    private readonly Vector3[] _positions;
    private readonly Vector3[] _normals;
    private readonly Vector4[] _tangents;
    private readonly float[] _atlasPerMillimetre;
    private readonly StageSkin _skin;
    private readonly HeadParts _parts;
    private readonly HeadLook _look;
    private readonly Eye[] _eyes;
    private readonly Vector3[] _bounceAlbedo;

    /// <param name="mesh">With expression, mm.</param>
    /// <param name="skin">Shared between a person's expressions.</param>
    /// <param name="look">Null for an average one.</param>
    public StageHead(Mesh mesh, StageSkin skin, HeadLook? look = null)
        : base(new RayScene(mesh.Positions, mesh.Template.Triangles, mixed: true), Bounds.Of(mesh.Positions))
    {
        (_template, _positions, _skin, _look) = (mesh.Template, mesh.Positions, skin, look ?? new HeadLook());
        _normals = MeshNormals.Of(mesh);
        _tangents = MeshTangents.Of(mesh, _normals);
        _parts = HeadParts.Of(mesh.Template);
        _atlasPerMillimetre = Densities(mesh);
        _eyes = [.. _parts.Eyes.Select((part, i) => part.Place(_positions, _look.EyeSeed + (uint)i, _look.Iris, mesh.Template.Landmarks[InnerCorners[i]].On(mesh.Template, mesh.Positions)))];
        _bounceAlbedo = BounceAlbedo();
    }

    public Mesh Mesh => new(_template, _positions);

    internal override bool BelongsToHead => true;

    /// <summary>Texture coordinates of a hit.</summary>
    internal Vector2 Uv(int triangle, float u, float v)
    {
        var t = triangle * 3;
        var uvs = _template.Uvs;
        return (uvs[_template.TriangleUvs[t]] * (1 - u - v)) + (uvs[_template.TriangleUvs[t + 1]] * u) + (uvs[_template.TriangleUvs[t + 2]] * v);
    }

    /// <summary>Interpolated vertex normal of a hit, unit.</summary>
    internal Vector3 Normal(int triangle, float u, float v)
    {
        var t = triangle * 3;
        var corners = _template.Triangles;
        return Vector3.Normalize((_normals[corners[t]] * (1 - u - v)) + (_normals[corners[t + 1]] * u) + (_normals[corners[t + 2]] * v));
    }

    internal bool IsSkin(int triangle) => _parts.OfTriangle[triangle] == HeadPartKind.Skin;

    /// <summary>Light that each vertex sends back, albedo/π · irradiance · openness: what a ray brings that ends on the head.</summary>
    internal Vector3[] Exitant(StageLight light)
    {
        var result = new Vector3[_positions.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = _bounceAlbedo[i] * light.Environment.Irradiance(light.Into(_normals[i])) * (light.Exposure / MathF.PI);
        }

        return result;
    }

    internal Vector3 Interpolate(Vector3[] perVertex, int triangle, float u, float v)
    {
        var corners = _template.Triangles.AsSpan(triangle * 3, 3);
        return (perVertex[corners[0]] * (1 - u - v)) + (perVertex[corners[1]] * u) + (perVertex[corners[2]] * v);
    }

    internal override Surface At(int triangle, float u, float v, Vector3 position, Vector3 view, float footprint)
    {
        var t = triangle * 3;
        var (a, b, c) = (_template.Triangles[t], _template.Triangles[t + 1], _template.Triangles[t + 2]);
        var weights = new Vector3(1 - u - v, u, v);
        var normals = (_normals[a], _normals[b], _normals[c]);
        var smooth = Facing(Vector3.Normalize((_normals[a] * weights.X) + (_normals[b] * weights.Y) + (_normals[c] * weights.Z)), view);
        var surface = new Surface
        {
            Kind = SurfaceKind.Inner,
            Start = Smoothed(position, weights, (_positions[a], _positions[b], _positions[c]), normals) + (Lift * smooth),
            Normal = smooth,
            Smooth = smooth,
            View = view,
            F0 = 0.03f,
            Alpha = 0.09f,
        };
        switch (_parts.OfTriangle[triangle])
        {
            case HeadPartKind.LeftEye or HeadPartKind.RightEye:
                var eye = _eyes[_parts.OfTriangle[triangle] == HeadPartKind.LeftEye ? 0 : 1];
                surface.Kind = SurfaceKind.Eye;
                surface.Albedo = eye.Albedo(position, view);
                surface.Normal = Facing(eye.Normal(position), view);
                break;
            case HeadPartKind.Teeth:
                surface.Albedo = _look.Teeth;
                surface.Alpha = 0.04f;
                break;
            case HeadPartKind.Gums:
                surface.Albedo = _look.Gums;
                break;
            case HeadPartKind.Flesh:
                surface.Albedo = _look.Flesh;
                break;
            default:
                Skin(ref surface, triangle, weights, footprint);
                break;
        }

        return surface;
    }

    private void Skin(ref Surface surface, int triangle, Vector3 weights, float footprint)
    {
        var t = triangle * 3;
        var (ta, tb, tc) = (_template.TriangleUvs[t], _template.TriangleUvs[t + 1], _template.TriangleUvs[t + 2]);
        var uv = (_template.Uvs[ta] * weights.X) + (_template.Uvs[tb] * weights.Y) + (_template.Uvs[tc] * weights.Z);

        // Seen aslant a sample covers more of the atlas one way; its geometric mean keeps detail there.
        var cos = MathF.Max(0.1f, Vector3.Dot(surface.Smooth, surface.View));
        var (albedo, optics, relief) = _skin.At(uv, footprint * _atlasPerMillimetre[triangle] / MathF.Sqrt(cos));
        var length = Math.Clamp(relief.Length(), 0.2f, 1);
        surface.Kind = SurfaceKind.Skin;
        surface.Albedo = Vector3.Clamp(albedo, Vector3.Zero, Vector3.One);
        surface.F0 = optics.X;
        var alpha = optics.Y * optics.Y;
        surface.Alpha = MathF.Sqrt((alpha * alpha) + (2 * (1 - length) / length));
        surface.Normal = Facing(Bent(surface.Smooth, _tangents[ta], _tangents[tb], _tangents[tc], weights, relief), surface.View);

        // Where skin turns into the mouth's inside it reddens and is wet.
        var corners = _template.Triangles.AsSpan(t, 3);
        var wet = (_parts.Wet[corners[0]] * weights.X) + (_parts.Wet[corners[1]] * weights.Y) + (_parts.Wet[corners[2]] * weights.Z);
        if (wet > 0)
        {
            surface.Albedo = Vector3.Lerp(surface.Albedo, _look.Flesh, wet);
            surface.Alpha = float.Lerp(surface.Alpha, 0.09f, wet);
        }
    }

    private static Vector3 Bent(Vector3 normal, Vector4 ta, Vector4 tb, Vector4 tc, Vector3 weights, Vector3 relief)
    {
        var along = ((ta * weights.X) + (tb * weights.Y) + (tc * weights.Z)).AsVector3();
        along -= normal * Vector3.Dot(normal, along);
        var length = along.Length();
        if (length < 1e-6f)
        {
            return normal;
        }

        along /= length;
        var up = Vector3.Cross(normal, along) * ta.W;
        return Vector3.Normalize((relief.X * along) + (relief.Y * up) + (MathF.Max(relief.Z, 0.05f) * normal));
    }

    private static float[] Densities(Mesh mesh)
    {
        var (template, p) = (mesh.Template, mesh.Positions);
        var result = new float[template.Triangles.Length / 3];
        for (var t = 0; t < result.Length; t++)
        {
            var (a, b, c) = (p[template.Triangles[3 * t]], p[template.Triangles[(3 * t) + 1]], p[template.Triangles[(3 * t) + 2]]);
            var (ua, ub, uc) = (template.Uvs[template.TriangleUvs[3 * t]], template.Uvs[template.TriangleUvs[(3 * t) + 1]], template.Uvs[template.TriangleUvs[(3 * t) + 2]]);
            var area = Vector3.Cross(b - a, c - a).Length();
            var (d, e) = (ub - ua, uc - ua);
            result[t] = area > 1e-9f ? MathF.Sqrt(MathF.Abs((d.X * e.Y) - (d.Y * e.X)) / area) : 0;
        }

        return result;
    }

    private Vector3[] BounceAlbedo()
    {
        var result = new Vector3[_positions.Length];
        Span<float> open = stackalloc float[4];
        for (var t = 0; t < _template.Triangles.Length; t++)
        {
            var (vertex, uv) = (_template.Triangles[t], _template.Uvs[_template.TriangleUvs[t]]);
            if (result[vertex] != Vector3.Zero)
            {
                continue;
            }

            open[0] = 0.8f;
            if (_skin.Occlusion is { } map)
            {
                Resample.Bilinear(map, uv * new Vector2(map.Width, map.Height), open[..map.Channels]);
            }

            result[vertex] = open[0] * (_parts.OfTriangle[t / 3] switch
            {
                HeadPartKind.Skin => _skin.Colour(uv),
                HeadPartKind.LeftEye or HeadPartKind.RightEye => new Vector3(0.45f),
                HeadPartKind.Teeth => 0.3f * _look.Teeth,
                _ => 0.15f * _look.Flesh,
            });
        }

        return result;
    }
}
