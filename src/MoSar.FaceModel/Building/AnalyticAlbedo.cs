using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// A plausible albedo until one is learned: skin by Beer's law in melanin and haemoglobin, painted regions for lips, brows, hair and eyes.
/// Modes are the differences at one standard deviation of each cause, so that they read like a PCA's.
/// </summary>
internal static class AnalyticAlbedo
{
    // Linear Rec.709; the absorbances are those of thin layers of melanin and of blood, scaled to one standard deviation among people.
    private static readonly Vector3 Skin = new(0.50f, 0.295f, 0.205f);
    private static readonly Vector3 Melanin = new(0.26f, 0.42f, 0.56f);
    private static readonly Vector3 Blood = new(0.03f, 0.20f, 0.17f);
    private static readonly Vector3 Hair = new(0.045f, 0.028f, 0.018f);
    private static readonly Vector3 Sclera = new(0.62f, 0.56f, 0.53f);
    private static readonly Vector3 Iris = new(0.075f, 0.055f, 0.040f);
    private static readonly Vector3 Socket = new(0.24f, 0.065f, 0.055f);
    private static readonly Vector3 Tooth = new(0.66f, 0.60f, 0.48f);

    public static (Vector3[] Mean, Vector3[][] Modes) Paint(IReadOnlyDictionary<string, float[]> regions, Vector3[] positions)
    {
        var eyes = Eyes(regions["eyeballs"], positions);
        var mean = Evaluate(regions, eyes, default);
        Causes[] axes =
        [
            new() { Melanin = 1 },
            new() { Blood = 1 },
            new() { Flush = 1 },
            new() { Lips = 1 },
            new() { Brows = 1 },
            new() { Stubble = 1 },
            new() { Iris = 1 },
        ];
        return (mean, [.. axes.Select(a => Difference(Evaluate(regions, eyes, a), mean))]);
    }

    private readonly record struct Causes(float Melanin, float Blood, float Flush, float Lips, float Brows, float Stubble, float Iris);

    private static Vector3[] Evaluate(IReadOnlyDictionary<string, float[]> r, (float Iris, float Pupil)[] eyes, Causes c)
    {
        var colours = new Vector3[eyes.Length];
        for (var i = 0; i < colours.Length; i++)
        {
            if (r["eyeballs"][i] > 0.5f)
            {
                var iris = Iris * new Vector3(1 - (.2f * c.Iris), 1 + (.5f * c.Iris), 1 + (1.4f * c.Iris));
                colours[i] = Vector3.Lerp(Vector3.Lerp(Sclera, iris, eyes[i].Iris), new Vector3(0.004f), eyes[i].Pupil);
                continue;
            }

            if (r["teeth"][i] > 0.5f)
            {
                colours[i] = Tooth;
                continue;
            }

            if (r["mouth_socket"][i] + r["gums"][i] > 0.5f)
            {
                colours[i] = Socket;
                continue;
            }

            var blood = (0.5f * c.Blood) + ((0.55f + (0.6f * c.Flush)) * ((0.8f * r["cheeks"][i]) + (0.7f * r["nose"][i]) + (0.8f * r["ears"][i]) + (0.2f * r["chin"][i])))
                + ((1.9f + (0.6f * c.Lips)) * r["lips"][i]);
            var melanin = (0.9f * c.Melanin) + (0.12f * r["eyelids"][i]) + ((0.25f + (0.12f * c.Lips)) * r["lips"][i]) + (0.1f * r["neck"][i]);
            var skin = Skin * Exp(-(melanin * Melanin) - (blood * Blood));
            var hair = (0.55f + (0.22f * c.Brows)) * r["brows"][i];
            var beard = (0.06f + (0.06f * c.Stubble)) * r["stubble"][i];
            colours[i] = Vector3.Lerp(skin, Hair, Math.Clamp(hair + beard + (0.35f * r["scalp"][i]), 0, 1));
        }

        return colours;
    }

    /// <summary>How much of iris and of pupil an eyeball's vertex shows, by its angle to the gaze.</summary>
    private static (float Iris, float Pupil)[] Eyes(float[] eyeballs, Vector3[] positions)
    {
        var result = new (float, float)[positions.Length];
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            var members = Enumerable.Range(0, positions.Length).Where(i => eyeballs[i] > .5f && positions[i].X * side > 0).ToArray();
            if (members.Length == 0)
            {
                continue;
            }

            var low = members.Select(i => positions[i]).Aggregate(Vector3.Min);
            var high = members.Select(i => positions[i]).Aggregate(Vector3.Max);
            var radius = (high.X - low.X + high.Y - low.Y) / 4;
            foreach (var i in members)
            {
                var d = positions[i] - ((low + high) / 2);
                var off = d.Z > 0 ? MathF.Sqrt((d.X * d.X) + (d.Y * d.Y)) / radius : 1;

                // The iris is about half as wide as the eyeball, the pupil a third of the iris.
                result[i] = (1 - Math.Clamp((off - .40f) / .06f, 0, 1), 1 - Math.Clamp((off - .14f) / .05f, 0, 1));
            }
        }

        return result;
    }

    private static Vector3[] Difference(Vector3[] a, Vector3[] b) => [.. a.Zip(b, (x, y) => x - y)];

    private static Vector3 Exp(Vector3 v) => new(MathF.Exp(v.X), MathF.Exp(v.Y), MathF.Exp(v.Z));
}
