using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>One person's skin, drawn at random and written to subject.json. Amounts are in [0, 1] unless they say otherwise.</summary>
public sealed record SkinParameters
{
    /// <summary>Of everything that has a place: pores, freckles, strands.</summary>
    public uint Seed { get; init; }

    /// <summary>Index in <see cref="SkinTone.Classes"/>.</summary>
    public int ToneClass { get; init; }

    /// <summary>Degrees, of the cheeks' and forehead's mean.</summary>
    public float Ita { get; init; }

    /// <summary>Coefficients of the albedo model: the low frequencies.</summary>
    public IReadOnlyList<float> Albedo { get; init; } = [];

    /// <summary>Years.</summary>
    public float Age { get; init; } = 35;

    /// <summary>Blood beyond the albedo model's, −0.15 to 0.3 of <see cref="SkinTone.Haemoglobin"/>.</summary>
    public float Flush { get; init; }

    /// <summary>Unevenness of both pigments.</summary>
    public float Mottling { get; init; }

    public float Freckles { get; init; }

    /// <summary>How many.</summary>
    public int Moles { get; init; }

    /// <summary>How many pimples and marks.</summary>
    public int Blemishes { get; init; }

    /// <summary>Depth of pores relative to the mean.</summary>
    public float Pores { get; init; } = 1;

    /// <summary>Depth of furrows relative to what the age gives.</summary>
    public float Wrinkles { get; init; } = 1;

    public float Oiliness { get; init; }

    /// <summary>Density of cut beard.</summary>
    public float Stubble { get; init; }

    public float BrowDensity { get; init; } = 0.7f;

    /// <summary>Height of the brows in mm.</summary>
    public float BrowHeight { get; init; } = 7;

    /// <summary>How far the brows lie above the template's, how much their middle more than their ends, and how far their ends lie outwards: towards the temple and at the nose. mm.</summary>
    public float BrowRaise { get; init; }

    public float BrowArch { get; init; }

    public float BrowTail { get; init; }

    public float BrowGap { get; init; }

    /// <summary>Linear reflectance of the brows: darker than fair hair, later grey.</summary>
    public Vector3 BrowColour { get; init; } = new(0.02f, 0.014f, 0.01f);

    /// <summary>Whether the scalp has short hair; it is bare otherwise.</summary>
    public bool ScalpHair { get; init; }

    /// <summary>Linear reflectance of hair and stubble, before it greys.</summary>
    public Vector3 Hair { get; init; }

    /// <summary>Share of hairs that are white.</summary>
    public float Grey { get; init; }

    /// <summary>What hair of both colours looks like from afar.</summary>
    internal Vector3 HairFromAfar => Vector3.Lerp(Hair, White, Grey);

    /// <summary>Linear reflectance of white hair.</summary>
    internal static Vector3 White { get; } = new(0.32f, 0.31f, 0.30f);

    /// <summary>Linear reflectance of the middle of the iris.</summary>
    public Vector3 Iris { get; init; }

    internal IrisColours EyeColours => new(0.6f * Iris, Iris);

    /// <summary>Of the left eye's veins and fibres; the right eye's is the next.</summary>
    internal uint EyeSeed => Seed % 100_000;

    /// <summary>Lipstick, and its colour.</summary>
    public float Lipstick { get; init; }

    public Vector3 LipstickColour { get; init; }

    /// <summary>Shadow on the upper lids.</summary>
    public float EyeShadow { get; init; }

    /// <summary>Of the cheeks.</summary>
    public float Blush { get; init; }

    private static readonly Vector3[] HairColours =
        [new(0.012f, 0.009f, 0.008f), new(0.022f, 0.014f, 0.010f), new(0.055f, 0.030f, 0.017f), new(0.11f, 0.062f, 0.033f), new(0.24f, 0.155f, 0.085f), new(0.16f, 0.055f, 0.02f)];

    private static readonly Vector3[] IrisColours =
        [new(0.035f, 0.018f, 0.010f), new(0.075f, 0.038f, 0.018f), new(0.13f, 0.085f, 0.035f), new(0.11f, 0.12f, 0.065f), new(0.12f, 0.16f, 0.20f), new(0.17f, 0.20f, 0.21f)];

    /// <summary>A person. Tones are uniform over the six classes by stratification: subject i of any run has class i mod 6.</summary>
    /// <param name="seed">Of the run.</param>
    /// <param name="subject">Number of the subject.</param>
    /// <param name="albedoModes">Of the face model.</param>
    public static SkinParameters Draw(uint seed, int subject, int albedoModes)
    {
        var rng = new Rng(unchecked((seed * 0x9E3779B1u) ^ ((uint)subject * 0x85EBCA77u) ^ 0x5eed5417u));
        var tone = subject % SkinTone.Classes.Count;
        var ita = SkinTone.Within(tone, rng.Next());
        var albedo = new float[albedoModes];
        for (var k = 0; k < albedo.Length; k++)
        {
            albedo[k] = Math.Clamp(rng.Normal(), -2.2f, 2.2f);
        }

        // Fair hair and light eyes go with light skin, not without exception.
        var light = Math.Clamp((ita - 10) / 45, 0, 1);
        var age = 18 + (62 * MathF.Pow(rng.Next(), 1.6f));
        var hair = HairColours[(int)(rng.Next() * (light > 0.4f ? 5.99f : 2.4f))] * rng.Range(0.75f, 1.3f);
        var grey = Math.Clamp(((age - 55) / 25) + rng.Range(-0.3f, 0.3f), 0, 1);
        var iris = IrisColours[(int)(rng.Next() * (light > 0.4f ? 5.99f : 2.2f))] * rng.Range(0.8f, 1.25f);
        var bearded = rng.Next() < 0.42f;
        var madeUp = !bearded && rng.Next() < 0.45f;
        if (madeUp && rng.Next() < 0.6f)
        {
            grey = 0;
        }

        return new SkinParameters
        {
            Seed = (uint)(rng.Next() * 16777216f),
            ToneClass = tone,
            Ita = ita,
            Albedo = albedo,
            Age = age,
            Flush = rng.Range(-0.08f, 0.14f) * (0.4f + (0.6f * light)),
            Mottling = rng.Range(0.3f, 1f),
            Freckles = rng.Next() < 0.15f + (0.25f * light) ? rng.Range(0.1f, 1f) : 0,
            Moles = (int)(8 * rng.Next() * rng.Next()),
            Blemishes = (int)(14 * MathF.Pow(rng.Next(), 3)),
            Pores = rng.Range(0.5f, 1.5f),
            Wrinkles = rng.Range(0.6f, 1.4f),
            Oiliness = rng.Next(),
            Stubble = bearded ? rng.Range(0.1f, 1f) : 0,
            BrowDensity = rng.Range(0.35f, 1f),
            BrowHeight = rng.Range(6f, 11f) - (madeUp ? 2 : 0),
            BrowRaise = Math.Clamp(-1.4f + (2.2f * rng.Normal()), -5, 4),
            BrowArch = Math.Clamp(-0.5f + (1.6f * rng.Normal()), -3.5f, 3),
            BrowTail = Math.Clamp(-1 + (2 * rng.Normal()), -4.5f, 3.5f),
            BrowGap = Math.Clamp(1.6f * rng.Normal(), -3.5f, 3.5f),
            BrowColour = Vector3.Lerp(hair * rng.Range(0.45f, 0.9f), White, 0.5f * grey * grey),
            ScalpHair = rng.Next() < 0.93f,
            Hair = hair,
            Grey = grey,
            Iris = iris,
            Lipstick = madeUp ? rng.Range(0.1f, 0.9f) : 0,
            LipstickColour = Vector3.Lerp(new Vector3(0.42f, 0.09f, 0.10f), new Vector3(0.36f, 0.14f, 0.13f), rng.Next()) * rng.Range(0.5f, 1.1f) * float.Lerp(0.4f, 1, light),
            EyeShadow = madeUp ? rng.Range(0f, 0.6f) : 0,
            Blush = madeUp ? rng.Range(0f, 0.5f) : 0,
        };
    }
}
