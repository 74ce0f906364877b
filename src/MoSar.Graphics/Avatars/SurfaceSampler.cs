using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Shading points with what drawing needs besides.</summary>
internal sealed class SurfaceSamples(int count)
{
    public int Count { get; } = count;

    public ShadingPoints Points { get; } = new(new float[count * 3], new float[count], new float[count], new float[count], new float[count * 3], new float[count * 3]);

    /// <summary>Opacity: the neck's lower end fades.</summary>
    public float[] Alpha { get; } = new float[count];

    /// <summary>The eye's outer normal, zero off the eyes.</summary>
    public Vector3[] Cornea { get; } = new Vector3[count];
}

/// <summary>Finds which point of a head each pixel shows and looks its maps up there.</summary>
internal sealed class SurfaceSampler
{
    // A cornea is 7.8 mm in radius on an eye of 12, and its centre lies in front of the eye's.
    private const float CorneaOffset = 0.40f;

    private readonly AvatarScene _scene;
    private readonly Vector3[] _normals;
    private readonly Vector4[] _tangents;
    private readonly Eyeball[] _balls;
    private readonly int[] _ballOf;
    private readonly float _low;
    private readonly float _height;

    public SurfaceSampler(AvatarScene scene)
    {
        _scene = scene;
        _normals = MeshNormals.AngleWeighted(scene.Positions, scene.Triangles);
        _tangents = MeshTangents.PerUv(scene.Positions, _normals, scene.Uvs, scene.Triangles, scene.TriangleUvs);
        (_balls, _ballOf) = Eyeballs.Find(scene.Positions, scene.Triangles);
        var high = scene.Positions.Max(p => p.Y);
        _low = AvatarView.Floor(scene.Positions.Min(p => p.Y), high);
        _height = high - _low;
    }

    /// <summary>What a view shows, on a grid of <paramref name="supersample"/>² samples a pixel.</summary>
    public RasterBuffer Visible(AvatarView view, int supersample, CancellationToken cancellation) =>
        Rasterizer.Draw(view.Camera, _scene.Positions, _scene.Triangles, view.Width, view.Height, supersample, cancellation);

    /// <summary>Fills samples with the points of covered[first], covered[first + 1] …</summary>
    public void Sample(PinholeCamera camera, List<int> covered, int first, RasterBuffer buffer, SurfaceSamples samples)
    {
        var eye = camera.Centre;
        var maps = _scene.Maps;
        var diffuse = maps["diffuse"].Pixels;
        Image? Of(string name) => maps.Contains(name) ? maps[name].Pixels : null;
        var (specular, occlusion, translucency, relief) = (Of("specular"), Of("ambient_occlusion"), Of("translucency"), Of("normal"));
        Parallel.For(0, (samples.Count + 1023) / 1024, chunk =>
        {
            for (var k = chunk * 1024; k < Math.Min(samples.Count, (chunk + 1) * 1024); k++)
            {
                var pixel = covered[first + k];
                var t = buffer.Triangle[pixel];
                var (position, normal, tangent, uv) = Interpolate(t, buffer.Barycentric(pixel));
                var view = Vector3.Normalize(eye - position);
                var ball = _ballOf[t];
                var points = samples.Points;
                if (relief is not null && ball < 0)
                {
                    var m = Colour(relief, uv);
                    var along = new Vector3(tangent.X, tangent.Y, tangent.Z);
                    var flat = along - (normal * Vector3.Dot(normal, along));
                    var x = flat.LengthSquared() > 1e-12f ? Vector3.Normalize(flat) : Vector3.Zero;
                    var y = Vector3.Cross(normal, x) * tangent.W;
                    normal = Vector3.Normalize((m.X * x) + (m.Y * y) + (MathF.Max(m.Z, 0.05f) * normal));
                }

                Colour(diffuse, uv).CopyTo(points.Albedo.AsSpan(k * 3, 3));
                points.Specular[k] = ball >= 0 ? 0 : Value(specular, uv, 0.028f);
                points.Occlusion[k] = Value(occlusion, uv, 1);
                points.Translucency[k] = ball >= 0 ? 0 : Value(translucency, uv, 0);
                normal.CopyTo(points.Normals.AsSpan(k * 3, 3));
                view.CopyTo(points.Views.AsSpan(k * 3, 3));
                var fade = Math.Clamp((position.Y - _low - (0.005f * _height)) / (0.11f * _height), 0, 1);
                samples.Alpha[k] = fade * fade * (3 - (2 * fade));
                samples.Cornea[k] = ball < 0 ? Vector3.Zero : Cornea(_balls[ball], position);
            }
        });
    }

    private static Vector3 Cornea(Eyeball ball, Vector3 position)
    {
        var outward = Vector3.Normalize(position - ball.Centre);
        var front = Math.Clamp((outward.Z - 0.84f) / 0.06f, 0, 1);
        var cornea = Vector3.Normalize(position - ball.Centre - new Vector3(0, 0, CorneaOffset * ball.Radius));
        return Vector3.Normalize(Vector3.Lerp(outward, cornea, front));
    }

    private (Vector3 Position, Vector3 Normal, Vector4 Tangent, Vector2 Uv) Interpolate(int triangle, Vector3 weights)
    {
        int a = _scene.Triangles[triangle * 3], b = _scene.Triangles[(triangle * 3) + 1], c = _scene.Triangles[(triangle * 3) + 2];
        int ua = _scene.TriangleUvs[triangle * 3], ub = _scene.TriangleUvs[(triangle * 3) + 1], uc = _scene.TriangleUvs[(triangle * 3) + 2];
        return (
            (weights.X * _scene.Positions[a]) + (weights.Y * _scene.Positions[b]) + (weights.Z * _scene.Positions[c]),
            Vector3.Normalize((weights.X * _normals[a]) + (weights.Y * _normals[b]) + (weights.Z * _normals[c])),
            new Vector4(Xyz(_tangents[ua], weights.X) + Xyz(_tangents[ub], weights.Y) + Xyz(_tangents[uc], weights.Z), _tangents[ua].W),
            (weights.X * _scene.Uvs[ua]) + (weights.Y * _scene.Uvs[ub]) + (weights.Z * _scene.Uvs[uc]));
    }

    private static Vector3 Xyz(Vector4 v, float weight) => new(v.X * weight, v.Y * weight, v.Z * weight);

    private static Vector3 Colour(Image map, Vector2 uv) => Resample.Bilinear3(map, uv * new Vector2(map.Width, map.Height));

    private static float Value(Image? map, Vector2 uv, float otherwise)
    {
        if (map is null)
        {
            return otherwise;
        }

        Span<float> value = stackalloc float[1];
        Resample.Bilinear(map, uv * new Vector2(map.Width, map.Height), value);
        return value[0];
    }
}
