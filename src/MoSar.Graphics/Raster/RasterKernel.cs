using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>
/// Fills triangles in a plane: the sample at (i + ½, j + ½) belongs to the triangle that contains it, the nearest where several do. Edge functions
/// are evaluated in double and for each edge in one order of its ends, so that they are exactly opposite for the two triangles beside it:
/// no sample on a shared edge is lost, and a tie goes to the lower triangle index.
/// </summary>
internal static class RasterKernel
{
    private const int BandRows = 16;

    /// <summary>What to draw.</summary>
    /// <param name="X">Horizontal place of each point.</param>
    /// <param name="Y">Vertical place of each point.</param>
    /// <param name="InverseDepth">1/depth of each point, ≤ 0 for points that must not be drawn; null when all are equally deep (an atlas).</param>
    /// <param name="Indices">3 points a triangle.</param>
    internal readonly record struct Input(double[] X, double[] Y, double[]? InverseDepth, int[] Indices);

    /// <summary>Called for a sample that may be nearest so far.</summary>
    internal interface ISink
    {
        /// <param name="at">Row-major index of the sample.</param>
        /// <param name="b1">Perspective-correct weight of the second corner.</param>
        /// <param name="b2">Of the third.</param>
        /// <param name="inverseDepth">1/depth there.</param>
        void Put(int at, int triangle, double b1, double b2, double inverseDepth);
    }

    internal static void Draw<TSink>(in Input input, int width, int height, TSink sink, CancellationToken cancellation)
        where TSink : struct, ISink
    {
        var copy = input;
        var (starts, lists) = Bin(copy, width, height);
        Parallel.For(0, starts.Length - 1, new ParallelOptions { CancellationToken = cancellation }, band =>
        {
            var last = Math.Min((band + 1) * BandRows, height) - 1;
            for (var k = starts[band]; k < starts[band + 1]; k++)
            {
                Fill(copy, lists[k], width, band * BandRows, last, sink);
            }
        });
    }

    // Triangles by band of rows, in ascending order within each: a counting sort.
    private static (int[] Starts, int[] Lists) Bin(in Input input, int width, int height)
    {
        var bands = (height + BandRows - 1) / BandRows;
        var starts = new int[bands + 1];
        var triangles = input.Indices.Length / 3;
        var ranges = new (int First, int Last)[triangles];
        for (var t = 0; t < triangles; t++)
        {
            ranges[t] = Rows(input, t, width, height);
            for (var b = ranges[t].First; b <= ranges[t].Last; b++)
            {
                starts[b + 1]++;
            }
        }

        for (var b = 0; b < bands; b++)
        {
            starts[b + 1] += starts[b];
        }

        var (lists, next) = (new int[starts[bands]], starts.AsSpan(0, bands).ToArray());
        for (var t = 0; t < triangles; t++)
        {
            for (var b = ranges[t].First; b <= ranges[t].Last; b++)
            {
                lists[next[b]++] = t;
            }
        }

        return (starts, lists);
    }

    // The bands that a triangle may touch; (0, −1) for none.
    private static (int First, int Last) Rows(in Input input, int t, int width, int height)
    {
        var (i, j, k) = (input.Indices[3 * t], input.Indices[(3 * t) + 1], input.Indices[(3 * t) + 2]);
        if (input.InverseDepth is { } w && !(w[i] > 0 && w[j] > 0 && w[k] > 0))
        {
            return (0, -1);
        }

        var low = Math.Min(input.Y[i], Math.Min(input.Y[j], input.Y[k]));
        var high = Math.Max(input.Y[i], Math.Max(input.Y[j], input.Y[k]));
        var left = Math.Min(input.X[i], Math.Min(input.X[j], input.X[k]));
        var right = Math.Max(input.X[i], Math.Max(input.X[j], input.X[k]));

        // Written so that NaN is not drawn.
        if (!(high >= 0.5 && low <= height - 0.5 && right >= 0.5 && left <= width - 0.5))
        {
            return (0, -1);
        }

        return ((int)Math.Max(0, Math.Ceiling(low - 0.5)) / BandRows, (int)Math.Min(height - 1, Math.Floor(high - 0.5)) / BandRows);
    }

    // a·x + b·y + c, positive to one side of the edge. The ends are sorted first, then the sign is restored exactly.
    private readonly struct Edge
    {
        private readonly double _a;
        private readonly double _b;
        private readonly double _x;
        private readonly double _y;

        public Edge(double x0, double y0, double x1, double y1)
        {
            var swap = x1 < x0 || (x1 == x0 && y1 < y0);
            (_x, _y) = swap ? (x1, y1) : (x0, y0);
            (_a, _b) = (y0 - y1, x1 - x0);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public double RowTerm(double y) => _b * (y - _y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public double At(double x, double rowTerm) => (_a * (x - _x)) + rowTerm;

        /// <summary>Where along the row the edge is crossed; the sign of a says on which side to stay.</summary>
        public void Clip(double rowTerm, ref double left, ref double right)
        {
            if (_a > 0)
            {
                left = Math.Max(left, _x - (rowTerm / _a));
            }
            else if (_a < 0)
            {
                right = Math.Min(right, _x - (rowTerm / _a));
            }
            else if (rowTerm < 0)
            {
                right = double.NegativeInfinity;
            }
        }
    }

    private static void Fill<TSink>(in Input input, int t, int width, int firstRow, int lastRow, TSink sink)
        where TSink : struct, ISink
    {
        var (i, j, k) = (input.Indices[3 * t], input.Indices[(3 * t) + 1], input.Indices[(3 * t) + 2]);
        var (x0, y0, x1, y1, x2, y2) = (input.X[i], input.Y[i], input.X[j], input.Y[j], input.X[k], input.Y[k]);
        var area = ((x1 - x0) * (y2 - y0)) - ((x2 - x0) * (y1 - y0));
        if (area == 0)
        {
            return;
        }

        // Both orientations are filled: what faces away hides as well.
        var flip = area < 0;
        var e0 = flip ? new Edge(x2, y2, x1, y1) : new Edge(x1, y1, x2, y2);
        var e1 = flip ? new Edge(x0, y0, x2, y2) : new Edge(x2, y2, x0, y0);
        var e2 = flip ? new Edge(x1, y1, x0, y0) : new Edge(x0, y0, x1, y1);
        var (w0, w1, w2) = input.InverseDepth is { } w ? (w[i], w[j], w[k]) : (1, 1, 1);
        var top = (int)Math.Max(firstRow, Math.Ceiling(Math.Min(y0, Math.Min(y1, y2)) - 0.5));
        var bottom = (int)Math.Min(lastRow, Math.Floor(Math.Max(y0, Math.Max(y1, y2)) - 0.5));
        for (var row = top; row <= bottom; row++)
        {
            var y = row + 0.5;
            var (r0, r1, r2) = (e0.RowTerm(y), e1.RowTerm(y), e2.RowTerm(y));
            double left = 0.5, right = width - 0.5;
            e0.Clip(r0, ref left, ref right);
            e1.Clip(r1, ref left, ref right);
            e2.Clip(r2, ref left, ref right);

            // A sample more on each side: the crossing is rounded, the exact test below decides.
            var first = Math.Max(0, (int)Math.Ceiling(left - 0.5) - 1);
            var last = right < left - 2 ? -1 : Math.Min(width - 1, (int)Math.Floor(right - 0.5) + 1);
            for (var column = first; column <= last; column++)
            {
                var x = column + 0.5;
                var (v0, v1, v2) = (e0.At(x, r0), e1.At(x, r1), e2.At(x, r2));
                if (v0 < 0 || v1 < 0 || v2 < 0)
                {
                    continue;
                }

                // 1/depth is linear on the screen, everything else after division by it.
                var (p0, p1, p2) = (v0 * w0, v1 * w1, v2 * w2);
                var sum = p0 + p1 + p2;
                sink.Put((row * width) + column, t, p1 / sum, p2 / sum, sum / (v0 + v1 + v2));
            }
        }
    }
}
