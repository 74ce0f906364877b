using MoSar.Faces;
using MoSar.LightStage.Shapes;

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
        (["browInnerUpLeft", "browInnerUpRight"], 0.2f, 0.7f), (["browOuterUpLeft", "browOuterUpRight"], 0.15f, 0.8f), (["browDownLeft", "browDownRight"], 0.2f, 0.8f),
        (["eyeBlinkLeft", "eyeBlinkRight"], 0.15f, 1f), (["eyeSquintLeft", "eyeSquintRight"], 0.2f, 0.8f), (["eyeWideLeft", "eyeWideRight"], 0.04f, 0.6f),
        (["cheekSquintLeft", "cheekSquintRight"], 0.15f, 0.7f), (["cheekPuffLeft", "cheekPuffRight"], 0.04f, 0.7f), (["noseSneerLeft", "noseSneerRight"], 0.1f, 0.7f),
        (["eyeLookInLeft", "eyeLookOutRight"], 0.12f, 0.7f), (["eyeLookOutLeft", "eyeLookInRight"], 0.12f, 0.7f), (["eyeLookUpLeft", "eyeLookUpRight"], 0.08f, 0.6f), (["eyeLookDownLeft", "eyeLookDownRight"], 0.1f, 0.6f),
    ];

    private static readonly HashSet<string> Opening = ["jawOpen", "mouthFunnel", "mouthUpperUpLeft", "mouthLowerDownLeft", "mouthStretchLeft"];

    // Of all pictures, how many are at rest and how many smile; the others make up to three gestures. Fits of portraits find rest within a few
    // hundredths of neutral, and broad smiles at 0.2 to 0.5.
    private const float Resting = 0.42f, Smiling = 0.28f;

    private const int MostGestures = 3;

    private const float Weaker = 0.75f;
    private const int Attempts = 8;

    /// <returns>Coefficients in (0, 1] by name; names that the model lacks are left out.</returns>
    public static IReadOnlyDictionary<string, float> Draw(FaceModel model, ref Rng rng)
    {
        var result = new SortedDictionary<string, float>(StringComparer.Ordinal);
        var kind = rng.Next();
        if (kind >= Resting && kind < Resting + Smiling)
        {
            var smile = 0.08f + (0.5f * rng.Next());
            Add("mouthSmile", smile, 0.15f, ref rng);
            Add("cheekSquint", 0.5f * smile, 0.2f, ref rng);
            Add("eyeSquint", 0.4f * smile * rng.Next(), 0.2f, ref rng);
            Add("mouthUpperUp", 0.35f * smile * rng.Next(), 0.2f, ref rng);
            Add("jawOpen", MathF.Max(0, rng.Range(-0.3f, 0.16f)), 0, ref rng);
        }

        // At rest and smiling the others are hints, and none of them opens the mouth: of portraits' mouths most are shut.
        var (most, strength) = kind < Resting + Smiling ? (Gestures.Length, 0.15f) : (MostGestures, 1f);
        var taken = 0;
        foreach (var k in Shuffled(ref rng))
        {
            var (names, chance, largest) = Gestures[k];
            var (takes, amount, left) = (rng.Next() < 2 * chance, strength * largest * MathF.Pow(rng.Next(), 1.3f), rng.Range(0.75f, 1.25f));
            if (takes && !(strength < 1 && Opening.Contains(names[0])) && taken++ < most)
            {
                for (var i = 0; i < names.Length; i++)
                {
                    Put(names[i], amount * (i == 0 ? left : 2 - left));
                }
            }
        }

        // Lids at rest are a little lower than the template's.
        Add("eyeBlink", rng.Range(0, 0.22f), 0.05f, ref rng);
        return result;

        void Add(string gesture, float amount, float asymmetry, ref Rng rng)
        {
            var left = 1 + (asymmetry * rng.Range(-1, 1));
            Put(gesture, amount);
            Put(gesture + "Left", amount * left);
            Put(gesture + "Right", amount * (2 - left));
        }

        void Put(string name, float amount)
        {
            if (amount > 0 && model.ExpressionIndex(name) >= 0)
            {
                result[name] = Math.Clamp(result.GetValueOrDefault(name) + amount, 0, 1);
            }
        }
    }

    /// <summary>The person with an expression, weaker where its skin would run through itself: lips pressed by one whose lips rest on each other.</summary>
    /// <returns>The head, and the coefficients that it has.</returns>
    public static (Mesh Mesh, IReadOnlyDictionary<string, float> Expression) Act(FaceModel model, SubjectShape shape, IReadOnlyDictionary<string, float> wanted)
    {
        for (var attempt = 0; wanted.Count > 0 && attempt < Attempts; attempt++)
        {
            var strength = MathF.Pow(Weaker, attempt);
            var expression = wanted.ToDictionary(e => e.Key, e => strength * e.Value);
            var mesh = shape.WithExpression(Coefficients(model, expression));
            if (SelfCrossing.For(model).Find(mesh.Positions).Count == 0)
            {
                return (mesh, expression);
            }
        }

        return (shape.WithExpression([]), new Dictionary<string, float>());
    }

    private static float[] Coefficients(FaceModel model, Dictionary<string, float> expression)
    {
        var result = new float[model.ExpressionCount];
        foreach (var (name, weight) in expression)
        {
            result[model.ExpressionIndex(name)] = weight;
        }

        return result;
    }

    private static int[] Shuffled(ref Rng rng)
    {
        var order = Enumerable.Range(0, Gestures.Length).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)(rng.Next() * (i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
