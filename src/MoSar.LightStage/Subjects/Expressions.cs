using MoSar.Faces;

namespace MoSar.LightStage.Subjects;

/// <summary>Random expressions that faces make: a few gestures of both sides together, a little asymmetry, the mouth more often than the rest.</summary>
internal static class Expressions
{
    // ARKit names; a gesture's second half is its mirror. Chance of taking part, largest coefficient.
    private static readonly (string[] Names, float Chance, float Most)[] Gestures =
    [
        (["mouthSmileLeft", "mouthSmileRight"], 0.35f, 0.9f), (["jawOpen"], 0.3f, 0.6f), (["mouthFrownLeft", "mouthFrownRight"], 0.1f, 0.7f),
        (["mouthPucker"], 0.08f, 0.8f), (["mouthFunnel"], 0.06f, 0.6f), (["mouthStretchLeft", "mouthStretchRight"], 0.08f, 0.6f),
        (["mouthUpperUpLeft", "mouthUpperUpRight"], 0.12f, 0.6f), (["mouthLowerDownLeft", "mouthLowerDownRight"], 0.12f, 0.6f),
        (["mouthPressLeft", "mouthPressRight"], 0.1f, 0.7f), (["mouthDimpleLeft", "mouthDimpleRight"], 0.1f, 0.7f), (["mouthLeft"], 0.05f, 0.5f), (["mouthRight"], 0.05f, 0.5f),
        (["browInnerUp"], 0.2f, 0.8f), (["browOuterUpLeft", "browOuterUpRight"], 0.15f, 0.8f), (["browDownLeft", "browDownRight"], 0.2f, 0.8f),
        (["eyeBlinkLeft", "eyeBlinkRight"], 0.15f, 1f), (["eyeSquintLeft", "eyeSquintRight"], 0.2f, 0.8f), (["eyeWideLeft", "eyeWideRight"], 0.1f, 0.7f),
        (["cheekSquintLeft", "cheekSquintRight"], 0.15f, 0.7f), (["cheekPuff"], 0.04f, 0.7f), (["noseSneerLeft", "noseSneerRight"], 0.1f, 0.7f),
        (["eyeLookInLeft", "eyeLookOutRight"], 0.12f, 0.7f), (["eyeLookOutLeft", "eyeLookInRight"], 0.12f, 0.7f), (["eyeLookUpLeft", "eyeLookUpRight"], 0.08f, 0.6f), (["eyeLookDownLeft", "eyeLookDownRight"], 0.1f, 0.6f),
    ];

    /// <returns>Coefficients in (0, 1] by name; names that the model lacks are left out.</returns>
    public static IReadOnlyDictionary<string, float> Draw(FaceModel model, ref Rng rng)
    {
        var result = new SortedDictionary<string, float>(StringComparer.Ordinal);
        var neutral = rng.Next() < 0.2f;
        foreach (var (names, chance, most) in Gestures)
        {
            var (takes, amount, left) = (rng.Next() < chance && !neutral, most * MathF.Pow(rng.Next(), 0.8f), rng.Range(0.75f, 1.25f));
            for (var i = 0; takes && i < names.Length; i++)
            {
                if (model.ExpressionIndex(names[i]) >= 0)
                {
                    result[names[i]] = Math.Clamp(amount * (i == 0 ? left : 2 - left), 0, 1);
                }
            }
        }

        return result;
    }
}
