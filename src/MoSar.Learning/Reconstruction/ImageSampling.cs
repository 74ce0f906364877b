using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// Colours of a picture at continuous pixel positions, bilinear between the centres of pixels (which lie at halves), differentiable with respect
/// to the positions. The picture is an observation: it gets no gradient. Float32 on the CPU.
/// </summary>
public static class ImageSampling
{
    private const int Piece = 2048;

    /// <param name="image">[B, 3, H, W], H and W at least 2; channels-last memory is read as it lies.</param>
    /// <param name="positions">[B, V, 2], x right, y down.</param>
    /// <returns>[B, V, 3]; 0, without gradient, where <see cref="Inside"/> is 0.</returns>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static Tensor Sample(Tensor image, Tensor positions)
    {
        FloatMemory.Check("positions", positions, -1, -1, 2);
        FloatMemory.Check("image", image, positions.shape[0], 3, -1, -1);
        if (image.shape[2] < 2 || image.shape[3] < 2)
        {
            throw new ArgumentException($"image must be at least 2×2 pixels, not {image.shape[3]}×{image.shape[2]}.");
        }

        return SamplingFunction.apply(image, positions);
    }

    /// <summary>1 where a position has four pixels around it, else 0: [B, V], no gradient.</summary>
    /// <param name="positions">[B, V, 2].</param>
    public static unsafe Tensor Inside(Tensor positions, int width, int height)
    {
        FloatMemory.Check("positions", positions, -1, -1, 2);
        using var dense = positions.detach().contiguous();
        var result = empty(positions.shape[0], positions.shape[1]);
        var p = FloatMemory.Of(dense);
        var w = FloatMemory.Of(result);
        for (long i = 0; i < result.numel(); i++)
        {
            w[i] = IsInside(p[2 * i], p[(2 * i) + 1], width, height) ? 1 : 0;
        }

        return result;
    }

    /// <summary>Written so that NaN is outside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsInside(float x, float y, int width, int height) => x >= 0.5f && y >= 0.5f && x <= width - 0.5f && y <= height - 0.5f;

    private sealed unsafe class SamplingFunction : SingleTensorFunction<SamplingFunction>
    {
        public override string Name => "mosar_sampling";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var (image, positions) = (Dense((Tensor)vars[0], out var step), ((Tensor)vars[1]).contiguous());
            ctx.save_for_backward([image, positions]);
            ctx.save_data("step", step);
            var (rows, count) = ((int)positions.shape[0], (int)positions.shape[1]);
            var colours = empty(rows, count, 3);
            var (i, p, c) = ((nint)FloatMemory.Of(image), (nint)FloatMemory.Of(positions), (nint)FloatMemory.Of(colours));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) => Forward((float*)i + (step.Row * row), step, (float*)p, (float*)c, ((long)count * row) + from, ((long)count * row) + to));
            GC.KeepAlive(image);
            return colours;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var saved = ctx.get_saved_variables();
            var step = (Step)ctx.get_data("step");
            using var upstream = grad_output.contiguous();
            var gradient = empty_like(saved[1]);
            var (rows, count) = ((int)gradient.shape[0], (int)gradient.shape[1]);
            var (i, p, u, g) = ((nint)FloatMemory.Of(saved[0]), (nint)FloatMemory.Of(saved[1]), (nint)FloatMemory.Of(upstream), (nint)FloatMemory.Of(gradient));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) =>
                Backward((float*)i + (step.Row * row), step, (float*)p, (float*)u, (float*)g, ((long)count * row) + from, ((long)count * row) + to));
            GC.KeepAlive(saved);
            return [null!, gradient];
        }

        /// <summary>The picture's memory as one block, in whichever of the two orders it is.</summary>
        private static Tensor Dense(Tensor image, out Step step)
        {
            var (h, w) = ((int)image.shape[2], (int)image.shape[3]);
            if (image.is_channels_last())
            {
                step = new Step(3L * h * w, 1, 3, 3 * w, w, h);
                return image.permute(0, 2, 3, 1);
            }

            step = new Step(3L * h * w, h * w, 1, w, w, h);
            return image.contiguous();
        }

        private static void Forward(float* image, Step step, float* positions, float* colours, long from, long to)
        {
            for (var v = from; v < to; v++)
            {
                var c = colours + (3 * v);
                if (!Locate(positions + (2 * v), step, out var at, out var fx, out var fy))
                {
                    (c[0], c[1], c[2]) = (0, 0, 0);
                    continue;
                }

                var p = image + at;
                for (var k = 0; k < 3; k++, p += step.Channel)
                {
                    var (a, b, d, e) = (p[0], p[step.Column], p[step.Line], p[step.Line + step.Column]);
                    var (top, bottom) = (a + (fx * (b - a)), d + (fx * (e - d)));
                    c[k] = top + (fy * (bottom - top));
                }
            }
        }

        private static void Backward(float* image, Step step, float* positions, float* upstream, float* gradient, long from, long to)
        {
            for (var v = from; v < to; v++)
            {
                float dx = 0, dy = 0;
                if (Locate(positions + (2 * v), step, out var at, out var fx, out var fy))
                {
                    var p = image + at;
                    var u = upstream + (3 * v);
                    for (var k = 0; k < 3; k++, p += step.Channel)
                    {
                        var (a, b, d, e) = (p[0], p[step.Column], p[step.Line], p[step.Line + step.Column]);
                        var (above, below) = (b - a, e - d);
                        dx += u[k] * (above + (fy * (below - above)));
                        dy += u[k] * (d - a + (fx * (below - above)));
                    }
                }

                (gradient[2 * v], gradient[(2 * v) + 1]) = (dx, dy);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static bool Locate(float* position, Step step, out int at, out float fx, out float fy)
        {
            var (x, y) = (position[0], position[1]);
            if (!IsInside(x, y, step.Width, step.Height))
            {
                (at, fx, fy) = (0, 0, 0);
                return false;
            }

            (x, y) = (x - 0.5f, y - 0.5f);

            // The last centre belongs to the last cell.
            var (i, j) = (Math.Min((int)x, step.Width - 2), Math.Min((int)y, step.Height - 2));
            (at, fx, fy) = ((j * step.Line) + (i * step.Column), x - i, y - j);
            return true;
        }
    }

    /// <summary>Distances in memory from one picture, channel, pixel and line to the next.</summary>
    private sealed record Step(long Row, int Channel, int Column, int Line, int Width, int Height);
}
