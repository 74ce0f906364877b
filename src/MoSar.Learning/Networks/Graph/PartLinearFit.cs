using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Networks;

/// <summary>
/// The best linear autoencoder whose coefficients each see one part only: what principal components are when all see everything. Found in the
/// coordinates of the parts' own principal components, by descent on the filters with the best basis for them in closed form at every step.
/// </summary>
public sealed class PartLinearFit : IDisposable
{
    private const int PartComponents = 300, WholeComponents = 420, Steps = 300;

    private PartLinearFit(Tensor mean, Tensor deviation, Tensor[] filters, Tensor basis) => (Mean, Deviation, Filters, Basis) = (mean, deviation, filters, basis);

    /// <summary>[V, 3] mm.</summary>
    public Tensor Mean { get; }

    /// <summary>[V, 1] mm: root mean square distance from the mean, over √3.</summary>
    public Tensor Deviation { get; }

    /// <summary>[3·own vertices, latents] a part: α from millimetres off the mean.</summary>
    public IReadOnlyList<Tensor> Filters { get; }

    /// <summary>[K, 3V] mm; α has unit variance.</summary>
    public Tensor Basis { get; }

    /// <param name="shapes">[N, V, 3] mm.</param>
    /// <param name="latents">Coefficients of each part.</param>
    /// <param name="report">Gets a line now and then.</param>
    public static PartLinearFit Of(Tensor shapes, MeshParts parts, IReadOnlyList<int> latents, Action<string>? report = null)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var (count, vertices) = (shapes.shape[0], shapes.shape[1]);
        var mean = shapes.mean([0]);
        var flat = (shapes - mean).reshape(count, -1);
        var deviation = flat.square().mean([0]).reshape(vertices, 3).mean([1], keepdim: true).sqrt() + 1e-3;
        var whole = PrincipalComponents(flat, Math.Min(WholeComponents, (int)count / 2));
        var (target, bases, coordinates) = (flat.matmul(whole), new List<Tensor>(), new List<Tensor>());
        for (var p = 0; p < parts.Names.Count; p++)
        {
            using var part = NewDisposeScope();
            var own = Columns(parts.Weights[p]);
            var selected = flat.index_select(1, own);
            var components = PrincipalComponents(selected, Math.Max(latents[p], Math.Min(PartComponents, (int)Math.Min(count / 2, own.shape[0]))));
            bases.Add(components.MoveToOuterDisposeScope());
            coordinates.Add(selected.matmul(components).MoveToOuterDisposeScope());
        }

        var filters = Descend(cat(coordinates, 1), target, [.. coordinates.Select(c => (int)c.shape[1])], latents, report);
        var alpha = cat(coordinates, 1).matmul(filters);
        var scale = alpha.square().mean([0], keepdim: true).sqrt();
        var basis = Solve(alpha.t().matmul(alpha), alpha.t().matmul(target), 1e-6).matmul(whole.t()) * scale.t();
        var (own0, at, column) = (new Tensor[latents.Count], 0L, 0L);
        for (var p = 0; p < latents.Count; p++)
        {
            var block = filters.narrow(0, at, coordinates[p].shape[1]).narrow(1, column, latents[p]) / scale.narrow(1, column, latents[p]);
            own0[p] = bases[p].matmul(block).MoveToOuterDisposeScope();
            (at, column) = (at + coordinates[p].shape[1], column + latents[p]);
        }

        return new PartLinearFit(mean.MoveToOuterDisposeScope(), deviation.MoveToOuterDisposeScope(), own0, basis.MoveToOuterDisposeScope());
    }

    /// <summary>Orthonormal directions of most variance, [D, count], of rows [N, D] without mean (Halko et al. 2011, two rounds).</summary>
    public static Tensor PrincipalComponents(Tensor rows, int count)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var more = (int)Math.Min(Math.Min(rows.shape[0], rows.shape[1]), count + 30);
        var q = rows.t().matmul(randn(rows.shape[0], more));
        for (var round = 0; round < 2; round++)
        {
            q = rows.t().matmul(rows.matmul(linalg.qr(q).Q));
        }

        q = linalg.qr(q).Q;
        var z = rows.matmul(q).to(float64);
        var (_, vectors) = linalg.eigh(z.t().matmul(z));
        return q.matmul(vectors.flip(1).narrow(1, 0, count).to(float32)).contiguous().MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var tensor in Filters.Append(Mean).Append(Deviation).Append(Basis))
        {
            tensor.Dispose();
        }
    }

    private static Tensor Columns(float[] weights) =>
        tensor([.. Enumerable.Range(0, weights.Length).Where(v => weights[v] > 0).SelectMany(v => (long[])[3L * v, (3L * v) + 1, (3L * v) + 2])]);

    private static Tensor Solve(Tensor a, Tensor b, double ridge) =>
        linalg.solve((a + (eye(a.shape[0]) * (ridge * a.diagonal().mean()))).to(float64), b.to(float64)).to(float32);

    /// <summary>Filters over the parts' coordinates, block by block: the part's first components to begin with.</summary>
    private static Tensor Descend(Tensor coordinates, Tensor target, int[] sizes, IReadOnlyList<int> latents, Action<string>? report)
    {
        var (count, total) = (coordinates.shape[0], latents.Sum());
        var (start, mask) = (new float[sizes.Sum() * total], new float[sizes.Sum() * total]);
        for (int p = 0, row = 0, column = 0; p < sizes.Length; row += sizes[p], column += latents[p], p++)
        {
            for (var i = 0; i < sizes[p]; i++)
            {
                mask.AsSpan(((row + i) * total) + column, latents[p]).Fill(1);
                if (i < latents[p])
                {
                    start[((row + i) * total) + column + i] = 1;
                }
            }
        }

        // Steps are equal in whitened coordinates, or the weak components would never get their say.
        var spread = coordinates.square().mean([0]).sqrt().reshape(-1, 1) + 1e-6;
        var moments = coordinates.t().matmul(coordinates) / count;
        var cross = coordinates.t().matmul(target) / count;
        var energy = target.square().sum([1]).mean().item<float>();
        var allowed = tensor(mask).reshape(-1, total) / spread;
        using var free = new Parameter(tensor(start).reshape(-1, total) * spread);
        using var optimiser = optim.Adam([free], 0.05);
        for (var step = 0; step < Steps; step++)
        {
            using var scope = NewDisposeScope();
            using var recorded = enable_grad();
            foreach (var group in optimiser.ParamGroups)
            {
                group.LearningRate = 0.05 * 0.5 * (1 + Math.Cos(Math.PI * step / Steps));
            }

            optimiser.zero_grad();
            var filters = free * allowed;
            var inner = filters.t().matmul(moments).matmul(filters);
            var outer = filters.t().matmul(cross);
            var explained = (outer * Solve(inner, outer, 1e-6)).sum();
            (-explained).backward();
            optimiser.step();
            if (step % 50 == 49)
            {
                report?.Invoke(FormattableString.Invariant($"linear start, step {step + 1}: {100 * (1 - (explained.item<float>() / energy)):f3} % of the variance left"));
            }
        }

        return (free * allowed).detach();
    }
}
