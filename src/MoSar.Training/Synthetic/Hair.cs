using System.Numerics;
using MoSar.Faces;

namespace MoSar.Training.Synthetic;

/// <summary>
/// Hair on a head: a shell over the scalp (and the jaw, for beards) that stands off the skin, and strands that hang from it. The hairline
/// is a cap about an axis that points up and back, with noise; nobody's in particular, but it hides foreheads, ears and temples as hair does.
/// </summary>
internal sealed record Hair
{
    public required uint Seed { get; init; }

    public required Vector3 Axis { get; init; }

    /// <summary>The cap's opening as a cosine; 2 for a bald head.</summary>
    public required float CapCosine { get; init; }

    public required float Ragged { get; init; }

    /// <summary>Millimetres.</summary>
    public required float Thickness { get; init; }

    /// <summary>Strength of the beard's colour and its thickness in mm.</summary>
    public required float Beard { get; init; }

    public required float BeardThickness { get; init; }

    public required int Strands { get; init; }

    public required float StrandLength { get; init; }

    public required bool Fringe { get; init; }

    public required Vector3 Colour { get; init; }

    public required float Streaks { get; init; }

    public required bool IsCloth { get; init; }

    private static readonly Vector3[] Colours =
    [
        new(0.008f, 0.007f, 0.006f), new(0.02f, 0.012f, 0.008f), new(0.05f, 0.028f, 0.015f), new(0.11f, 0.06f, 0.03f),
        new(0.22f, 0.13f, 0.06f), new(0.42f, 0.29f, 0.15f), new(0.20f, 0.06f, 0.02f), new(0.28f, 0.28f, 0.28f), new(0.5f, 0.5f, 0.48f),
    ];

    public static Hair Any(Random random)
    {
        var bald = random.Chance(0.1);
        var cloth = !bald && random.Chance(0.1);
        var bearded = random.Chance(0.3);
        var colour = random.Chance(0.05) ? random.Colour(0.9f) : Colours[random.Next(Colours.Length)] * random.Uniform(0.6f, 1.5f);
        return new Hair
        {
            Seed = (uint)random.Next(),
            Axis = Vector3.Normalize(new Vector3(0.06f * random.Normal(), random.Uniform(0.7f, 1.1f), random.Uniform(-0.9f, -0.45f))),
            CapCosine = bald ? 2 : MathF.Cos(random.Uniform(1.15f, 1.75f)),
            Ragged = cloth ? 0.02f : random.Uniform(0.02f, 0.14f),
            Thickness = random.Chance(0.4) ? random.Uniform(1, 8) : random.Uniform(8, 45),
            Beard = bearded ? random.Uniform(0.3f, 1) : 0,
            BeardThickness = bearded && random.Chance(0.5) ? random.Uniform(2, 22) : 0.5f,
            Strands = bald || cloth || random.Chance(0.4) ? 0 : random.Next(60, 260),
            StrandLength = random.Uniform(40, 320),
            Fringe = random.Chance(0.25),
            Colour = cloth ? random.Colour(0.8f) : colour,
            Streaks = cloth ? 0.1f : random.Uniform(0.2f, 0.7f),
            IsCloth = cloth,
        };
    }

    /// <summary>How much hair grows on each vertex, scalp and beard, from the mean head so that it does not move with expression.</summary>
    public (float[] Cover, float[] Height) Grow(FaceModel model, Vector3 centre, float[] beardField, float[] allowed)
    {
        var cover = new float[model.Mean.Length];
        var height = new float[model.Mean.Length];
        Parallel.For(0, cover.Length, i =>
        {
            if (allowed[i] <= 0)
            {
                return;
            }

            var p = model.Mean[i];
            var d = Vector3.Normalize(p - centre);
            var inside = Vector3.Dot(d, Axis) - CapCosine + (Ragged * ValueNoise.Fractal(p * 0.04f, Seed, 3));
            var scalp = SkinAtlas.Smooth((inside * 8) + 0.5f);
            var beard = Beard * beardField[i];
            cover[i] = allowed[i] * MathF.Max(scalp, beard);
            var lump = 1 + (0.35f * ValueNoise.Fractal(p * 0.02f, Seed + 5, 2));
            height[i] = allowed[i] * ((Thickness * lump * SkinAtlas.Smooth(inside * 3.5f)) + (BeardThickness * beard * beard * lump));
        });
        return (cover, height);
    }

    /// <summary>Strands from covered vertices: out of the head, then down, pushed off an ellipsoid that stands for the skull.</summary>
    public void AddStrands(Props props, Random random, ReadOnlySpan<Vector3> positions, ReadOnlySpan<Vector3> normals, float[] cover, float[] height, Vector3 centre, Vector3 radii)
    {
        var roots = Enumerable.Range(0, cover.Length).Where(i => cover[i] > 0.7f && height[i] > 0.3f * Thickness).ToArray();
        if (roots.Length == 0 || CapCosine > 1)
        {
            return;
        }

        const int Segments = 9;
        Span<Vector3> path = stackalloc Vector3[Segments];
        Span<Vector3> side = stackalloc Vector3[Segments];
        float comb = random.Uniform(-0.5f, 0.5f), lift = random.Uniform(0.2f, 0.9f), weight = random.Uniform(0.4f, 1.2f);
        for (var s = 0; s < Strands; s++)
        {
            var root = roots[random.Next(roots.Length)];
            var p = positions[root] + (normals[root] * height[root] * random.Uniform(0.5f, 1f));
            var front = positions[root].Z > centre.Z + (0.4f * radii.Z);
            if (front && !Fringe && MathF.Abs(positions[root].X - centre.X) < 0.5f * radii.X)
            {
                continue;
            }

            var length = front ? MathF.Min(StrandLength, random.Uniform(15, 75)) : StrandLength * random.Uniform(0.7f, 1.1f);
            var step = length / (Segments - 1);
            var direction = Vector3.Normalize((lift * normals[root]) + new Vector3(comb + (0.25f * random.Normal()), -0.5f, 0.2f * random.Normal()));
            var half = random.Uniform(2f, 9f);
            for (var i = 0; i < Segments; i++)
            {
                path[i] = p;
                var outward = (p - centre) / radii;
                var across = Vector3.Cross(direction, outward / radii);
                across = across.LengthSquared() > 1e-9f ? Vector3.Normalize(across) : Vector3.UnitX;
                side[i] = across * half * (1 - (0.7f * i / (Segments - 1)));
                direction = Vector3.Normalize(direction + new Vector3(0.1f * random.Normal(), -weight, 0.1f * random.Normal()));
                p += direction * step;
                outward = (p - centre) / radii;
                var r = outward.Length();
                if (r < 1.06f && r > 0.1f)
                {
                    p = centre + ((p - centre) * (1.06f / r));
                }
            }

            props.AddRibbon(path, side, Material.Strand, random.NextSingle());
        }
    }
}
