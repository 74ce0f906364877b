namespace MoSar.Graphics;

/// <summary>The nearest covered texel of every texel, exactly: Felzenszwalb and Huttenlocher's distance transform, columns and then rows.</summary>
internal static class NearestCovered
{
    /// <returns>R² texel indices; a covered texel is its own nearest; −1 everywhere when none is covered.</returns>
    internal static int[] Compute(int[] triangle, int size)
    {
        // The nearest covered row within each column.
        var rows = new int[size * size];
        Parallel.For(0, size, x =>
        {
            var last = -1;
            for (var y = 0; y < size; y++)
            {
                last = triangle[(y * size) + x] >= 0 ? y : last;
                rows[(y * size) + x] = last;
            }

            last = -1;
            for (var y = size - 1; y >= 0; y--)
            {
                ref var best = ref rows[(y * size) + x];
                last = triangle[(y * size) + x] >= 0 ? y : last;
                best = best < 0 || (last >= 0 && last - y < y - best) ? last : best;
            }
        });

        var result = new int[size * size];
        Parallel.For(0, size, () => (new int[size], new double[size + 1]), (y, _, scratch) =>
        {
            Envelope(rows.AsSpan(y * size, size), y, size, scratch.Item1, scratch.Item2, result.AsSpan(y * size, size));
            return scratch;
        }, _ => { });
        return result;
    }

    // The lower envelope of the parabolas (x − q)² + d(q)² along a row says which column q is nearest for each x.
    private static void Envelope(ReadOnlySpan<int> rows, int y, int size, int[] columns, double[] bounds, Span<int> result)
    {
        var count = 0;
        for (var q = 0; q < size; q++)
        {
            if (rows[q] < 0)
            {
                continue;
            }

            var start = double.NegativeInfinity;
            while (count > 0)
            {
                start = Crossing(columns[count - 1], Square(rows[columns[count - 1]] - y), q, Square(rows[q] - y));
                if (start > bounds[count - 1])
                {
                    break;
                }

                count--;
            }

            columns[count] = q;
            bounds[count++] = count == 1 ? double.NegativeInfinity : start;
        }

        if (count == 0)
        {
            result.Fill(-1);
            return;
        }

        var k = 0;
        for (var x = 0; x < size; x++)
        {
            while (k + 1 < count && bounds[k + 1] < x)
            {
                k++;
            }

            result[x] = (rows[columns[k]] * size) + columns[k];
        }
    }

    private static double Square(int d) => (double)d * d;

    private static double Crossing(int p, double dp, int q, double dq) => ((dq + ((double)q * q)) - (dp + ((double)p * p))) / (2.0 * (q - p));
}
