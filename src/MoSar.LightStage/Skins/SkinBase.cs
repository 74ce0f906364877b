using System.Numerics;
using MoSar.Faces;

namespace MoSar.LightStage.Skins;

/// <summary>
/// The low frequencies of a skin: a person of the albedo model (learned from portraits) without brows, whose tone is led along the melanin axis to
/// the ITA° that was drawn. What the model says of the places (lips, cheeks, lids) stays.
/// </summary>
internal static class SkinBase
{
    private const int Relaxations = 300;
    private const float Darkest = 0.012f;

    // Beyond the modes of tone a portrait's remaining light is learned along with its skin.
    private const int ToneModes = 3;
    private const float OtherModes = 0.55f;

    // Logarithm of red over green, and green over blue, that places of a face differ by.
    private const float MostHue = 0.3f;

    private const int ToneRounds = 4;

    /// <returns>Logarithm of linear reflectance at each vertex.</returns>
    public static Vector3[] Make(FaceModel model, SkinParameters skin)
    {
        var albedo = model.Albedo([.. skin.Albedo.Take(model.AlbedoCount).Select((c, i) => i < ToneModes ? c : OtherModes * c)]);
        var logs = albedo.Select(a => Log(Vector3.Max(a, new Vector3(Darkest)))).ToArray();
        FillBrows(model, logs);
        FadeOut(model, logs);

        // A drawn person far from the wanted tone carries that tone's contrasts; they shrink with the distance.
        var mean = Mean(model, logs);
        var melanin = SkinTone.MelaninFor(SkinTone.Exp(mean), skin.Ita);
        var keep = 1 / (1 + (0.25f * melanin * melanin));
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = mean + Tempered(keep * (logs[i] - mean)) - (melanin * SkinTone.Melanin) - (skin.Flush * SkinTone.Haemoglobin);
        }

        // Flush and the hue's limits move the angle a little; the class must hold.
        for (var round = 0; round < ToneRounds; round++)
        {
            var hue = SkinTone.ToPeoplesHue(Mean(model, logs));
            var rest = SkinTone.MelaninFor(SkinTone.Exp(Mean(model, logs) + hue), skin.Ita);
            for (var i = 0; i < logs.Length; i++)
            {
                logs[i] += hue - (rest * SkinTone.Melanin);
            }
        }

        return logs;
    }

    // Modes added up at random make places redder or bluer than anybody's: differences of hue within a face level off.
    private static Vector3 Tempered(Vector3 difference)
    {
        static float Soft(float x) => MostHue * MathF.Tanh(x / MostHue);
        var (red, blue) = (difference.X - difference.Y, difference.Y - difference.Z);
        return new Vector3(difference.Y + Soft(red), difference.Y, difference.Y - Soft(blue));
    }

    /// <summary>The mean logarithm over cheeks and forehead: what ITA° is measured on.</summary>
    public static Vector3 Mean(FaceModel model, Vector3[] logs)
    {
        var (cheeks, forehead, brows) = (model.Template.Regions["cheeks"], model.Template.Regions["forehead"], model.Template.Regions["brows"]);
        var (sum, total) = (Vector3.Zero, 0f);
        for (var i = 0; i < logs.Length; i++)
        {
            var weight = brows[i] > 0.05f ? 0 : Math.Min(1, cheeks[i] + forehead[i]);
            sum += weight * logs[i];
            total += weight;
        }

        return sum / total;
    }

    // The portraits show no scalp, ears or neck, and hair hangs into their temples: what was learned fades to the face's mean tone there, ears redder.
    private static void FadeOut(FaceModel model, Vector3[] logs)
    {
        var inner = new InnerFace(model);
        var (ears, mean) = (model.Template.Regions["ears"], Mean(model, logs));
        for (var i = 0; i < logs.Length; i++)
        {
            logs[i] = Vector3.Lerp(mean - (0.12f * ears[i] * SkinTone.Haemoglobin), logs[i], inner.At(model.Mean[i]));
        }
    }

    // The membrane over the skin below the brows; they are drawn hair by hair later.
    private static void FillBrows(FaceModel model, Vector3[] logs)
    {
        var brows = model.Template.Regions["brows"];
        var free = Enumerable.Range(0, logs.Length).Where(i => brows[i] > 0.02f).ToArray();
        var neighbours = new Dictionary<int, HashSet<int>>();
        foreach (var i in free)
        {
            neighbours[i] = [];
        }

        var t = model.Template.Triangles;
        for (var k = 0; k < t.Length; k++)
        {
            if (neighbours.TryGetValue(t[k], out var near))
            {
                var first = k / 3 * 3;
                near.UnionWith([t[first], t[first + 1], t[first + 2]]);
            }
        }

        for (var round = 0; round < Relaxations; round++)
        {
            foreach (var i in free)
            {
                var sum = Vector3.Zero;
                foreach (var n in neighbours[i])
                {
                    sum += n == i ? Vector3.Zero : logs[n];
                }

                logs[i] = sum / (neighbours[i].Count - 1);
            }
        }
    }

    private static Vector3 Log(Vector3 v) => new(MathF.Log(v.X), MathF.Log(v.Y), MathF.Log(v.Z));
}
