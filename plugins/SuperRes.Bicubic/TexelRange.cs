using System.Numerics;

namespace MoSar.Plugins.SuperRes;

internal static class TexelRange
{
    public static void Clamp(Span<float> row, float low, float high)
    {
        var (lo, hi) = (new Vector<float>(low), new Vector<float>(high));
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Min(Vector.Max(new Vector<float>(row[i..]), lo), hi).CopyTo(row[i..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] = Math.Clamp(row[i], low, high);
        }
    }

    /// <summary>Triples to unit length; a triple without direction becomes (0, 0, 1).</summary>
    public static void Normalize(Span<float> row)
    {
        for (var i = 0; i + 2 < row.Length; i += 3)
        {
            var square = (row[i] * row[i]) + (row[i + 1] * row[i + 1]) + (row[i + 2] * row[i + 2]);
            if (square < 1e-12f)
            {
                (row[i], row[i + 1], row[i + 2]) = (0, 0, 1);
                continue;
            }

            var scale = 1 / MathF.Sqrt(square);
            row[i] *= scale;
            row[i + 1] *= scale;
            row[i + 2] *= scale;
        }
    }
}
