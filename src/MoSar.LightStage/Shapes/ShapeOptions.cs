namespace MoSar.LightStage.Shapes;

/// <summary>How far drawn shapes go.</summary>
public sealed record ShapeOptions
{
    /// <summary>Standard deviations at which identity coefficients are cut off: a normal distribution's tails are no faces.</summary>
    public float IdentityLimit { get; init; } = 2.5f;

    /// <summary>A factor on all variation that is not linear; 0 leaves the face model's own shapes.</summary>
    public float Strength { get; init; } = 1;

    /// <summary>From 1. Each person's identity and warps are taken as many times as far as drawn, by a factor of their own between 1 and this.</summary>
    public float Spread { get; init; } = 1;

    /// <summary>Years; null: drawn, 18 to 80.</summary>
    public float? Age { get; init; }

    /// <summary>−1 thin to 1.6 heavy; null: drawn.</summary>
    public float? Weight { get; init; }
}
