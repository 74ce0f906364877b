using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>Random draws that every part of the generator shares.</summary>
internal static class Draw
{
    public static float Uniform(this Random random, float low, float high) => low + ((high - low) * random.NextSingle());

    public static float Normal(this Random random)
    {
        // Box–Muller; 1 − u keeps the logarithm finite.
        var r = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()));
        return r * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }

    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    public static Vector3 Direction(this Random random)
    {
        var v = new Vector3(random.Normal(), random.Normal(), random.Normal());
        return v.LengthSquared() < 1e-8f ? Vector3.UnitY : Vector3.Normalize(v);
    }

    /// <summary>A grey level spread over the scale, tinted: cloth, frames, backgrounds.</summary>
    public static Vector3 Colour(this Random random, float saturation)
    {
        var grey = MathF.Pow(random.NextSingle(), 1.5f);
        var tint = new Vector3(random.NextSingle(), random.NextSingle(), random.NextSingle());
        return Vector3.Clamp(Vector3.Lerp(new Vector3(grey), tint * (0.2f + grey), saturation), Vector3.Zero, Vector3.One);
    }
}
