using System.Numerics;

namespace MoSar.LightStage;

/// <summary>How hair grows and is combed. Millimetres.</summary>
public sealed record HairStyle
{
    /// <summary>Linear Rec.709.</summary>
    public required Vector3 Colour { get; init; }

    /// <summary>Share of hairs that are white.</summary>
    public float Grey { get; init; }

    /// <summary>From the brows up to the hairline in the middle.</summary>
    public float Forehead { get; init; } = 52;

    /// <summary>How far the line draws back at the temples.</summary>
    public float Temples { get; init; } = 4;

    /// <summary>Length on top, and at sides and back.</summary>
    public float Top { get; init; } = 60;

    public float Sides { get; init; } = 15;

    /// <summary>How far it stands off.</summary>
    public float Volume { get; init; } = 12;

    /// <summary>Where the parting runs, in half heads towards the person's left; beyond ±1 there is none.</summary>
    public float Parting { get; init; } = 0.45f;

    /// <summary>−1 forward over the forehead, 1 back.</summary>
    public float Back { get; init; } = 0.3f;

    /// <summary>Radius of curls; 0 straight.</summary>
    public float Curl { get; init; }

    /// <summary>Turns a centimetre.</summary>
    public float Turns { get; init; } = 0.5f;

    /// <summary>How single hairs stray.</summary>
    public float Frizz { get; init; } = 1;

    private static readonly (float Share, Vector3 Colour)[] Natural =
    [
        (0.34f, new(0.010f, 0.0085f, 0.0075f)), (0.22f, new(0.022f, 0.0135f, 0.009f)), (0.18f, new(0.045f, 0.026f, 0.015f)), (0.10f, new(0.095f, 0.055f, 0.028f)),
        (0.07f, new(0.20f, 0.125f, 0.06f)), (0.04f, new(0.36f, 0.25f, 0.13f)), (0.03f, new(0.15f, 0.047f, 0.016f)), (0.02f, new(0.30f, 0.29f, 0.28f)),
    ];

    internal static HairStyle Draw(ref Rng rng, Vector3? colour, float age)
    {
        var (pick, sum) = (rng.Next(), 0f);
        var own = Natural[^1].Colour;
        foreach (var (share, natural) in Natural)
        {
            sum += share;
            if (pick < sum)
            {
                own = natural;
                break;
            }
        }

        own = (colour ?? own) * MathF.Exp(0.2f * rng.Normal());
        var kind = rng.Next();
        var curly = rng.Next() < 0.25f;
        var style = new HairStyle
        {
            Colour = own,
            Grey = Math.Clamp(((age - 38) / 45) + (0.2f * rng.Normal()), 0, 0.9f),
            Forehead = rng.Range(42, 54),
            Temples = rng.Range(0, 6) + (0.12f * MathF.Max(0, age - 40)),
            Parting = rng.Next() < 0.35f ? 2 : rng.Range(-0.7f, 0.7f),
            Back = rng.Range(-0.9f, 1f),
            Curl = curly ? rng.Range(1.5f, 5) : rng.Next() < 0.4f ? rng.Range(0.3f, 1.5f) : 0,
            Turns = rng.Range(0.15f, 0.7f),
            Frizz = rng.Range(0.4f, 1.6f),
        };
        return kind switch
        {
            < 0.20f => style with { Top = rng.Range(6, 16), Sides = rng.Range(3, 9), Volume = rng.Range(1, 4), Curl = MathF.Min(style.Curl, 1.5f) },
            < 0.50f => style with { Top = rng.Range(28, 75), Sides = rng.Range(6, 28), Volume = rng.Range(5, 22) },
            < 0.70f => style with { Top = rng.Range(80, 150), Sides = rng.Range(70, 150), Volume = rng.Range(8, 20), Back = MathF.Max(style.Back, -0.2f) },
            < 0.92f => style with { Top = rng.Range(180, 330), Sides = rng.Range(180, 330), Volume = rng.Range(6, 18), Back = rng.Range(0, 0.8f) },
            _ => style with { Top = rng.Range(35, 70), Sides = rng.Range(35, 70), Volume = rng.Range(25, 48), Curl = rng.Range(3, 6), Turns = rng.Range(0.5f, 0.9f), Parting = 2 },
        };
    }
}
