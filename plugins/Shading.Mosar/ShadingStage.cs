using MoSar.Graphics;

namespace MoSar.Plugins.Shading;

/// <summary>Carries a stage's arrays to the kernel: the part that both models share.</summary>
internal sealed unsafe class ShadingStage(ShadingKernel kernel, (string Name, ShadingTerms Term)[] terms, bool ignoresOcclusion)
{
    public IReadOnlyList<string> Terms { get; } = [.. terms.Select(t => t.Name)];

    public float[] Forward(ShadingInput input)
    {
        var (p, wanted) = (Checked(input.Points), Wanted(input.Term));
        var output = new float[3 * p.Count];
        fixed (float* d = p.Albedo, s = p.Specular, a = p.Occlusion, t = p.Translucency, n = p.Normals, v = p.Views, o = output)
        {
            kernel.Forward(Buffers(d, s, ignoresOcclusion ? null : a, t, n, v), p.Count, input.Light.Coefficients, wanted, o);
        }

        return output;
    }

    public ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient)
    {
        var (p, wanted) = (Checked(input.Points), Wanted(input.Term));
        var count = p.Count;
        if (gradient.Length != 3 * count)
        {
            throw new ArgumentException($"{count} points have {3 * count} outputs, but the gradient holds {gradient.Length} values.", nameof(gradient));
        }

        var g = new ShadingGradients(
            new float[3 * count], new float[count], new float[count], new float[count], new float[3 * count], new float[3 * count], new float[3 * input.Light.Coefficients.Length]);
        fixed (float* d = p.Albedo, s = p.Specular, a = p.Occlusion, t = p.Translucency, n = p.Normals, v = p.Views, up = gradient)
        fixed (float* gd = g.Albedo, gs = g.Specular, ga = g.Occlusion, gt = g.Translucency, gn = g.Normals, gv = g.Views)
        {
            kernel.Backward(
                Buffers(d, s, ignoresOcclusion ? null : a, t, n, v), count, input.Light.Coefficients, wanted, up, Buffers(gd, gs, ignoresOcclusion ? null : ga, gt, gn, gv), g.Light);
        }

        return g;
    }

    private static ShadingBuffers Buffers(float* albedo, float* specular, float* occlusion, float* translucency, float* normals, float* views) => new()
    {
        Albedo = albedo,
        Specular = specular,
        Occlusion = occlusion,
        Translucency = translucency,
        Normals = normals,
        Views = views,
        PointStride = 3,
        ChannelStride = 1,
    };

    private static ShadingPoints Checked(ShadingPoints p)
    {
        var n = p.Count;
        if (p.Albedo.Length != 3 * n || p.Normals.Length != 3 * n || p.Views.Length != 3 * n || p.Occlusion.Length != n || p.Translucency.Length != n)
        {
            throw new ArgumentException($"Shading points disagree in length: {n} specular values want 3·{n} of albedo, normals and views and {n} of occlusion and translucency.", nameof(p));
        }

        return p;
    }

    private ShadingTerms Wanted(string? name)
    {
        if (name is null)
        {
            return terms.Aggregate(ShadingTerms.None, (all, t) => all | t.Term);
        }

        foreach (var (known, term) in terms)
        {
            if (known == name)
            {
                return term;
            }
        }

        throw new MoSarException("unknown-shading-term", $"The shading model has no term '{name}'.", $"Its terms are: {string.Join(", ", Terms)}.");
    }
}
