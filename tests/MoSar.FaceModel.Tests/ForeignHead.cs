using System.Globalization;
using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Tests;

/// <summary>
/// A head in a topology that has nothing of the template's: another person with an expression, bent beyond what the linear model spans, sampled from
/// outside on a cylinder as a laser scanner does (so there are neither sockets nor the backs of ears), triangulated along changing diagonals, in metres,
/// looking along +X with +Z up. Its atlas is the unrolled cylinder lying on its side, with the seam down the back, and an island of its own for the
/// crown. Which point of the template every vertex is, is known.
/// </summary>
internal sealed class ForeignHead
{
    private const int Columns = 300;
    private const int Rows = 260;
    private const float Low = -120;
    private const float High = 130;
    private const float CrownFrom = 100;

    private readonly List<(Vector3 Position, SurfacePoint Origin)> _vertices = [];
    private readonly List<string> _faces = [];
    private readonly List<Vector2> _uvs = [];

    public ForeignHead(int seed)
    {
        var model = ShippedModel.Model;
        var random = new Random(seed);
        var identity = Enumerable.Range(0, model.IdentityCount).Select(_ => Normal(random)).ToArray();
        var expression = new float[model.ExpressionCount];
        foreach (var (name, value) in new[] { ("jawOpen", 0.15f), ("mouthSmileLeft", 0.5f), ("mouthSmileRight", 0.4f), ("browInnerUpLeft", 0.4f) })
        {
            expression[model.ExpressionIndex(name)] = value;
        }

        Template = model.Template;
        Truth = Array.ConvertAll(model.Positions(identity, expression), Bend);
        Sample();
    }

    public FaceTemplate Template { get; }

    /// <summary>V: the template's vertices where this head has them, in its own frame in millimetres.</summary>
    public Vector3[] Truth { get; }

    public IReadOnlyList<(Vector3 Position, SurfacePoint Origin)> Vertices => _vertices;

    /// <summary>From millimetres to what the file holds.</summary>
    public static Vector3 ToFile(Vector3 p) => new Vector3(p.Z, p.X, p.Y) * 0.001f;

    /// <summary>The vertices nearest to the landmarks.</summary>
    public int[] Landmarks() => [.. Template.LandmarksOn(Truth).Select(l => Enumerable.Range(0, _vertices.Count).MinBy(v => Vector3.DistanceSquared(_vertices[v].Position, l)))];

    public void WriteObj(string path)
    {
        using var file = new StreamWriter(path) { NewLine = "\n" };
        foreach (var (p, _) in _vertices)
        {
            var q = ToFile(p);
            file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"v {q.X:0.#######} {q.Y:0.#######} {q.Z:0.#######}"));
        }

        foreach (var t in _uvs)
        {
            file.WriteLine(string.Create(CultureInfo.InvariantCulture, $"vt {t.X:0.######} {1 - t.Y:0.######}"));
        }

        _faces.ForEach(file.WriteLine);
    }

    // Smooth, one to one, and not in the model's span: a head that is a little twisted, pear-shaped and wavy.
    private static Vector3 Bend(Vector3 p)
    {
        var (sine, cosine) = MathF.SinCos(p.Y * 0.0002f);
        var wide = 1 - (0.0006f * p.Y);
        return new Vector3(((p.X * cosine) - (p.Z * sine)) * wide, p.Y + MathF.Sin(p.X / 25), (((p.X * sine) + (p.Z * cosine)) * wide) + (2 * MathF.Sin(p.Y / 20)));
    }

    private void Sample()
    {
        var hits = Shoot();
        var index = new int[Columns * Rows];
        Array.Fill(index, -1);
        for (var i = 0; i < index.Length; i++)
        {
            if (hits.Triangle[i] >= 0)
            {
                index[i] = _vertices.Count;
                var origin = new SurfacePoint(hits.Triangle[i], hits.Barycentric(i));
                _vertices.Add((origin.On(Template, Truth), origin));
            }
        }

        for (var r = 0; r + 1 < Rows; r++)
        {
            for (var c = 0; c < Columns; c++)
            {
                // The last column goes round to the first, with texture coordinates of its own.
                var (a, b) = (index[(r * Columns) + c], index[(r * Columns) + ((c + 1) % Columns)]);
                var (d, e) = (index[((r + 1) * Columns) + c], index[((r + 1) * Columns) + ((c + 1) % Columns)]);
                if (a >= 0 && b >= 0 && d >= 0 && e >= 0)
                {
                    Cell(r, c, a, b, d, e);
                }
            }
        }
    }

    // Rows run from the top down, columns from the back over the right side (x < 0) and the front.
    private RayHits Shoot()
    {
        var skin = Template.Regions["eyeballs"];
        var triangles = Template.Triangles;
        using var scene = new RayScene(Truth, [.. Enumerable.Range(0, triangles.Length / 3).SelectMany(t => skin[triangles[3 * t]] > 0.5f ? (int[])[triangles[3 * t], triangles[3 * t], triangles[3 * t]] : triangles[(3 * t)..(3 * (t + 1))])]);
        var (origins, directions) = (new Vector3[Columns * Rows], new Vector3[Columns * Rows]);
        for (var i = 0; i < origins.Length; i++)
        {
            var (angle, y) = (((i % Columns / (float)Columns) * 2 * MathF.PI) - MathF.PI, High - ((i / Columns) * (High - Low) / (Rows - 1)));
            var outward = new Vector3(MathF.Sin(angle), 0, MathF.Cos(angle));
            var axis = new Vector3(0, y, 10);
            (origins[i], directions[i]) = (axis + (300 * outward), -outward);
        }

        return scene.Closest(origins, directions, far: 299);
    }

    private void Cell(int r, int c, int a, int b, int d, int e)
    {
        var y = High - (r * (High - Low) / (Rows - 1));
        var first = _uvs.Count + 1;
        foreach (var (row, column) in ((int, int)[])[(r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1)])
        {
            var (u, v) = (column / (float)Columns, row / (float)(Rows - 1));

            // On its side: u runs down the picture. The crown lies apart, turned round.
            _uvs.Add(y > CrownFrom ? new Vector2(0.98f - (0.3f * u), 0.98f - (0.5f * v)) : new Vector2(0.02f + ((v - 0.1f) * 0.85f), 0.02f + (0.8f * u)));
        }

        var (a1, b1, d1, e1) = ($"{a + 1}/{first}", $"{b + 1}/{first + 1}", $"{d + 1}/{first + 2}", $"{e + 1}/{first + 3}");
        if ((r + c) % 3 == 0)
        {
            _faces.Add($"f {a1} {d1} {e1} {b1}");
        }
        else if ((r + c) % 3 == 1)
        {
            _faces.Add($"f {a1} {d1} {b1}");
            _faces.Add($"f {b1} {d1} {e1}");
        }
        else
        {
            _faces.Add($"f {a1} {d1} {e1}");
            _faces.Add($"f {a1} {e1} {b1}");
        }
    }

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
