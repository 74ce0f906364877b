using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Faces.Albedo;

/// <summary>
/// A PCA of per-vertex albedo from portraits: colours sampled through fitted heads, divided by each studio's shared light, masked against
/// hair and collars by what is unusual for the vertex, mirrored, weighed so that rare skin tones count, and continued smoothly where the
/// portraits show no skin. Eyes, teeth and the mouth's inside keep the albedo that the model had.
/// </summary>
public static class AlbedoLearner
{
    /// <summary>Mean luminance of the median person's facial skin: between the light (0.35) and the fairest patches of colour charts.</summary>
    private const double MedianLuminance = 0.36;

    /// <param name="model">The head to fit; its albedo fills what portraits cannot show.</param>
    /// <param name="portraits">Training people only.</param>
    /// <param name="modes">How many to keep.</param>
    /// <param name="progress">Fraction done.</param>
    public static AlbedoModel Learn(FaceModel model, IReadOnlyList<AlbedoPortrait> portraits, int modes = 30, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        var fit = new LandmarkFit(model);
        var colours = new PortraitColours[portraits.Count];
        for (var i = 0; i < colours.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            colours[i] = PortraitColours.Sample(model, fit, portraits[i]);
            progress?.Report(0.8 * (i + 1) / colours.Length);
        }

        var (face, plain) = Regions(model);
        var (albedo, brightness) = Unshade(portraits, colours, face, plain);
        var weights = colours.Select(c => Product(c.Weight, face)).ToArray();
        var tones = albedo.Select((a, i) => Tone(a, Product(weights[i], plain))).ToArray();
        var typical = Typical(albedo, tones, weights);
        Mask(albedo, tones, weights, typical);
        typical = Typical(albedo, tones, weights);
        Complete(albedo, tones, weights, typical);
        return Analyse(model, albedo, tones, face, modes) with { Brightness = brightness };
    }

    private static float[] Product(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x * y)];

    /// <summary>The face as far as colours are learned, and the plain skin in it.</summary>
    private static (float[] Face, float[] Plain) Regions(FaceModel model)
    {
        var regions = model.Template.Regions;
        var face = (float[])regions["face"].Clone();
        var plain = new float[face.Length];
        for (var v = 0; v < face.Length; v++)
        {
            if (Of("eyeballs") > 0.5f || Of("mouth_socket") > 0.5f || Of("teeth") > 0.5f || Of("gums") > 0.5f)
            {
                face[v] = 0;
            }

            plain[v] = face[v] > 0.6f ? Math.Clamp(1 - (2 * (Of("lips") + Of("brows") + Of("eyelids"))), 0, 1) : 0;
            float Of(string name) => regions.TryGetValue(name, out var r) ? r[v] : 0;
        }

        return (face, plain);
    }

    /// <summary>Divides by each studio's light; London's level (the first studio's) becomes <see cref="MedianLuminance"/>, and the
    /// other studios' white balance is set so that their median person has the same colour.</summary>
    private static (Vector3[][] Albedo, double Brightness) Unshade(
        IReadOnlyList<AlbedoPortrait> portraits, PortraitColours[] colours, float[] face, float[] plain)
    {
        var result = new Vector3[colours.Length][];
        Vector3? reference = null;
        double brightness = 0;
        foreach (var studio in portraits.Select(p => p.Studio).Distinct())
        {
            var members = Enumerable.Range(0, colours.Length).Where(i => portraits[i].Studio == studio).ToArray();
            var light = StudioLight.Fit([.. members.Select(i => colours[i])], plain);
            foreach (var i in members)
            {
                result[i] = [.. colours[i].Colour.Select((c, v) => c / light.Shading(colours[i].Normal[v]))];
            }

            var median = Median(members.Select(i => Tone(result[i], Product(Product(colours[i].Weight, face), plain))));
            if (reference is null)
            {
                brightness = Rec709.Luminance(median) / MedianLuminance;
                reference = median / (float)brightness;
            }

            var balance = reference.Value / median;
            foreach (var i in members)
            {
                for (var v = 0; v < result[i].Length; v++)
                {
                    result[i][v] *= balance;
                }
            }
        }

        return (result, brightness);
    }

    private static Vector3 Median(IEnumerable<Vector3> values)
    {
        var all = values.ToArray();
        return new Vector3(Middle(all.Select(v => v.X)), Middle(all.Select(v => v.Y)), Middle(all.Select(v => v.Z)));
    }

    private static float Middle(IEnumerable<float> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static Vector3 Tone(Vector3[] albedo, float[] weights)
    {
        var (sum, total) = (Vector3.Zero, 1e-6f);
        for (var v = 0; v < weights.Length; v++)
        {
            sum += weights[v] * albedo[v];
            total += weights[v];
        }

        return sum / total;
    }

    /// <summary>Per vertex, the median over people of albedo relative to their tone; 1 where fewer than eight show it.</summary>
    private static Vector3[] Typical(Vector3[][] albedo, Vector3[] tones, float[][] weights)
    {
        var result = new Vector3[albedo[0].Length];
        for (var v = 0; v < result.Length; v++)
        {
            var seen = Enumerable.Range(0, albedo.Length).Where(i => weights[i][v] > 0.3f).Select(i => albedo[i][v] / tones[i]).ToArray();
            result[v] = seen.Length >= Math.Min(8, albedo.Length) ? Median(seen) : Vector3.One;
        }

        return result;
    }

    /// <summary>Hair, fringes, collars and highlights: what is far from typical for the vertex, in spreads of the vertex.</summary>
    private static void Mask(Vector3[][] albedo, Vector3[] tones, float[][] weights, Vector3[] typical)
    {
        for (var v = 0; v < typical.Length; v++)
        {
            var off = Enumerable.Range(0, albedo.Length).Select(i => Off(albedo[i][v], typical[v] * tones[i])).ToArray();
            var seen = Enumerable.Range(0, albedo.Length).Where(i => weights[i][v] > 0.3f).Select(i => off[i]).ToArray();
            var spread = Math.Clamp(1.5f * (seen.Length > 0 ? Middle(seen) : 0), 0.08f, 0.25f);
            for (var i = 0; i < albedo.Length; i++)
            {
                var d = off[i] / (2.5f * spread);
                weights[i][v] /= 1 + (d * d * d * d);
            }
        }

        static float Off(Vector3 a, Vector3 b) => a.Y <= 0 ? 10 : (float)Math.Abs(Math.Log(Rec709.Luminance(a) / Rec709.Luminance(b)));
    }

    private static void Complete(Vector3[][] albedo, Vector3[] tones, float[][] weights, Vector3[] typical)
    {
        for (var i = 0; i < albedo.Length; i++)
        {
            for (var v = 0; v < typical.Length; v++)
            {
                albedo[i][v] = Vector3.Lerp(typical[v] * tones[i], albedo[i][v], Math.Clamp(weights[i][v], 0, 1));
            }
        }
    }

    /// <summary>Each person counts by how rare their tone is, at most four times the commonest.</summary>
    private static double[] Balance(Vector3[] tones)
    {
        var log = tones.Select(t => Math.Log(Rec709.Luminance(t))).ToArray();
        var rarity = log.Select(a => 1 / log.Sum(b => Math.Exp(-0.5 * (a - b) * (a - b) / (0.2 * 0.2)))).ToArray();
        var least = rarity.Min();
        var limited = rarity.Select(r => Math.Min(r, 4 * least)).ToArray();
        return [.. limited.Select(r => r / limited.Sum())];
    }

    private static AlbedoModel Analyse(FaceModel model, Vector3[][] albedo, Vector3[] tones, float[] face, int modes)
    {
        var mirror = model.Template.Mirror;
        var weight = Balance(tones);
        var samples = albedo.Concat(albedo.Select(a => a.Select((_, v) => a[mirror[v]]).ToArray())).ToArray();
        var share = weight.Concat(weight).Select(w => w / 2).ToArray();
        var vertices = face.Length;
        var mean = new Vector3[vertices];
        for (var i = 0; i < samples.Length; i++)
        {
            for (var v = 0; v < vertices; v++)
            {
                mean[v] += (float)share[i] * samples[i][v];
            }
        }

        // Gram matrix over the face only; what lies outside must not shape the modes.
        var rows = samples.Select((s, i) => s.SelectMany((c, v) => Scaled(c - mean[v], face[v] * (float)Math.Sqrt(share[i]))).ToArray()).ToArray();
        var gram = new double[rows.Length, rows.Length];
        Parallel.For(0, rows.Length, i =>
        {
            for (var j = 0; j <= i; j++)
            {
                gram[i, j] = gram[j, i] = Dot(rows[i], rows[j]);
            }
        });
        var (values, vectors) = SymmetricEigen.Decompose(gram);
        var kept = Math.Min(modes, values.Count(v => v > 1e-9 * values[0]));
        var result = new Vector3[kept][];
        for (var k = 0; k < kept; k++)
        {
            result[k] = new Vector3[vertices];
            for (var i = 0; i < samples.Length; i++)
            {
                var w = (float)(vectors[k][i] * Math.Sqrt(share[i]));
                for (var v = 0; v < vertices; v++)
                {
                    result[k][v] += w * (samples[i][v] - mean[v]);
                }
            }
        }

        var spread = new SurfaceSpread(model, face);
        spread.Fill(mean);
        foreach (var mode in result)
        {
            spread.Fill(mode);
        }

        KeepWhatIsNotSkin(model, mean, result);
        return new AlbedoModel(mean, result, values.Take(kept).Sum() / values.Sum(), 0, albedo.Length);
    }

    private static IEnumerable<float> Scaled(Vector3 v, float s) => [v.X * s, v.Y * s, v.Z * s];

    private static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    private static void KeepWhatIsNotSkin(FaceModel model, Vector3[] mean, Vector3[][] modes)
    {
        string[] parts = ["eyeballs", "teeth", "gums", "mouth_socket"];
        foreach (var region in parts.Where(model.Template.Regions.ContainsKey).Select(p => model.Template.Regions[p]))
        {
            for (var v = 0; v < mean.Length; v++)
            {
                if (region[v] > 0.5f)
                {
                    mean[v] = model.AlbedoMean.Length > 0 ? new Vector3(model.AlbedoMean.AsSpan(3 * v, 3)) : new Vector3(0.4f);
                    foreach (var mode in modes)
                    {
                        mode[v] = Vector3.Zero;
                    }
                }
            }
        }
    }
}
