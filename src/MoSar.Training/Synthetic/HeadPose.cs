using System.Numerics;
using MoSar.Faces;

namespace MoSar.Training.Synthetic;

/// <summary>Who, which face and seen from where: everything random that moves vertices.</summary>
internal sealed record HeadPose(float[] Identity, float[] Expression, Matrix4x4 Rotation, Vector3 Translation)
{
    private static readonly string[] Gaze = ["eyeLookUp", "eyeLookDown", "eyeLookIn", "eyeLookOut"];

    public static HeadPose Any(FaceModel model, Random random, Vector3 pivot, bool calm = false)
    {
        var spread = random.Uniform(0.6f, 1.35f);
        var identity = Enumerable.Range(0, model.IdentityCount).Select(_ => spread * random.Normal()).ToArray();
        const float Degree = MathF.PI / 180;
        var yaw = random.NextSingle() switch
        {
            < 0.45f => 15 * random.Normal(),
            < 0.8f => random.Uniform(-45, 45),
            _ => random.Uniform(-78, 78),
        };
        var pitch = Math.Clamp(13 * random.Normal(), -36, 36);
        var roll = Math.Clamp(8 * random.Normal(), -25, 25);
        var rotation = Matrix4x4.CreateRotationY(Math.Clamp(yaw, -78, 78) * Degree) * Matrix4x4.CreateRotationX(pitch * Degree) * Matrix4x4.CreateRotationZ(roll * Degree);

        if (calm)
        {
            (yaw, pitch, roll) = (0.15f * yaw, 0.3f * pitch, 0.3f * roll);
        }

        // From a selfie at arm's bend to a long lens; the head need not be in the picture's middle, which shears it in perspective.
        var distance = calm ? 900 : 240 * MathF.Exp(MathF.Log(2600f / 240) * MathF.Pow(random.NextSingle(), 0.8f));
        var aside = new Vector3(0.16f * random.Normal(), 0.16f * random.Normal(), -1) * distance;
        return new HeadPose(identity, calm ? new float[model.ExpressionCount] : AnyExpression(model, random), rotation, aside - Vector3.Transform(pivot, rotation));
    }

    private static float[] AnyExpression(FaceModel model, Random random)
    {
        var values = new Dictionary<string, float>();
        void Set(string name, float value) => values[name] = Math.Clamp(value, 0, 1);
        var names = model.Template.Expressions.Select(e => Base(e.Name)).Distinct().Where(n => !n.StartsWith("eye", StringComparison.Ordinal)).ToArray();
        switch (random.NextSingle())
        {
            case < 0.2f:
                break;
            case < 0.45f:
                Set("mouthSmile", random.Uniform(0.2f, 1));
                Set("cheekSquint", random.Uniform(0, 0.7f));
                Set("mouthUpperUp", random.Chance(0.5) ? random.Uniform(0, 0.6f) : 0);
                Set("mouthLowerDown", random.Chance(0.4) ? random.Uniform(0, 0.5f) : 0);
                Set("jawOpen", random.Chance(0.5) ? random.Uniform(0, 0.35f) : 0);
                break;
            case < 0.6f:
                Set("jawOpen", random.Uniform(0.15f, 1));
                Set("browInnerUp", random.Uniform(0, 1));
                Set("browOuterUp", random.Uniform(0, 1));
                break;
            default:
                for (var i = random.Next(1, 7); i > 0; i--)
                {
                    Set(names[random.Next(names.Length)], random.Uniform(0, 0.9f));
                }

                break;
        }

        var blink = random.Chance(0.1) ? random.Uniform(0.6f, 1) : random.Uniform(0, 0.3f);
        Set("eyeBlink", blink);
        Set("eyeWide", random.Chance(0.15) ? random.NextSingle() : 0);
        Set("eyeSquint", random.Chance(0.2) ? random.NextSingle() : 0);
        var lookUp = random.Uniform(-0.7f, 0.5f);
        var lookLeft = random.Uniform(-0.7f, 0.7f);
        return [.. model.Template.Expressions.Select(e => Value(e.Name))];

        float Value(string name)
        {
            var stem = Base(name);
            var left = name.EndsWith("Left", StringComparison.Ordinal) || name.EndsWith("_L", StringComparison.Ordinal);
            if (Array.IndexOf(Gaze, stem) >= 0)
            {
                // The subject's left eye looks out when it looks to the left; the right one looks in.
                return stem switch
                {
                    "eyeLookUp" => MathF.Max(0, lookUp),
                    "eyeLookDown" => MathF.Max(0, -lookUp),
                    "eyeLookOut" => MathF.Max(0, left ? lookLeft : -lookLeft),
                    _ => MathF.Max(0, left ? -lookLeft : lookLeft),
                };
            }

            var value = values.GetValueOrDefault(stem);
            return value <= 0 ? 0 : Math.Clamp(value * random.Uniform(0.8f, 1.2f) * (stem == "eyeBlink" && blink < 0.5f ? 1 : random.Chance(0.1) ? random.NextSingle() : 1), 0, 1);
        }
    }

    private static string Base(string name) =>
        name.EndsWith("Left", StringComparison.Ordinal) ? name[..^4]
        : name.EndsWith("Right", StringComparison.Ordinal) ? name[..^5]
        : name.EndsWith("_L", StringComparison.Ordinal) || name.EndsWith("_R", StringComparison.Ordinal) ? name[..^2]
        : name;
}
