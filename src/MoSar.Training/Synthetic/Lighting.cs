using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>Light on a synthetic head, in the camera's frame: sky and ground, soft lamps, and one hard lamp that casts shadows.</summary>
internal sealed record Lighting(
    Vector3 Up, Vector3 Sky, Vector3 Ground, (Vector3 Direction, Vector3 Colour, float Wrap)[] Lamps, Vector3 Sun, Vector3 SunColour, float Gloss, float Shine, bool Gobo, uint Seed)
{
    /// <summary>A bright sky and one soft lamp from the front: a plain portrait.</summary>
    public static Lighting Soft { get; } = new(
        Vector3.UnitY, new Vector3(0.6f), new Vector3(0.3f), [(Vector3.Normalize(new Vector3(0.3f, 0.4f, 1)), new Vector3(0.5f), 0.5f)], Vector3.UnitZ, Vector3.Zero, 0.05f, 20, false, 1);

    public static Lighting Any(Random random)
    {
        var lamps = new (Vector3, Vector3, float)[random.Next(0, 4)];
        for (var i = 0; i < lamps.Length; i++)
        {
            lamps[i] = (Towards(random, -0.3f), Tint(random) * random.Uniform(0.1f, 0.9f), random.Uniform(0, 0.6f));
        }

        var hard = random.Chance(0.55);
        var ambient = random.Uniform(0.05f, 0.8f);
        return new Lighting(
            random.Direction(),
            Tint(random) * ambient,
            Tint(random) * ambient * random.Uniform(0.1f, 1f),
            lamps,
            Towards(random, -0.2f),
            hard ? Tint(random) * random.Uniform(0.3f, 1.8f) : Vector3.Zero,
            random.Uniform(0.0f, 0.25f),
            random.Uniform(6, 50),
            hard && random.Chance(0.15),
            (uint)random.Next());
    }

    /// <summary>Irradiance over π at a normal.</summary>
    /// <param name="lit">How much of the hard lamp arrives, in [0, 1].</param>
    public Vector3 Diffuse(Vector3 n, float lit)
    {
        var e = Vector3.Lerp(Ground, Sky, 0.5f + (0.5f * Vector3.Dot(n, Up)));
        foreach (var (direction, colour, wrap) in Lamps)
        {
            e += colour * MathF.Max(0, (Vector3.Dot(n, direction) + wrap) / (1 + wrap));
        }

        return e + (SunColour * (lit * MathF.Max(0, Vector3.Dot(n, Sun))));
    }

    public Vector3 Highlight(Vector3 n, Vector3 view, float lit, float shine)
    {
        var s = SunColour * (lit * MathF.Pow(MathF.Max(0, Vector3.Dot(n, Vector3.Normalize(Sun + view))), shine));
        foreach (var (direction, colour, _) in Lamps)
        {
            s += colour * MathF.Pow(MathF.Max(0, Vector3.Dot(n, Vector3.Normalize(direction + view))), shine);
        }

        return s;
    }

    private static Vector3 Towards(Random random, float lowest)
    {
        while (true)
        {
            // Mostly from the camera's side and from above; a light from behind makes a rim.
            var d = random.Direction();
            if (d.Y > lowest && d.Z > -0.4f)
            {
                return d;
            }
        }
    }

    private static Vector3 Tint(Random random)
    {
        var warmth = 0.22f * random.Normal();
        var tint = new Vector3(MathF.Exp(warmth), 1, MathF.Exp(-warmth));
        return random.Chance(0.05) ? Vector3.Lerp(tint, random.Colour(1) * 2, 0.6f) : tint;
    }
}
