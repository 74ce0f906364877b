using System.Numerics;

namespace MoSar.TestSupport;

/// <summary>Heads of simple shape with a whole template around them, for the tests of the map plugins.</summary>
internal static class TestHeads
{
    /// <summary>A sheet of n×n quads over parameters (s, t) in [0, 1]², t downwards: surface position and texture coordinate of each.</summary>
    public static Mesh Sheet(int n, Func<float, float, Vector3> position, Func<float, float, Vector2> uv) => Join([(n, position, uv)]);

    /// <summary>Several sheets in one mesh, each with its own chart.</summary>
    public static Mesh Join(IReadOnlyList<(int N, Func<float, float, Vector3> Position, Func<float, float, Vector2> Uv)> sheets)
    {
        var (positions, uvs, faces, triangles) = (new List<Vector3>(), new List<Vector2>(), new List<int>(), new List<int>());
        foreach (var (n, position, uv) in sheets)
        {
            var first = positions.Count;
            for (var j = 0; j <= n; j++)
            {
                for (var i = 0; i <= n; i++)
                {
                    positions.Add(position((float)i / n, (float)j / n));
                    uvs.Add(uv((float)i / n, (float)j / n));
                }
            }

            for (var j = 0; j < n; j++)
            {
                for (var i = 0; i < n; i++)
                {
                    // Counter-clockwise seen from the side to which s goes right and t down.
                    var a = first + (j * (n + 1)) + i;
                    var (b, c, d) = (a + n + 1, a + n + 2, a + 1);
                    faces.AddRange([a, b, c, d]);
                    triangles.AddRange([a, b, c, a, c, d]);
                }
            }
        }

        var template = new FaceTemplate
        {
            Id = "test/1",
            VertexCount = positions.Count,
            Faces = [.. faces],
            FaceUvs = [.. faces],
            Uvs = [.. uvs],
            Triangles = [.. triangles],
            TriangleUvs = [.. triangles],
            Mirror = [.. Enumerable.Range(0, positions.Count)],
            Regions = new Dictionary<string, float[]>(),
            Landmarks = [],
            JawCandidates = [],
            Expressions = [],
        };
        return new Mesh(template, [.. positions]);
    }

    /// <summary>A plane of the given size in mm, facing +Z, filling the whole atlas.</summary>
    public static Mesh Plane(float width, float height, int n = 8) =>
        Sheet(n, (s, t) => new Vector3((s - 0.5f) * width, (0.5f - t) * height, 0), (s, t) => new Vector2(s, t));

    /// <summary>A sphere by longitude and latitude, charted over the whole atlas; u = ½ is +Z, the seam is behind.</summary>
    public static Mesh Sphere(float radius, int n = 48) => Sheet(
        n,
        (s, t) =>
        {
            var (lon, lat) = ((s - 0.5f) * 2 * MathF.PI, (0.5f - t) * MathF.PI);
            return radius * new Vector3(MathF.Sin(lon) * MathF.Cos(lat), MathF.Sin(lat), MathF.Cos(lon) * MathF.Cos(lat));
        },
        (s, t) => new Vector2(s, t));

    /// <summary>The same head with named regions, given as weights over the texture coordinates (one a vertex in these meshes).</summary>
    public static Mesh WithRegions(this Mesh mesh, params (string Name, Func<Vector2, float> Weight)[] regions) => mesh with
    {
        Template = mesh.Template with { Regions = regions.ToDictionary(r => r.Name, r => mesh.Template.Uvs.Select(r.Weight).ToArray()) },
    };

    public static Reconstruction Reconstruct(Mesh mesh, ShLight? light = null, Vector3? albedo = null) => new(
        [],
        [],
        [],
        light ?? ShLight.Uniform,
        new PinholeCamera(1000, 1000, 500, 500, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -600)),
        mesh,
        mesh,
        [.. Enumerable.Repeat(albedo ?? new Vector3(0.5f), mesh.Positions.Length)],
        []);

    public static Image Paint(int size, int channels, Func<float, float, int, float> value)
    {
        var image = new Image(size, size, channels);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var (x, y) = (i / channels % size, i / channels / size);
            image.Pixels[i] = value((x + 0.5f) / size, (y + 0.5f) / size, i % channels);
        }

        return image;
    }

    public static Image Constant(int size, params float[] values) => Paint(size, values.Length, (_, _, c) => values[c]);
}
