namespace MoSar.Graphics;

/// <summary>Means over squares of texels, of covered texels only.</summary>
public static class BoxAverage
{
    /// <param name="values">R² values.</param>
    /// <param name="triangle">R² triangle indices; −1 texels do not count.</param>
    /// <param name="radius">The square has 2·radius + 1 texels a side.</param>
    /// <returns>R² means; 0 where the square holds no covered texel.</returns>
    public static float[] Over(float[] values, int[] triangle, int size, int radius)
    {
        var (sums, counts) = (new float[values.Length], new float[values.Length]);
        Parallel.For(0, size, y =>
        {
            var (sum, count, row) = (0.0, 0, y * size);
            for (var x = -radius; x < size; x++)
            {
                var (enter, leave) = (x + radius, x - radius - 1);
                if (enter < size && triangle[row + enter] >= 0)
                {
                    sum += values[row + enter];
                    count++;
                }

                if (leave >= 0 && triangle[row + leave] >= 0)
                {
                    sum -= values[row + leave];
                    count--;
                }

                if (x >= 0)
                {
                    (sums[row + x], counts[row + x]) = ((float)sum, count);
                }
            }
        });

        var result = new float[values.Length];

        // Columns in strips, so that each cache line is read once.
        const int strip = 64;
        Parallel.For(0, (size + strip - 1) / strip, s =>
        {
            var (first, last) = (s * strip, Math.Min((s + 1) * strip, size));
            Span<double> sum = stackalloc double[strip];
            Span<double> count = stackalloc double[strip];
            sum.Clear();
            count.Clear();
            for (var y = -radius; y < size; y++)
            {
                var (enter, leave) = (y + radius, y - radius - 1);
                for (var x = first; x < last; x++)
                {
                    if (enter < size)
                    {
                        sum[x - first] += sums[(enter * size) + x];
                        count[x - first] += counts[(enter * size) + x];
                    }

                    if (leave >= 0)
                    {
                        sum[x - first] -= sums[(leave * size) + x];
                        count[x - first] -= counts[(leave * size) + x];
                    }

                    if (y >= 0 && count[x - first] > 0)
                    {
                        result[(y * size) + x] = (float)(sum[x - first] / count[x - first]);
                    }
                }
            }
        });
        return result;
    }
}
