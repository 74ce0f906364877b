using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// L_photo of Eq. 1: ℓ1 between the vertices' colours and the picture's at the same places, over what is seen. Where the picture is white
/// (clipped), brighter colours agree with it. One pass forward, one back.
/// </summary>
public static class PhotoLoss
{
    /// <summary>From here on a linear value of the picture counts as clipped.</summary>
    public const float White = 0.99f;

    private const int Piece = 2048;

    /// <param name="colours">[B, V, 3] linear.</param>
    /// <param name="samples">[B, V, 3] linear, see <see cref="ImageSampling"/>.</param>
    /// <param name="weights">[B, V] ≥ 0: visibility times region, 0 outside the picture; takes no gradient.</param>
    /// <param name="encoded">
    /// Compare sRGB-encoded values, as pictures are stored and as the linear fit does: dark skin then counts as much as light skin. Else linear ones.
    /// </param>
    /// <returns>Scalar in units of white: the mean over the rows of the weighted mean over vertices of the channels' mean; a row that shows nothing counts 0.</returns>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static Tensor Of(Tensor colours, Tensor samples, Tensor weights, bool encoded = true)
    {
        using var scope = NewDisposeScope();
        return Rows(colours, samples, weights, encoded).mean().MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Of"/>, of each row: [B].</summary>
    public static Tensor Rows(Tensor colours, Tensor samples, Tensor weights, bool encoded = true)
    {
        FloatMemory.Check("colours", colours, -1, -1, 3);
        FloatMemory.Check("samples", samples, colours.shape[0], colours.shape[1], 3);
        FloatMemory.Check("weights", weights, colours.shape[0], colours.shape[1]);
        using var scope = NewDisposeScope();
        return PhotoFunction.apply(new Encoding(encoded), colours, samples, weights.detach()).MoveToOuterDisposeScope();
    }

    /// <summary>Of one channel: |E(c) − E(s)| and what multiplies the loss' slope for c and for s.</summary>
    private sealed record Encoding(bool Srgb)
    {
        private const float Knee = 0.0031308f;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compare(Vector256<float> c, Vector256<float> s, out Vector256<float> difference, out Vector256<float> slopeC, out Vector256<float> slopeS)
        {
            var clipped = Vector256.GreaterThanOrEqual(s, Vector256.Create(White)) & Vector256.GreaterThan(c, s);
            (slopeC, slopeS) = (Vector256<float>.One, Vector256<float>.One);
            if (Srgb)
            {
                (c, slopeC) = Encode(c);
                (s, slopeS) = Encode(s);
            }

            var d = Vector256.AndNot(c - s, clipped.AsSingle());
            var sign = Vector256.ConditionalSelect(
                Vector256.GreaterThan(d, Vector256<float>.Zero), Vector256<float>.One, Vector256.ConditionalSelect(Vector256.LessThan(d, Vector256<float>.Zero), Vector256.Create(-1f), Vector256<float>.Zero));
            difference = Vector256.Abs(d);
            (slopeC, slopeS) = (slopeC * sign, -slopeS * sign);
        }

        private static (Vector256<float> Value, Vector256<float> Slope) Encode(Vector256<float> linear)
        {
            var dark = Vector256.LessThanOrEqual(linear, Vector256.Create(Knee));
            var x = Vector256.Max(linear, Vector256.Create(Knee));
            var power = Vector256.Exp(Vector256.Log(x) * (1 / 2.4f)) * 1.055f;
            return (
                Vector256.ConditionalSelect(dark, linear * 12.92f, power - Vector256.Create(0.055f)),
                Vector256.ConditionalSelect(dark, Vector256.Create(12.92f), power / x * (1 / 2.4f)));
        }
    }

    private sealed unsafe class PhotoFunction : SingleTensorFunction<PhotoFunction>
    {
        public override string Name => "mosar_photo";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var encoding = (Encoding)vars[0];
            List<Tensor> inputs = [((Tensor)vars[1]).contiguous(), ((Tensor)vars[2]).contiguous(), ((Tensor)vars[3]).contiguous()];
            var (rows, count) = ((int)inputs[0].shape[0], (int)inputs[0].shape[1]);
            var pieces = FloatMemory.Pieces(count, Piece);
            var partial = new (double Loss, double Weight)[rows * pieces];
            var (c, s, w) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(inputs[1]), (nint)FloatMemory.Of(inputs[2]));
            FloatMemory.For(rows, count, Piece, (row, piece, from, to) =>
            {
                var at = ((long)count * row) + from;
                partial[(row * pieces) + piece] = Forward(encoding, (float*)c + (3 * at), (float*)s + (3 * at), (float*)w + at, to - from);
            });
            var (losses, scale) = (new float[rows], new float[rows]);
            for (var row = 0; row < rows; row++)
            {
                double sum = 0, weight = 0;
                foreach (var (l, v) in partial.AsSpan(row * pieces, pieces))
                {
                    (sum, weight) = (sum + l, weight + v);
                }

                scale[row] = weight > 0 ? (float)(1 / (3 * weight)) : 0;
                losses[row] = (float)(sum * scale[row]);
            }

            ctx.save_for_backward(inputs);
            ctx.save_data("encoding", encoding);
            ctx.save_data("scale", scale);
            return tensor(losses);
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var (encoding, scale) = ((Encoding)ctx.get_data("encoding"), (float[])ctx.get_data("scale"));
            var inputs = ctx.get_saved_variables();
            using var upstream = grad_output.contiguous();
            var (dColours, dSamples) = (empty_like(inputs[0]), empty_like(inputs[1]));
            var (rows, count) = ((int)inputs[0].shape[0], (int)inputs[0].shape[1]);
            var (c, s, w) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(inputs[1]), (nint)FloatMemory.Of(inputs[2]));
            var (u, gc, gs) = ((nint)FloatMemory.Of(upstream), (nint)FloatMemory.Of(dColours), (nint)FloatMemory.Of(dSamples));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) =>
            {
                var at = ((long)count * row) + from;
                Backward(encoding, (float*)c + (3 * at), (float*)s + (3 * at), (float*)w + at, ((float*)u)[row] * scale[row], (float*)gc + (3 * at), (float*)gs + (3 * at), to - from);
            });
            GC.KeepAlive(inputs);
            return [null!, dColours, dSamples, null!];
        }

        private static (double Loss, double Weight) Forward(Encoding encoding, float* colours, float* samples, float* weights, int count)
        {
            var (sum, total) = (Vector256<float>.Zero, Vector256<float>.Zero);
            float* tail = stackalloc float[56];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pc = colours + (3 * i);
                var ps = samples + (3 * i);
                var pw = weights + i;
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pc, tail, rest, 3);
                    Lanes.CopyIn(ps, tail + 24, rest, 3);
                    Lanes.CopyIn(pw, tail + 48, rest, 1);
                    pc = tail;
                    ps = tail + 24;
                    pw = tail + 48;
                }

                var weight = Vector256.Load(pw);

                // Most of a head is not seen: its eights are skipped whole.
                if (Vector256.EqualsAll(weight, Vector256<float>.Zero))
                {
                    continue;
                }

                Lanes.Load3(pc, out var r, out var g, out var b);
                Lanes.Load3(ps, out var sr, out var sg, out var sb);
                encoding.Compare(r, sr, out r, out _, out _);
                encoding.Compare(g, sg, out g, out _, out _);
                encoding.Compare(b, sb, out b, out _, out _);
                sum += weight * (r + g + b);
                total += weight;
            }

            return (Lanes.Sum(sum), Lanes.Sum(total));
        }

        private static void Backward(Encoding encoding, float* colours, float* samples, float* weights, float factor, float* dColours, float* dSamples, int count)
        {
            float* tail = stackalloc float[104];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pc = colours + (3 * i);
                var ps = samples + (3 * i);
                var pw = weights + i;
                var qc = dColours + (3 * i);
                var qs = dSamples + (3 * i);
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pc, tail, rest, 3);
                    Lanes.CopyIn(ps, tail + 24, rest, 3);
                    Lanes.CopyIn(pw, tail + 48, rest, 1);
                    pc = tail;
                    ps = tail + 24;
                    pw = tail + 48;
                    qc = tail + 56;
                    qs = tail + 80;
                }

                var weight = Vector256.Load(pw) * factor;
                if (Vector256.EqualsAll(weight, Vector256<float>.Zero))
                {
                    Lanes.Store3(qc, weight, weight, weight);
                    Lanes.Store3(qs, weight, weight, weight);
                }
                else
                {
                    Lanes.Load3(pc, out var r, out var g, out var b);
                    Lanes.Load3(ps, out var sr, out var sg, out var sb);
                    encoding.Compare(r, sr, out _, out r, out sr);
                    encoding.Compare(g, sg, out _, out g, out sg);
                    encoding.Compare(b, sb, out _, out b, out sb);
                    Lanes.Store3(qc, r * weight, g * weight, b * weight);
                    Lanes.Store3(qs, sr * weight, sg * weight, sb * weight);
                }

                if (rest < Lanes.Count)
                {
                    Lanes.CopyOut(qc, dColours + (3 * i), rest, 3);
                    Lanes.CopyOut(qs, dSamples + (3 * i), rest, 3);
                }
            }
        }
    }
}
