using System.Numerics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// The model's colours at the vertices, led to the photograph's: the logarithm d of the ratio of what is settled to the model is continued over the
/// mesh (<see cref="MeshMembrane"/>), so that the model's shading stays. Skin and hair are continued each on its own, skin from skin and hair from
/// hair, and meet in a soft hairline; so no shadow of hair falls on skin. What lies far from anything seen takes the median of its kind: the person's
/// tone and not the model's.
/// </summary>
internal static class VertexColours
{
    // Distance in mm over which a hairline that is seen goes over into the template's; at the temples it goes on much further.
    private const float Hairline = 9, Temples = 60;

    // Distance in mm over which unseen hair takes its typical colour.
    private const float HairFade = 15;

    // Vertices in the midst of hair from which its colour can be told.
    private const int Enough = 100;

    // A vertex this much of either kind says nothing about the other.
    private const float Pure = 0.25f;

    /// <returns>Square roots of linear colours, V.</returns>
    public static Vector3[] Make(Canvas canvas, Mesh mesh, VertexShading shading, Hair? hair, float fade, CancellationToken cancellation)
    {
        var template = mesh.Template;
        var membrane = new MeshMembrane(mesh);
        float[] none = new float[template.VertexCount];
        float[] Region(string name) => template.Regions.TryGetValue(name, out var r) ? r : none;
        var (face, scalp, eyes, socket) = (Region("face"), Region("scalp"), Region("eyeballs"), Region("mouth_socket"));
        var (skinSeen, hairSeen) = (Observe(canvas, template, texel => hair is null || hair.At(texel) < Pure), Observe(canvas, template, texel => hair is not null && hair.At(texel) > 1 - Pure));

        // The mean person's scalp has hair; under this person's hair, and without any, there is skin.
        var colour = Continue(BareScalp(shading, face, scalp), skinSeen, i => face[i] > 0.9f);
        if (hair is null)
        {
            return colour;
        }

        var locks = HairColours(membrane, shading, hairSeen, cancellation);
        bool[] seen = [.. skinSeen.Select((s, i) => s.Share + hairSeen[i].Share > 0.5f)];
        Vector3[] haired = [.. skinSeen.Select((s, i) => new Vector3(seen[i] ? hairSeen[i].Share / (s.Share + hairSeen[i].Share) : 0))];

        // Between scalp and face above the ears anything may be: there the hairline runs on from where it is seen.
        float Reach(int i) => Hairline + ((Temples - Hairline) * face[i] * hair.Temple[i]);
        var line = membrane.Solve(seen, haired, [.. scalp.Select(s => new Vector3(s))], Reach, cancellation);
        return [.. colour.Select((c, i) => Vector3.Lerp(c, locks[i], Math.Clamp(line[i].X, 0, 1)))];

        Vector3[] Continue(Vector3[] model, (float Share, Vector3 Root)[] observed, Func<int, bool> typical)
        {
            Vector3[] value = [.. model.Select((m, i) => observed[i].Share > 0 ? LogRatio(observed[i].Root, m) : Vector3.Zero)];
            var median = Median(i => observed[i].Share > 0 && typical(i), value) ?? Median(i => observed[i].Share > 0, value) ?? Vector3.Zero;

            // Eyes and mouth have colours of their own: the model's.
            Vector3[] target = [.. model.Select((_, i) => eyes[i] <= 0.5f && socket[i] <= 0.5f ? median : Vector3.Zero)];
            var d = membrane.Solve([.. observed.Select(o => o.Share > 0.5f)], value, target, _ => fade, cancellation);
            return [.. model.Select((m, i) => m * new Vector3(MathF.Exp(d[i].X), MathF.Exp(d[i].Y), MathF.Exp(d[i].Z)))];
        }
    }

    // Hair of one albedo under the fitted light, led to what is seen of it. Where little more than its edges is seen, through which skin shines, its
    // darker half says what it is like.
    private static Vector3[] HairColours(MeshMembrane membrane, VertexShading shading, (float Share, Vector3 Root)[] observed, CancellationToken cancellation)
    {
        var light = shading.Irradiance.Select(Vector3.SquareRoot).ToArray();
        var albedo = observed.Select((o, i) => o.Root / light[i]).ToArray();
        var thick = albedo.Where((_, i) => observed[i].Share > 0.9f).ToArray();
        var seen = albedo.Where((_, i) => observed[i].Share > 0).OrderBy(a => a.LengthSquared()).ToArray();
        var typical = thick.Length >= Enough ? Statistics.Median(thick) : seen.Length > 0 ? Statistics.Median(seen[..((seen.Length / 2) + 1)]) : Vector3.Zero;
        var solved = membrane.Solve([.. observed.Select(o => o.Share > 0.5f)], albedo, [.. albedo.Select(_ => typical)], _ => HairFade, cancellation);
        return [.. solved.Select((a, i) => a * light[i])];
    }

    private static Vector3[] BareScalp(VertexShading shading, float[] face, float[] scalp)
    {
        var (sum, total) = (Vector3.Zero, 0f);
        for (var i = 0; i < face.Length; i++)
        {
            sum += face[i] * shading.Colour[i] / shading.Irradiance[i];
            total += face[i];
        }

        return [.. shading.Colour.Select((c, i) => Vector3.SquareRoot(total > 0 ? Vector3.Lerp(c, sum / total * shading.Irradiance[i], scalp[i]) : c))];
    }

    // Of the texels around each vertex: the share that is settled and of one kind, and its mean.
    private static (float Share, Vector3 Root)[] Observe(Canvas canvas, FaceTemplate template, Func<int, bool> counts)
    {
        var n = template.VertexCount;
        var (sum, weight, total) = (new Vector3[n], new float[n], new float[n]);
        var (atlas, size) = (canvas.Atlas, canvas.Size);
        Span<float> corner = stackalloc float[3];
        foreach (var texel in atlas.Covered)
        {
            var (t, b) = (3 * atlas.Triangle[texel], atlas.Barycentric(texel));
            (corner[0], corner[1], corner[2]) = (b.X, b.Y, b.Z);
            var settled = canvas.Settled[texel] && counts(canvas.Seen[texel] ? texel : (texel / size * size) + size - 1 - (texel % size));
            var root = canvas.Root(texel);
            for (var c = 0; c < 3; c++)
            {
                var v = template.Triangles[t + c];
                total[v] += corner[c];
                if (settled)
                {
                    sum[v] += corner[c] * root;
                    weight[v] += corner[c];
                }
            }
        }

        return [.. sum.Select((s, i) => weight[i] > 0 ? (weight[i] / total[i], s / weight[i]) : default)];
    }

    // Of roots; beyond a factor of five (25 in linear values) it is no tone but an accident.
    private static Vector3 LogRatio(Vector3 seen, Vector3 model)
    {
        const float limit = 1.6f, dark = 0.02f;
        var ratio = Vector3.Max(seen, new Vector3(dark)) / Vector3.Max(model, new Vector3(dark));
        return Vector3.Clamp(new Vector3(MathF.Log(ratio.X), MathF.Log(ratio.Y), MathF.Log(ratio.Z)), new Vector3(-limit), new Vector3(limit));
    }

    private static Vector3? Median(Func<int, bool> counts, Vector3[] value)
    {
        var chosen = Enumerable.Range(0, value.Length).Where(counts).Select(i => value[i]).ToArray();
        return chosen.Length < 20 ? null : Statistics.Median(chosen);
    }
}
