using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Samples a texture over a parallelogram: Keys' cubic where a texel of the destination is no larger than one of the source, else the mean of up to 4×4
/// taps, from halved pictures where those would be too few.
/// </summary>
internal sealed class FootprintSampler
{
    private const int MostTaps = 4;

    // A little more than one texel is still sharper by one cubic tap than by two.
    private const float OneTap = 1.3f;

    private readonly List<Image> _levels = [];

    public FootprintSampler(Image texture)
    {
        _levels.Add(texture);
        while (_levels[^1].Width > 4)
        {
            _levels.Add(Resample.Halve(_levels[^1]));
        }
    }

    /// <param name="centre">Continuous texel position.</param>
    /// <param name="right">One side of the parallelogram, in texels.</param>
    /// <param name="down">The other.</param>
    /// <param name="result">As many values as the texture has channels.</param>
    public void Sample(Vector2 centre, Vector2 right, Vector2 down, Span<float> result)
    {
        var (columns, rows) = (Taps(right.Length()), Taps(down.Length()));
        var footprint = MathF.Max(right.Length() / columns, down.Length() / rows);
        if (columns * rows == 1 && footprint <= OneTap)
        {
            Cubic(_levels[0], centre, result);
            return;
        }

        Span<float> tap = stackalloc float[result.Length];
        result.Clear();
        var share = 1f / (columns * rows);
        for (var j = 0; j < rows; j++)
        {
            for (var i = 0; i < columns; i++)
            {
                var place = centre + ((((i + 0.5f) / columns) - 0.5f) * right) + ((((j + 0.5f) / rows) - 0.5f) * down);
                Tap(place, footprint, tap);
                for (var c = 0; c < result.Length; c++)
                {
                    result[c] += share * tap[c];
                }
            }
        }
    }

    private static int Taps(float length) => length <= OneTap ? 1 : (int)MathF.Min(MostTaps, MathF.Ceiling(length));

    private void Tap(Vector2 place, float footprint, Span<float> result)
    {
        if (footprint <= OneTap)
        {
            Cubic(_levels[0], place, result);
            return;
        }

        var level = MathF.Min(MathF.Log2(footprint), _levels.Count - 1.001f);
        var low = (int)level;
        Span<float> coarse = stackalloc float[result.Length];
        Resample.Bilinear(_levels[low], place / (1 << low), result);
        Resample.Bilinear(_levels[low + 1], place / (2 << low), coarse);
        for (var c = 0; c < result.Length; c++)
        {
            result[c] += (level - low) * (coarse[c] - result[c]);
        }
    }

    /// <summary>Keys' cubic, a = −½ (Catmull–Rom).</summary>
    private static void Cubic(Image image, Vector2 place, Span<float> result)
    {
        var (w, h, n) = (image.Width, image.Height, image.Channels);
        var (x, y) = (Math.Clamp(place.X - 0.5f, 0, w - 1), Math.Clamp(place.Y - 0.5f, 0, h - 1));
        var (x0, y0) = ((int)x - 1, (int)y - 1);
        Span<float> wx = stackalloc float[4];
        Span<float> wy = stackalloc float[4];
        Weights(x - (int)x, wx);
        Weights(y - (int)y, wy);
        result.Clear();
        var isInside = x0 >= 0 && y0 >= 0 && x0 + 4 <= w && y0 + 4 <= h;
        for (var j = 0; j < 4; j++)
        {
            var row = image.Row(isInside ? y0 + j : Math.Clamp(y0 + j, 0, h - 1));
            if (isInside && n == 3)
            {
                var taps = row.Slice(3 * x0, 12);
                var sum = (wx[0] * new Vector3(taps)) + (wx[1] * new Vector3(taps[3..])) + (wx[2] * new Vector3(taps[6..])) + (wx[3] * new Vector3(taps[9..]));
                (new Vector3(result) + (wy[j] * sum)).CopyTo(result);
                continue;
            }

            for (var i = 0; i < 4; i++)
            {
                var at = (isInside ? x0 + i : Math.Clamp(x0 + i, 0, w - 1)) * n;
                var weight = wx[i] * wy[j];
                for (var c = 0; c < n; c++)
                {
                    result[c] += weight * row[at + c];
                }
            }
        }
    }

    private static void Weights(float t, Span<float> w)
    {
        var (t2, t3) = (t * t, t * t * t);
        w[0] = -0.5f * (t3 - (2 * t2) + t);
        w[1] = (1.5f * t3) - (2.5f * t2) + 1;
        w[2] = (-1.5f * t3) + (2 * t2) + (0.5f * t);
        w[3] = 0.5f * (t3 - t2);
    }
}
