using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Divides a head into the eight parts 𝒢ᵢ that are encoded one by one (paper 3.1; Aliari et al. 2023): from the painted regions, with
/// borders some rings of vertices wide where neighbours overlap, so that none of them ends in a crease.
/// </summary>
internal static class PartPainter
{
    public static readonly string[] Names = ["nose", "eyes", "mouth", "forehead", "cheeks", "jaw", "ears", "skull"];

    private const int Nose = 0, Eyes = 1, Mouth = 2, Forehead = 3, Cheeks = 4, Jaw = 5, Ears = 6, Skull = 7;

    // Averagings with the neighbours that make the borders, and the weight below which a vertex is out.
    private const int Passes = 12;
    private const float Floor = 0.04f;

    // mm around brows, lids and lips.
    private const float AroundMouth = 7, AroundEyes = 9;

    /// <param name="mean">V positions, mirror-symmetric.</param>
    /// <param name="pyramid">Its finest level gives the neighbours.</param>
    /// <param name="regions">As <see cref="RegionPainter"/> paints them.</param>
    /// <param name="landmarks">68 positions on the mean head.</param>
    public static MeshParts Paint(Vector3[] mean, MeshPyramid pyramid, int[] mirror, IReadOnlyDictionary<string, float[]> regions, Vector3[] landmarks)
    {
        var label = new int[mean.Length];
        for (var v = 0; v < label.Length; v++)
        {
            // Of a pair the left decides, so that rounding cannot part it.
            label[v] = Label(mirror[v] < v ? mirror[v] : v);
        }

        return new MeshParts(Names, [.. Enumerable.Range(0, Names.Length).Select(p => Soft([.. label.Select(l => l == p ? 1f : 0f)], pyramid.Levels[0].Edges, mirror))]);

        int Label(int v)
        {
            var p = mean[v] with { X = MathF.Abs(mean[v].X) };
            if (Weight("eyeballs") > .5f || Weight("eye_sockets") > .5f)
            {
                return Eyes;
            }

            if (Weight("ears") > .5f)
            {
                return Ears;
            }

            if (Weight("mouth_socket") > .5f || Weight("lips") > .1f)
            {
                return Mouth;
            }

            if (Weight("nose") > .5f)
            {
                return Nose;
            }

            return Weight("face") > .5f ? Face(p) : Skull;

            float Weight(string region) => regions.TryGetValue(region, out var weights) ? weights[v] : 0;
        }

        // By height along the profile and by the distance to eyes and mouth, seen from the front.
        int Face(Vector3 p)
        {
            var brow = Enumerable.Range(22, 5).Average(i => landmarks[i].Y) - 2;
            if (Distance(p, 42, 48) < AroundEyes && p.Y < brow)
            {
                return Eyes;
            }

            if (Distance(p, 48, 60) < AroundMouth && p.Y < landmarks[33].Y)
            {
                return Mouth;
            }

            if (p.Y > brow || (p.Y > landmarks[45].Y && p.X > landmarks[45].X + AroundEyes))
            {
                return Forehead;
            }

            // The jaw: below the line from the mouth's corner, lowered by the lip, to the ear's lobe.
            var (from, to) = (landmarks[54] - new Vector3(0, 4, 0), landmarks[14] - new Vector3(0, 6, 0));
            var line = float.Lerp(from.Y, to.Y, Math.Clamp((p.X - from.X) / (to.X - from.X), 0, 1));
            return p.Y < line ? Jaw : Cheeks;
        }

        // From the front, 0 inside the polygon of these landmarks (the head's left ones).
        float Distance(Vector3 p, int first, int end)
        {
            var (inside, distance) = (false, float.PositiveInfinity);
            for (int i = first, j = end - 1; i < end; j = i++)
            {
                Vector2 a = new(landmarks[j].X, landmarks[j].Y), b = new(landmarks[i].X, landmarks[i].Y), q = new(p.X, p.Y);
                inside ^= (a.Y > q.Y) != (b.Y > q.Y) && q.X < ((b.X - a.X) * (q.Y - a.Y) / (b.Y - a.Y)) + a.X;
                var t = Math.Clamp(Vector2.Dot(q - a, b - a) / Math.Max((b - a).LengthSquared(), 1e-12f), 0, 1);
                distance = Math.Min(distance, Vector2.Distance(q, Vector2.Lerp(a, b, t)));
            }

            return inside ? 0 : distance;
        }
    }

    /// <summary>In steps of 1/255, as the file keeps them.</summary>
    private static float[] Soft(float[] weights, int[] edges, int[] mirror)
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            var (sum, count) = ((float[])weights.Clone(), new int[weights.Length]);
            for (var e = 0; e < edges.Length; e += 2)
            {
                sum[edges[e]] += weights[edges[e + 1]];
                sum[edges[e + 1]] += weights[edges[e]];
                count[edges[e]]++;
                count[edges[e + 1]]++;
            }

            weights = [.. sum.Select((s, v) => ((s / (count[v] + 1)) + (sum[mirror[v]] / (count[mirror[v]] + 1))) / 2)];
        }

        return [.. weights.Select(w => w < Floor ? 0 : MathF.Round(w * 255) / 255)];
    }
}
