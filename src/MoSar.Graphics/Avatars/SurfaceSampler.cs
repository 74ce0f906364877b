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
    private readonly Vector3[] _tangents;
    private readonly float[] _handedness;
    private readonly Eyeball[] _balls;
    private readonly int[] _ballOf;
    private readonly float _low;
    private readonly float _height;

    public SurfaceSampler(AvatarScene scene)
    {
        _scene = scene;
        _normals = VertexNormals(scene);
        (_tangents, _handedness) = Tangents(scene);
        (_balls, _ballOf) = Eyeballs.Find(scene.Positions, scene.Triangles);
        _low = scene.Positions.Min(p => p.Y);
        _height = scene.Positions.Max(p => p.Y) - _low;
    }

    /// <summary>Fills samples with points first, first+1, … of the covered pixels.</summary>
    public void Sample(PinholeCamera camera, List<int> covered, int first, int[] triangle, Vector2[] barycentric, SurfaceSamples samples)
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
                var t = triangle[pixel];
                var weights = new Vector3(1 - barycentric[pixel].X - barycentric[pixel].Y, barycentric[pixel].X, barycentric[pixel].Y);
                var (position, normal, tangent, uv) = Interpolate(t, weights);
                var view = Vector3.Normalize(eye - position);
                var ball = _ballOf[t];
                var points = samples.Points;
                if (relief is not null && ball < 0)
                {
                    var m = relief.Bilinear(uv);
                    var flat = tangent - (normal * Vector3.Dot(normal, tangent));
                    var x = flat.LengthSquared() > 1e-12f ? Vector3.Normalize(flat) : Vector3.Zero;
                    var y = Vector3.Cross(normal, x) * _handedness[t];
                    normal = Vector3.Normalize((m.X * x) + (m.Y * y) + (MathF.Max(m.Z, 0.05f) * normal));
                }

                diffuse.Bilinear(uv).CopyTo(points.Albedo.AsSpan(k * 3, 3));
                points.Specular[k] = ball >= 0 ? 0 : specular?.BilinearOne(uv) ?? 0.028f;
                points.Occlusion[k] = occlusion?.BilinearOne(uv) ?? 1;
                points.Translucency[k] = ball >= 0 ? 0 : translucency?.BilinearOne(uv) ?? 0;
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

    private (Vector3 Position, Vector3 Normal, Vector3 Tangent, Vector2 Uv) Interpolate(int triangle, Vector3 weights)
    {
        int a = _scene.Triangles[triangle * 3], b = _scene.Triangles[(triangle * 3) + 1], c = _scene.Triangles[(triangle * 3) + 2];
        int ua = _scene.TriangleUvs[triangle * 3], ub = _scene.TriangleUvs[(triangle * 3) + 1], uc = _scene.TriangleUvs[(triangle * 3) + 2];
        return (
            (weights.X * _scene.Positions[a]) + (weights.Y * _scene.Positions[b]) + (weights.Z * _scene.Positions[c]),
            Vector3.Normalize((weights.X * _normals[a]) + (weights.Y * _normals[b]) + (weights.Z * _normals[c])),
            (weights.X * _tangents[ua]) + (weights.Y * _tangents[ub]) + (weights.Z * _tangents[uc]),
            (weights.X * _scene.Uvs[ua]) + (weights.Y * _scene.Uvs[ub]) + (weights.Z * _scene.Uvs[uc]));
    }

    private static Vector3[] VertexNormals(AvatarScene scene)
    {
        var normals = new Vector3[scene.Positions.Length];
        for (var t = 0; t < scene.Triangles.Length; t += 3)
        {
            var (a, b, c) = (scene.Triangles[t], scene.Triangles[t + 1], scene.Triangles[t + 2]);
            var n = Vector3.Cross(scene.Positions[b] - scene.Positions[a], scene.Positions[c] - scene.Positions[a]);
            normals[a] += n;
            normals[b] += n;
            normals[c] += n;
        }

        for (var i = 0; i < normals.Length; i++)
        {
            normals[i] = normals[i].LengthSquared() > 0 ? Vector3.Normalize(normals[i]) : Vector3.UnitZ;
        }

        return normals;
    }

    // Per texture coordinate, so that the two sides of a seam keep their own directions. Handedness is +1 where (u, up in the map, outward) is right-handed.
    private static (Vector3[] Tangents, float[] Handedness) Tangents(AvatarScene scene)
    {
        var tangents = new Vector3[scene.Uvs.Length];
        var handedness = new float[scene.Triangles.Length / 3];
        for (var t = 0; t < scene.Triangles.Length; t += 3)
        {
            var (p, q, r) = (scene.Positions[scene.Triangles[t]], scene.Positions[scene.Triangles[t + 1]], scene.Positions[scene.Triangles[t + 2]]);
            var (u, v, w) = (scene.Uvs[scene.TriangleUvs[t]], scene.Uvs[scene.TriangleUvs[t + 1]], scene.Uvs[scene.TriangleUvs[t + 2]]);
            var (e, f, g, h) = (q - p, r - p, v - u, w - u);
            var area = (g.X * h.Y) - (g.Y * h.X);

            // v grows downwards: a triangle that is counter-clockwise on screen has negative area here.
            handedness[t / 3] = area <= 0 ? 1 : -1;
            if (MathF.Abs(area) > 1e-12f)
            {
                var tangent = Vector3.Normalize(((e * h.Y) - (f * g.Y)) / area) * MathF.Abs(area);
                for (var k = 0; k < 3; k++)
                {
                    tangents[scene.TriangleUvs[t + k]] += tangent;
                }
            }
        }

        return (tangents, handedness);
    }
}
