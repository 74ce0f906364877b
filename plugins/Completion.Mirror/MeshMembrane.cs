using System.Numerics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// The slow part of the photograph's deviation from the model, continued over the mesh as the logarithm d of their ratio (so that the
/// model's shading stays): minimizes Σ over edges |d_i − d_j|² + λ Σ |d_i − target_i|² with d given at vertices whose texels are
/// settled. The target is the median of the vertex' own kind (skin, hair), so that what lies far from anything seen takes the person's tone and
/// not the model's. Solved by conjugate gradients.
/// </summary>
internal static class MeshMembrane
{
    private const int Iterations = 120;

    public static Vector3[] Solve(Canvas canvas, Mesh mesh, Vector3[] model, float fade, CancellationToken cancellation)
    {
        var (known, value) = Observe(canvas, mesh.Template, model);
        var target = Targets(mesh.Template, known, value);
        var edges = Edges(mesh.Template);
        var length = edges.Length == 0 ? 1 : edges.Average(e => Vector3.Distance(mesh.Positions[e.A], mesh.Positions[e.B]));
        var lambda = length * length / (fade * fade);
        var d = new Vector3[model.Length];
        for (var i = 0; i < d.Length; i++)
        {
            d[i] = known[i] ? value[i] : target[i];
        }

        // Unknowns are the free vertices: (L + λ)d = λ·target with the known ones moved to the right-hand side.
        var diagonal = new float[d.Length];
        foreach (var (a, b) in edges)
        {
            diagonal[a]++;
            diagonal[b]++;
        }

        Vector3[] Apply(Vector3[] x)
        {
            var y = new Vector3[x.Length];
            for (var i = 0; i < x.Length; i++)
            {
                y[i] = (diagonal[i] + lambda) * x[i];
            }

            foreach (var (a, b) in edges)
            {
                y[a] -= x[b];
                y[b] -= x[a];
            }

            return y;
        }

        var residual = Apply(d);
        for (var i = 0; i < d.Length; i++)
        {
            residual[i] = known[i] ? Vector3.Zero : (lambda * target[i]) - residual[i];
        }

        var direction = (Vector3[])residual.Clone();
        var energy = Energy(residual);
        for (var k = 0; k < Iterations && energy > 1e-10; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            var image = Apply(direction);
            var curvature = 0.0;
            for (var i = 0; i < d.Length; i++)
            {
                curvature += known[i] ? 0 : Vector3.Dot(direction[i], image[i]);
            }

            var step = (float)(energy / curvature);
            for (var i = 0; i < d.Length; i++)
            {
                if (!known[i])
                {
                    d[i] += step * direction[i];
                    residual[i] -= step * image[i];
                }
            }

            var next = Energy(residual);
            var turn = (float)(next / energy);
            energy = next;
            for (var i = 0; i < d.Length; i++)
            {
                direction[i] = residual[i] + (turn * direction[i]);
            }
        }

        return d;
    }

    // A vertex is known when most of the texels around it are settled; its value is their weighted mean.
    private static (bool[] Known, Vector3[] Value) Observe(Canvas canvas, FaceTemplate template, Vector3[] model)
    {
        var (sum, weight, total) = (new Vector3[model.Length], new float[model.Length], new float[model.Length]);
        var atlas = canvas.Atlas;
        Span<float> corner = stackalloc float[3];
        foreach (var texel in atlas.Covered)
        {
            var (t, b) = (3 * atlas.Triangle[texel], atlas.Barycentric(texel));
            (corner[0], corner[1], corner[2]) = (b.X, b.Y, b.Z);
            for (var c = 0; c < 3; c++)
            {
                var v = template.Triangles[t + c];
                total[v] += corner[c];
                if (canvas.Settled[texel])
                {
                    sum[v] += corner[c] * canvas.Root(texel);
                    weight[v] += corner[c];
                }
            }
        }

        var (known, value) = (new bool[model.Length], new Vector3[model.Length]);
        for (var i = 0; i < model.Length; i++)
        {
            known[i] = weight[i] > 0.5f * total[i];
            value[i] = known[i] ? LogRatio(sum[i] / weight[i], model[i]) : Vector3.Zero;
        }

        return (known, value);
    }

    // Of roots; beyond a factor of five (25 in linear values) it is no tone but an accident.
    private static Vector3 LogRatio(Vector3 seen, Vector3 model)
    {
        const float limit = 1.6f, dark = 0.02f;
        var ratio = Vector3.Max(seen, new Vector3(dark)) / Vector3.Max(model, new Vector3(dark));
        return Vector3.Clamp(new Vector3(MathF.Log(ratio.X), MathF.Log(ratio.Y), MathF.Log(ratio.Z)), new Vector3(-limit), new Vector3(limit));
    }

    private static Vector3[] Targets(FaceTemplate template, bool[] known, Vector3[] value)
    {
        float[] none = new float[known.Length];
        float[] Region(string name) => template.Regions.TryGetValue(name, out var r) ? r : none;
        var (face, scalp, eyes, socket) = (Region("face"), Region("scalp"), Region("eyeballs"), Region("mouth_socket"));
        var skin = Median(i => known[i] && face[i] > 0.9f, value) ?? Median(i => known[i], value) ?? Vector3.Zero;
        var hair = Median(i => known[i] && scalp[i] > 0.9f, value) ?? skin;
        var target = new Vector3[known.Length];
        for (var i = 0; i < target.Length; i++)
        {
            // Eyes and mouth have colours of their own: the model's.
            target[i] = eyes[i] > 0.5f || socket[i] > 0.5f ? Vector3.Zero : Vector3.Lerp(skin, hair, scalp[i]);
        }

        return target;
    }

    private static Vector3? Median(Func<int, bool> counts, Vector3[] value)
    {
        var chosen = Enumerable.Range(0, value.Length).Where(counts).Select(i => value[i]).ToArray();
        if (chosen.Length < 20)
        {
            return null;
        }

        float Middle(Func<Vector3, float> of) => chosen.Select(of).Order().ElementAt(chosen.Length / 2);
        return new Vector3(Middle(v => v.X), Middle(v => v.Y), Middle(v => v.Z));
    }

    private static (int A, int B)[] Edges(FaceTemplate template)
    {
        var edges = new HashSet<(int, int)>();
        var t = template.Triangles;
        for (var k = 0; k < t.Length; k += 3)
        {
            for (var c = 0; c < 3; c++)
            {
                var (a, b) = (t[k + c], t[k + ((c + 1) % 3)]);
                edges.Add(a < b ? (a, b) : (b, a));
            }
        }

        return [.. edges];
    }

    private static double Energy(Vector3[] r)
    {
        var sum = 0.0;
        foreach (var v in r)
        {
            sum += v.LengthSquared();
        }

        return sum;
    }
}
