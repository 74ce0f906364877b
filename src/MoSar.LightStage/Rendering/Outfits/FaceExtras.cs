using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>What may be before a face in one picture.</summary>
public sealed record ExtrasOptions
{
    public float Glasses { get; init; } = 0.22f;

    public float Hands { get; init; } = 0.08f;

    /// <summary>Single strands that hang into the face.</summary>
    public float Strands { get; init; } = 0.15f;

    /// <summary>Linear Rec.709 of strands and lashes.</summary>
    public Vector3 HairColour { get; init; } = new(0.02f, 0.014f, 0.01f);

    /// <summary>Linear Rec.709 of hands.</summary>
    public Vector3 SkinColour { get; init; } = new(0.42f, 0.27f, 0.20f);
}

/// <summary>Lashes and teeth, which belong to the face; spectacles, a hand and loose strands, which hide it. Made for one expression.</summary>
public sealed class FaceExtras : IDisposable
{
    private FaceExtras(List<StageBody> bodies, StageLenses? lenses, List<string> names) => (Bodies, Lenses, Names) = (bodies, lenses, names);

    public IReadOnlyList<StageBody> Bodies { get; }

    public StageLenses? Lenses { get; }

    /// <summary><c>glasses</c>, <c>sunglasses</c>, <c>hand</c>, <c>strands</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <param name="neutral">The person at rest: teeth and spectacles sit on the skull.</param>
    /// <param name="posed">With expression.</param>
    public static FaceExtras Draw(Mesh neutral, Mesh posed, int seed, ExtrasOptions? options = null)
    {
        options ??= new ExtrasOptions();
        var rng = new Rng(unchecked(((uint)seed * 0x7FEB352Du) + 5u));
        var (rest, marks) = (neutral.Template.LandmarksOn(neutral.Positions), posed.Template.LandmarksOn(posed.Positions));
        var (bodies, names) = (new List<StageBody>(), new List<string>());
        bodies.Add(StageStrands.Of([.. FaceHair.Lashes(marks, Vector3.Min(options.HairColour * 0.5f, new Vector3(0.025f, 0.018f, 0.014f)), seed)], belongsToHead: true));
        if (MathF.Abs(marks[62].Y - marks[66].Y) > 1.5f)
        {
            bodies.Add(Teeth(rest, marks));
        }

        StageLenses? lenses = null;
        if (rng.Next() < options.Glasses)
        {
            var dark = rng.Next() < 0.15f;
            (var frame, lenses) = Glasses(rest, ref rng, dark);
            bodies.Add(frame);
            names.Add(dark ? "sunglasses" : "glasses");
        }

        if (rng.Next() < options.Hands)
        {
            bodies.Add(Hand(marks, options.SkinColour, ref rng));
            names.Add("hand");
        }

        if (rng.Next() < options.Strands)
        {
            bodies.Add(StageStrands.Of([.. FaceHair.Loose(marks, options.HairColour, seed)]));
            names.Add("strands");
        }

        return new FaceExtras(bodies, lenses, names);
    }

    public void Dispose()
    {
        foreach (var body in Bodies)
        {
            body.Dispose();
        }

        Lenses?.Dispose();
    }

    // Two bows of teeth behind the lips; the upper stays with the skull, the lower goes with the chin.
    private static StageProp Teeth(Vector3[] rest, Vector3[] posed)
    {
        const int points = 57;
        var parts = new MeshParts();
        var width = 0.44f * Vector3.Distance(rest[48], rest[54]);
        var middle = 0.5f * (rest[62] + rest[66]);
        var drop = posed[57] - rest[57];
        for (var row = 0; row < 2; row++)
        {
            var path = new Vector3[points];
            var radius = new float[points];
            for (var i = 0; i < points; i++)
            {
                var angle = 0.92f * MathF.PI * ((i / (points - 1f)) - 0.5f);
                var (sin, cos) = MathF.SinCos(angle);
                var tooth = MathF.Abs(MathF.Sin(angle * 7.2f + (row == 0 ? 0 : 0.3f)));
                var p = new Vector3(middle.X + (width * sin), middle.Y, middle.Z - 6.5f - (1.15f * width * (1 - cos)));
                path[i] = row == 0 ? p + new Vector3(0, 0.9f, 0) : p + new Vector3(0, -4.2f, -2) + (0.85f * drop);
                radius[i] = 1.4f + (0.35f * MathF.Pow(tooth, 0.35f));
            }

            parts.Tube(path, radius, flat: 2.9f, up: Vector3.UnitY);
        }

        return new StageProp(parts.Positions, parts.Triangles, new PropMaterial(new(0.56f, 0.50f, 0.40f), 0.045f, 0.22f), belongsToHead: true);
    }

    private static (StageProp Frame, StageLenses Lenses) Glasses(Vector3[] l, ref Rng rng, bool dark)
    {
        const int points = 40;
        var (halfWidth, halfHeight, thick, square) = (rng.Range(21, 29), rng.Range(14, 25), rng.Range(0.5f, 2.4f), rng.Range(2, 5));
        var drop = rng.Range(-1, 6);
        var eyes = new[] { (l[36] + l[39]) / 2, (l[42] + l[45]) / 2 };
        var front = MathF.Max(l[27].Z + 3, MathF.Max(eyes[0].Z, eyes[1].Z) + rng.Range(10, 15));
        var frame = new MeshParts();
        var (glass, normals, corners) = (new List<Vector3>(), new List<Vector3>(), new List<int>());
        foreach (var eye in eyes)
        {
            var centre = new Vector3(eye.X * 1.04f, eye.Y - drop, front);
            var path = new Vector3[points];
            for (var i = 0; i < points; i++)
            {
                var (sin, cos) = MathF.SinCos(MathF.Tau * i / points);
                var x = halfWidth * MathF.Sign(cos) * MathF.Pow(MathF.Abs(cos), 2 / square);
                var y = halfHeight * MathF.Sign(sin) * MathF.Pow(MathF.Abs(sin), 2 / square);
                path[i] = centre + new Vector3(x, y, -0.0022f * ((centre.X + x) * (centre.X + x)));
            }

            frame.Tube(path, [.. Enumerable.Repeat(thick, points)], closed: true, up: Vector3.UnitZ);
            var first = glass.Count;
            glass.Add(centre + new Vector3(0, 0, -0.0022f * centre.X * centre.X));
            glass.AddRange(path);

            // A lens bends like a ball of 12 cm and follows the face around.
            normals.AddRange(glass.Skip(first).Select(p => Vector3.Normalize(new Vector3((p.X - centre.X) / 120 + (0.0044f * p.X), ((p.Y - centre.Y) / 120) + 0.09f, 1))));
            for (var i = 0; i < points; i++)
            {
                corners.AddRange([first, first + 1 + i, first + 1 + ((i + 1) % points)]);
            }

            var outer = centre.X + (MathF.Sign(eye.X) * halfWidth);
            var ear = eye.X < 0 ? l[0] : l[16];
            var side = MathF.Sign(eye.X) * MathF.Max(MathF.Abs(outer) + 2, MathF.Abs(ear.X) + 4);
            Vector3[] temple =
            [
                new(outer, eye.Y + 3, front - (0.0022f * outer * outer)), new(side, eye.Y + 5, front - 16), new(side, eye.Y + 6, (front + ear.Z) / 2), new(side, eye.Y + 5, ear.Z - 14), new(side * 0.99f, eye.Y - 12, ear.Z - 30),
            ];
            frame.Tube(temple, [.. Enumerable.Repeat(MathF.Max(0.8f, 0.8f * thick), temple.Length)], flat: 1.6f);
        }

        var bridge = eyes[0].Y - drop + (0.3f * halfHeight);
        var inner = MathF.Abs(eyes[1].X) * 1.04f - halfWidth;
        frame.Tube([new(-inner, bridge, front), new(0, bridge + 3, front + 2), new(inner, bridge, front)], [thick, thick, thick]);
        var metal = rng.Next() < 0.35f;
        var shade = MathF.Pow(rng.Next(), 2);
        var material = metal
            ? new PropMaterial(new Vector3(0.03f), 0.55f, 0.25f)
            : new PropMaterial(Vector3.Lerp(new(0.012f), new Vector3(rng.Next(), rng.Next(), rng.Next()) * 0.5f, shade), 0.045f, 0.2f);
        var tint = dark ? new Vector3(rng.Range(0.06f, 0.3f)) * new Vector3(1, 0.95f, 0.88f) : new Vector3(0.97f);
        return (new StageProp(frame.Positions, frame.Triangles, material), new StageLenses([.. glass], [.. corners], [.. normals], tint));
    }

    // Palm, fingers and forearm from below or beside, touching chin, cheek or mouth.
    private static StageProp Hand(Vector3[] marks, Vector3 skin, ref Rng rng)
    {
        var parts = new MeshParts();
        var target = (int)(rng.Next() * 4) switch { 0 => marks[8], 1 => marks[12], 2 => marks[4], _ => 0.5f * (marks[33] + marks[57]) };
        var side = target.X > 5 ? 1f : target.X < -5 ? -1f : rng.Next() < 0.5f ? 1 : -1;
        var outward = Vector3.Normalize(new Vector3(0.5f * side * rng.Next(), -0.15f, 1));
        var up = Vector3.Normalize(new Vector3(-0.35f * side + (0.3f * rng.Normal()), 1, 0.1f));
        var across = Vector3.Normalize(Vector3.Cross(up, outward));
        up = Vector3.Cross(outward, across);
        var palm = target + (outward * 20) - (up * rng.Range(30, 55)) + (side * rng.Range(4, 20) * across);
        parts.Ellipsoid(palm, across * 40, up * 46, outward * 14);
        for (var f = 0; f < 5; f++)
        {
            var thumb = f == 4;
            var at = thumb ? palm - (side * 36f * across) - (up * 8) : palm + (across * (-28.5f + (19 * f))) + (up * 38);
            var lean = thumb ? Vector3.Normalize((-0.8f * side * across) + (0.7f * up)) : Vector3.Normalize(up + (across * (0.10f * (f - 1.5f))) + (0.08f * rng.Normal() * across));
            var length = thumb ? 52 : 70f - (5 * MathF.Abs(f - 1.4f));
            var bend = rng.Range(0.1f, 0.75f);
            var path = new Vector3[8];
            for (var k = 0; k < path.Length; k++)
            {
                var t = k / 7f;
                path[k] = at + (lean * (length * t)) - (outward * (length * bend * 0.45f * t * t));
            }

            float[] radius = [10, 9.6f, 9.2f, 9.3f, 8.6f, 8.3f, 7.6f, 5.5f];
            parts.Tube(path, radius, sides: 14);
        }

        parts.Tube([palm - (up * 30), palm - (up * 85) + (outward * 12), palm - (up * 300) + (outward * 60)], [27, 29, 40], flat: 0.75f, up: outward, sides: 20);
        var tints = parts.Positions.Select(p => new Vector3(1, 1 + (0.12f * Noise.Fractal(p / 9, 2, 61)), 1 + (0.12f * Noise.Fractal(p / 9, 2, 61))) * (1 + (0.10f * Noise.Fractal(p / 4, 3, 63)))).ToArray();
        return new StageProp(parts.Positions, parts.Triangles, new PropMaterial(skin, 0.028f, 0.5f, Scatters: true), tints);
    }
}

/// <summary>Hairs on the face.</summary>
internal static class FaceHair
{
    public static IEnumerable<Strand> Lashes(Vector3[] marks, Vector3 colour, int seed)
    {
        int[][] rims = [[36, 37, 38, 39], [45, 44, 43, 42], [36, 41, 40, 39], [45, 46, 47, 42]];
        for (var rim = 0; rim < rims.Length; rim++)
        {
            var upper = rim < 2;
            var line = rims[rim].Select(i => marks[i]).ToArray();
            var outward = rim % 2 == 0 ? -1f : 1f;
            for (var i = 0; i < (upper ? 70 : 40); i++)
            {
                var rng = new Rng(unchecked((uint)(400000 + (rim * 1000) + i + (seed * 7919))));
                var t = rng.Range(upper ? 0.02f : 0.10f, 0.93f);
                var at = Curve.Along(line, t) + new Vector3(0, upper ? 0.1f : -0.1f, 0.35f);
                var fan = outward * (0.75f - (1.0f * t));
                var direction = Vector3.Normalize(new Vector3(fan, upper ? 0.05f : -0.45f, 1f) + (0.14f * new Vector3(rng.Normal(), rng.Normal(), 0)));
                var length = (upper ? 7.2f : 4f) * rng.Range(0.7f, 1.05f) * (1 - (0.45f * t));
                var bend = Vector3.Normalize(upper ? new Vector3(fan * 0.8f, 1.25f, 0.2f) : new Vector3(fan * 0.8f, -0.75f, 0.5f));
                yield return Bent(at, direction, bend, length, 5, upper ? 0.19f : 0.13f, colour);
            }
        }
    }

    /// <summary>A lock that has come loose and hangs from the forehead across the face.</summary>
    public static IEnumerable<Strand> Loose(Vector3[] marks, Vector3 colour, int seed)
    {
        var own = new Rng(unchecked((uint)(seed * 104729) + 3u));
        var locks = 1 + (int)(own.Next() * 4);
        for (var l = 0; l < locks; l++)
        {
            var x = own.Range(-60, 60);
            var top = new Vector3(x, marks[27].Y + own.Range(45, 70), marks[27].Z - (0.012f * x * x));
            var end = new Vector3(x * own.Range(0.3f, 1.3f) + (15 * own.Normal()), marks[27].Y - own.Range(0, 110), marks[30].Z + own.Range(-6, 10) - (0.011f * x * x));
            var wave = own.Range(0, 7);
            for (var i = 0; i < 26; i++)
            {
                var rng = new Rng(unchecked((uint)((seed * 31) + (l * 1000) + i)));
                var spread = 2.2f * new Vector3(rng.Normal(), 0, 0.6f * rng.Normal());
                var points = new Vector3[13];
                for (var k = 0; k < points.Length; k++)
                {
                    var t = k / 12f;
                    points[k] = Vector3.Lerp(top, end, t) + (spread * (1 - (0.6f * t))) + new Vector3(wave * MathF.Sin(5 * t), 0, 6 * MathF.Sin(MathF.PI * t));
                }

                yield return new Strand(points, rng.Range(0.12f, 0.3f), colour * MathF.Exp(0.2f * rng.Normal()));
            }
        }
    }

    private static Strand Bent(Vector3 root, Vector3 start, Vector3 end, float length, int segments, float width, Vector3 albedo)
    {
        var points = new Vector3[segments + 1];
        points[0] = root;
        for (var k = 1; k <= segments; k++)
        {
            points[k] = points[k - 1] + (Vector3.Normalize(Vector3.Lerp(start, end, (k - 0.5f) / segments)) * (length / segments));
        }

        return new Strand(points, width, albedo);
    }
}
