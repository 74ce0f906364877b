namespace MoSar.Graphics;

/// <summary>What a texel is to <see cref="HarmonicFill"/>.</summary>
public enum FillState : byte
{
    /// <summary>Not part of the region: no value passes through it.</summary>
    Outside = 0,

    /// <summary>Wanted.</summary>
    Unknown = 1,

    /// <summary>A boundary value; stays as it is.</summary>
    Known = 2,
}

/// <summary>
/// Fills the unknown texels of an image with the smoothest continuation of the known ones: Laplace's equation, or with a positive
/// screening (∇² − λ)u = 0, whose solution fades to 0 over the distance 1/√λ. Texels outside take no part (Neumann border). Solved on
/// a pyramid from coarse to fine with a few relaxation sweeps a level, in time linear in the number of texels: good to a percent or so of
/// the boundary's range. A wall thinner than the coarse texels leaks a little, so charts that must not mix are filled one by one.
/// </summary>
public static class HarmonicFill
{
    /// <param name="image">Any number of channels; unknown texels are overwritten.</param>
    /// <param name="state">One for each texel, row by row.</param>
    /// <param name="screening">λ per texel², ≥ 0.</param>
    /// <param name="sweeps">Relaxations at the finest level; coarser levels get more, for they are cheap and carry the long distances.</param>
    /// <param name="cancellation">Checked at every level.</param>
    public static void Fill(Image image, ReadOnlySpan<FillState> state, float screening = 0, int sweeps = 4, CancellationToken cancellation = default)
    {
        if (state.Length != image.Width * image.Height)
        {
            throw new ArgumentException($"{image.Width}×{image.Height} texels need as many states, got {state.Length}.", nameof(state));
        }

        var levels = new List<FillLevel> { new(image, state.ToArray()) };
        while (Math.Max(levels[^1].Image.Width, levels[^1].Image.Height) > 2)
        {
            cancellation.ThrowIfCancellationRequested();
            levels.Add(levels[^1].Coarser());
        }

        var scale = 1f;
        for (var k = 1; k < levels.Count; k++)
        {
            scale *= 4;
        }

        for (var k = levels.Count - 1; k >= 0; k--, scale /= 4)
        {
            cancellation.ThrowIfCancellationRequested();
            if (k == levels.Count - 1)
            {
                levels[k].Clear();
            }
            else
            {
                levels[k].StartFrom(levels[k + 1]);
            }

            levels[k].Relax(screening * scale, Math.Min(40, sweeps * (k + 1)));
        }
    }
}
