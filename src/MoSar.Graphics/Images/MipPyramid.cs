using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>A picture with its halvings, for antialiased samples of any size. Level k has 2^k pixels a side to one of its own.</summary>
public sealed class MipPyramid
{
    private readonly Image[] _levels;

    /// <param name="image">Level 0; at least three channels for <see cref="Sample"/>.</param>
    /// <param name="coarsest">The largest footprint, in pixels, that will be asked for.</param>
    public MipPyramid(Image image, float coarsest = 64)
    {
        var levels = new List<Image> { image };
        while (1 << (levels.Count - 1) < coarsest && Math.Min(levels[^1].Width, levels[^1].Height) > 1)
        {
            levels.Add(Resample.Halve(levels[^1]));
        }

        _levels = [.. levels];
    }

    public IReadOnlyList<Image> Levels => _levels;

    /// <summary>Trilinear sample of three channels.</summary>
    /// <param name="pixel">Continuous position in level 0.</param>
    /// <param name="footprint">Side of the area to average, in pixels of level 0; up to 1 is plain bilinear.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector3 Sample(Vector2 pixel, float footprint)
    {
        if (!(footprint > 1))
        {
            return Resample.Bilinear3(_levels[0], pixel);
        }

        var level = MathF.Min(MathF.Log2(footprint), _levels.Length - 1);
        var low = (int)level;
        var fine = Resample.Bilinear3(_levels[low], pixel * (1f / (1 << low)));
        return low + 1 >= _levels.Length || level == low
            ? fine
            : Vector3.Lerp(fine, Resample.Bilinear3(_levels[low + 1], pixel * (0.5f / (1 << low))), level - low);
    }
}
