namespace MoSar.Graphics;

/// <summary>One level of the pyramid of <see cref="HarmonicFill"/>.</summary>
internal sealed class FillLevel(Image image, FillState[] state)
{
    private const int RowsPerTask = 32;

    public Image Image => image;

    /// <summary>Half the size: a texel is known when any of its four is (their mean), else unknown when any is.</summary>
    public FillLevel Coarser()
    {
        var (w, h, channels) = ((image.Width + 1) / 2, (image.Height + 1) / 2, image.Channels);
        var (coarse, coarseState) = (new Image(w, h, channels), new FillState[w * h]);
        Parallel.For(0, h, y =>
        {
            for (var x = 0; x < w; x++)
            {
                var known = 0;
                var best = FillState.Outside;
                for (var k = 0; k < 4; k++)
                {
                    var (fx, fy) = ((2 * x) + (k & 1), (2 * y) + (k >> 1));
                    if (fx >= image.Width || fy >= image.Height)
                    {
                        continue;
                    }

                    var at = (fy * image.Width) + fx;
                    best = state[at] > best ? state[at] : best;
                    if (state[at] == FillState.Known)
                    {
                        known++;
                        for (var c = 0; c < channels; c++)
                        {
                            coarse[x, y, c] += image.Pixels[(at * channels) + c];
                        }
                    }
                }

                for (var c = 0; known > 1 && c < channels; c++)
                {
                    coarse[x, y, c] /= known;
                }

                coarseState[(y * w) + x] = best;
            }
        });
        return new FillLevel(coarse, coarseState);
    }

    public void Clear() => ForUnknown(0, (at, _, _) => image.Pixels.AsSpan(at * image.Channels, image.Channels).Clear());

    /// <summary>Takes the solution of the next coarser level as the first guess, bilinearly over the texels that are inside.</summary>
    public void StartFrom(FillLevel coarser)
    {
        var channels = image.Channels;
        ForUnknown(0, (at, x, y) =>
        {
            var total = 0f;
            var target = image.Pixels.AsSpan(at * channels, channels);
            target.Clear();
            for (var k = 0; k < 4; k++)
            {
                // The near coarse texel weighs 3/4 along each axis, the far one 1/4.
                var cx = (x >> 1) + ((k & 1) == 0 ? 0 : ((x & 1) == 0 ? -1 : 1));
                var cy = (y >> 1) + ((k >> 1) == 0 ? 0 : ((y & 1) == 0 ? -1 : 1));
                if (cx < 0 || cy < 0 || cx >= coarser.Image.Width || cy >= coarser.Image.Height || coarser.StateAt(cx, cy) == FillState.Outside)
                {
                    continue;
                }

                var weight = ((k & 1) == 0 ? 0.75f : 0.25f) * ((k >> 1) == 0 ? 0.75f : 0.25f);
                total += weight;
                for (var c = 0; c < channels; c++)
                {
                    target[c] += weight * coarser.Image[cx, cy, c];
                }
            }

            for (var c = 0; c < channels; c++)
            {
                target[c] /= total; // The near texel is always inside, so the total is at least 9/16.
            }
        });
    }

    /// <summary>Gauss–Seidel in two colours, so that rows can go in parallel and the result does not depend on their order.</summary>
    public void Relax(float screening, int sweeps)
    {
        var (w, h, channels) = (image.Width, image.Height, image.Channels);
        for (var sweep = 0; sweep < 2 * sweeps; sweep++)
        {
            ForUnknown(1 + (sweep & 1), (at, x, y) =>
            {
                Span<int> neighbours = stackalloc int[4];
                var n = 0;
                Append(neighbours, ref n, x > 0, at - 1);
                Append(neighbours, ref n, x + 1 < w, at + 1);
                Append(neighbours, ref n, y > 0, at - w);
                Append(neighbours, ref n, y + 1 < h, at + w);
                for (var c = 0; c < channels && n > 0; c++)
                {
                    var sum = 0f;
                    foreach (var neighbour in neighbours[..n])
                    {
                        sum += image.Pixels[(neighbour * channels) + c];
                    }

                    image.Pixels[(at * channels) + c] = sum / (n + screening);
                }
            });
        }
    }

    private FillState StateAt(int x, int y) => state[(y * image.Width) + x];

    private void Append(Span<int> neighbours, ref int count, bool exists, int at)
    {
        if (exists && state[at] != FillState.Outside)
        {
            neighbours[count++] = at;
        }
    }

    // Colour 0: all unknown texels; 1 and 2: those of a chessboard's white and black squares.
    private void ForUnknown(int colour, Action<int, int, int> body)
    {
        var tasks = (image.Height + RowsPerTask - 1) / RowsPerTask;
        void Rows(int task)
        {
            for (var y = task * RowsPerTask; y < Math.Min(image.Height, (task + 1) * RowsPerTask); y++)
            {
                for (var x = colour == 0 ? 0 : (y + colour) & 1; x < image.Width; x += colour == 0 ? 1 : 2)
                {
                    var at = (y * image.Width) + x;
                    if (state[at] == FillState.Unknown)
                    {
                        body(at, x, y);
                    }
                }
            }
        }

        if (tasks == 1)
        {
            Rows(0);
        }
        else
        {
            Parallel.For(0, tasks, Rows);
        }
    }
}
