using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>What a person wears whatever the picture.</summary>
public sealed record OutfitOptions
{
    /// <summary>Years; moves the hairline, and decides about grey hair that is not given.</summary>
    public float Age { get; init; } = 40;

    /// <summary>Linear Rec.709, before it greys; null: drawn.</summary>
    public Vector3? HairColour { get; init; }

    /// <summary>Share of hairs that are white; null: drawn by age.</summary>
    public float? Grey { get; init; }

    /// <summary>Null: drawn, one in eight without.</summary>
    public bool? Bald { get; init; }

    /// <summary>Share of people with a hat or scarf.</summary>
    public float Hats { get; init; } = 0.05f;

    /// <summary>Strands of hair; half of them for a quick look.</summary>
    public int Strands { get; init; } = 9000;
}

/// <summary>
/// Hair, hat and shirt of a person: built once on the neutral head, for scalp and shoulders do not move with the face. What hangs on the
/// face itself is <see cref="FaceExtras"/>.
/// </summary>
public sealed class Outfit : IDisposable
{
    private Outfit(List<StageBody> bodies, List<string> names) => (Bodies, Names) = (bodies, names);

    public IReadOnlyList<StageBody> Bodies { get; }

    /// <summary><c>hair</c>, <c>hat</c>, <c>scarf</c>, <c>shirt</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    public static Outfit Draw(Mesh neutral, int seed, OutfitOptions? options = null)
    {
        options ??= new OutfitOptions();
        var rng = new Rng(unchecked(((uint)seed * 0x9E3779B1u) + 77u));
        var (template, positions) = (neutral.Template, neutral.Positions);
        var normals = MeshNormals.Of(neutral);
        var marks = template.LandmarksOn(positions);
        var (bodies, names) = (new List<StageBody>(), new List<string>());
        var (bald, covered, scarf) = (rng.Next() < 0.125f, rng.Next() < options.Hats, rng.Next() < 0.4f);
        var style = HairStyle.Draw(ref rng, options.HairColour, options.Age);
        style = style with { Grey = options.Grey ?? style.Grey };
        var outer = Outer(template);
        using var rays = new RayScene(positions, outer, mixed: true);
        var crown = new Vector3(0, marks[27].Y + 8, marks[27].Z - 95);
        var surface = new HeadSurface(rays, positions, outer, crown);
        if (covered)
        {
            bodies.Add(Hat(positions, normals, outer, marks, scarf, ref rng));
            names.Add(scarf ? "scarf" : "hat");
            style = style with { Top = MathF.Min(style.Top, 120), Volume = 3 };
        }

        if (!(options.Bald ?? bald))
        {
            var dresser = new Hairdresser(surface, marks, style, (uint)(rng.Next() * 1e6f));
            if (!covered)
            {
                bodies.Add(Cap(positions, normals, outer, dresser, style));
                bodies.Add(StageStrands.Of(dresser.Grow(options.Strands)));
                names.Add("hair");
            }
        }

        bodies.Add(Shirt(positions, normals, outer, marks, ref rng));
        names.Add("shirt");
        return new Outfit(bodies, names);
    }

    public void Dispose()
    {
        foreach (var body in Bodies)
        {
            body.Dispose();
        }
    }

    // Without eyes, mouth and what lies behind the lids.
    private static int[] Outer(FaceTemplate template)
    {
        var kinds = HeadParts.Of(template).OfTriangle;
        return [.. template.Triangles.Chunk(3).Where((_, t) => kinds[t] == HeadPartKind.Skin).SelectMany(t => t)];
    }

    private static StageProp Cap(Vector3[] positions, Vector3[] normals, int[] triangles, Hairdresser dresser, HairStyle style)
    {
        var field = positions.Select(p => dresser.Hairline(p) - 10 + (5 * Noise.Fractal(p / 4, 2, 43))).ToArray();
        var height = field.Select(f => 0.3f + (0.25f * MathF.Min(style.Volume, 6) * Curve.Smooth(0, 12, f))).ToArray();
        var (points, corners, _) = SurfaceShell.Make(positions, normals, triangles, field, height);
        var grey = Vector3.Lerp(style.Colour, new Vector3(0.3f), 0.6f * style.Grey);
        var tints = points.Select(p => new Vector3(1 + (0.5f * Noise.Fractal(p * new Vector3(0.9f, 0.15f, 0.15f), 2, 41)))).ToArray();
        return new StageProp(points, corners, new PropMaterial(grey * 0.55f, F0: 0), tints);
    }

    private static StageProp Hat(Vector3[] positions, Vector3[] normals, int[] triangles, Vector3[] marks, bool scarf, ref Rng rng)
    {
        var (brow, ear, chin) = (0.5f * (marks[19].Y + marks[24].Y), marks[16], marks[8]);
        var (front, back, thick) = (rng.Range(8, 35), rng.Range(-25, 10), rng.Range(3, 7));
        var field = positions.Select(p =>
        {
            var turned = Curve.Smooth(ear.Z + 50, ear.Z - 40, p.Z);
            var line = p.Y - float.Lerp(brow + front, ear.Y + back, turned);

            // A scarf also covers ears, cheeks' rim and neck.
            return scarf ? MathF.Max(line, MathF.Max(MathF.Abs(p.X) - 58, ear.Z + 16 - p.Z)) - (p.Y < chin.Y - 6 && p.Z > 20 ? MathF.Min(0, chin.Y - 14 - p.Y) : 0) : line;
        }).ToArray();
        var height = field.Select((f, i) => thick * (0.5f + (0.5f * Curve.Smooth(0, 10, f))) * (1 + (0.5f * Noise.Fractal(positions[i] / 22, 2, 91)))).ToArray();
        var (points, corners, _) = SurfaceShell.Make(positions, normals, triangles, field, height);
        var tints = points.Select(p => new Vector3(1 + (0.25f * Noise.Fractal(p / 3, 2, 93)))).ToArray();
        return new StageProp(points, corners, new PropMaterial(Cloth(ref rng), F0: 0), tints);
    }

    // Skin-tight above the shoulders' edge, with folds, then carried on where the template's bust ends.
    private static StageProp Shirt(Vector3[] positions, Vector3[] normals, int[] triangles, Vector3[] marks, ref Rng rng)
    {
        var (collar, dip, vee) = (rng.Range(38, 66), rng.Range(0, 22), rng.Next() < 0.3f ? rng.Range(15, 45) : 0);
        var chin = marks[8];

        // Under a chin far down, the collar would lie below all that there is of the bust.
        var lowest = positions.Min(p => p.Y) + 8;
        var field = positions.Select(p =>
        {
            var front = Curve.Smooth(-20, 45, p.Z);
            var line = MathF.Max(lowest, chin.Y - collar - (dip * front) - (vee * front * Curve.Smooth(45, 0, MathF.Abs(p.X))));
            return p.Z > chin.Z - 12 ? -1 : line - p.Y;
        }).ToArray();
        var seed = (uint)(rng.Next() * 1e5f);
        var height = field.Select((f, i) => 2.2f + (3.5f * Curve.Smooth(0, 30, f)) + (2.4f * Noise.Fractal(positions[i] / new Vector3(38, 20, 38), 3, seed) * Curve.Smooth(0, 25, f))).ToArray();
        var (points, corners, edge) = SurfaceShell.Make(positions, normals, triangles, field, height);
        var (allPoints, allCorners) = (points.ToList(), corners.ToList());
        Extend(allPoints, allCorners, edge, rng.Range(0.8f, 1.2f), seed);
        var colour = Cloth(ref rng);
        var tints = allPoints.Select(p => new Vector3(1 + (0.15f * Noise.Fractal(p / 5, 3, seed + 3)))).ToArray();
        return new StageProp([.. allPoints], [.. allCorners], new PropMaterial(colour, F0: 0), tints);
    }

    // Shoulders and chest, which the bust lacks: it ends a hand's breadth beside the neck.
    private static void Extend(List<Vector3> points, List<int> corners, HashSet<int> edge, float width, uint seed)
    {
        var count = new Dictionary<(int, int), (int A, int B, int Times)>();
        for (var t = 0; t < corners.Count; t++)
        {
            var (a, b) = (corners[t], corners[t % 3 == 2 ? t - 2 : t + 1]);
            var key = a < b ? (a, b) : (b, a);
            count[key] = count.TryGetValue(key, out var e) ? (e.A, e.B, e.Times + 1) : (a, b, 1);
        }

        // The bust's own rim: open edges that are not the collar's. Outwards as shoulders slope, round over the upper arm, then down.
        var rim = count.Values.Where(e => e.Times == 1 && !(edge.Contains(e.A) && edge.Contains(e.B))).OrderBy(e => e.A).ThenBy(e => e.B).ToArray();
        (float Out, float Front, float Down)[] rings = [(0.20f, 0.06f, 7), (0.42f, 0.14f, 17), (0.60f, 0.24f, 32), (0.73f, 0.34f, 55), (0.81f, 0.44f, 90), (0.85f, 0.52f, 150), (0.84f, 0.52f, 420)];
        var map = new Dictionary<(int, int), int>();
        int At(int v, int ring)
        {
            if (ring < 0)
            {
                return v;
            }

            if (!map.TryGetValue((v, ring), out var index))
            {
                map[(v, ring)] = index = points.Count;
                var p = points[v];
                var (outwards, front, down) = rings[ring];
                var fold = 3 * Noise.Fractal(p / new Vector3(30, 15, 30), 2, seed + (uint)(ring / 2)) * MathF.Min(1, ring / 2f);
                points.Add(new Vector3(p.X * (1 + (width * outwards)), p.Y - down, p.Z * (1 + (p.Z > 0 ? front : 0.4f * front))) + (fold * Vector3.Normalize(p with { Y = 0 })));
            }

            return index;
        }

        foreach (var (a, b, _) in rim)
        {
            for (var ring = 0; ring < rings.Length; ring++)
            {
                corners.AddRange([At(b, ring - 1), At(a, ring - 1), At(a, ring), At(b, ring - 1), At(a, ring), At(b, ring)]);
            }
        }
    }

    private static Vector3 Cloth(ref Rng rng)
    {
        var grey = 0.015f + (0.75f * MathF.Pow(rng.Next(), 2.2f));
        var tint = new Vector3(rng.Next(), rng.Next(), rng.Next());
        return Vector3.Lerp(new Vector3(grey), tint * (grey + 0.1f), rng.Next() < 0.5f ? 0.15f : 0.8f);
    }
}
