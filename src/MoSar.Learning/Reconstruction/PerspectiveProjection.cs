using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// Perspective projection of vertices to pixels (3.1), with the conventions of <see cref="PinholeCamera"/>; differentiable with respect to vertices,
/// rotation, translation and ln f. Float32 on the CPU; one pass forward, one back. Points nearer to the camera's plane than <see cref="Near"/> are
/// projected as if they were that far, and say nothing about their depth.
/// </summary>
public static class PerspectiveProjection
{
    /// <summary>mm.</summary>
    public const float Near = 1;

    private const int Piece = 2048, CameraTerms = 13;

    /// <param name="vertices">[B, V, 3], head space, mm.</param>
    /// <returns>[B, V, 2] pixels.</returns>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static Tensor Project(Tensor vertices, CameraTensors camera)
    {
        FloatMemory.Check("vertices", vertices, -1, -1, 3);
        var rows = vertices.shape[0];
        FloatMemory.Check("rotation", camera.Rotation, rows, 3, 3);
        FloatMemory.Check("translation", camera.Translation, rows, 3);
        FloatMemory.Check("log focal", camera.LogFocal, rows);
        FloatMemory.Check("principal point", camera.Principal, rows, 2);
        return ProjectionFunction.apply(vertices, camera.Rotation, camera.Translation, camera.LogFocal, camera.Principal);
    }

    private sealed unsafe class ProjectionFunction : SingleTensorFunction<ProjectionFunction>
    {
        public override string Name => "mosar_projection";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            List<Tensor> inputs = [.. vars.Select(v => ((Tensor)v).contiguous())];
            ctx.save_for_backward(inputs);
            var (rows, count) = ((int)inputs[0].shape[0], (int)inputs[0].shape[1]);
            var pixels = empty(rows, count, 2);
            var cameras = Cameras(inputs);
            var (v, p) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(pixels));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) =>
            {
                var at = ((long)count * row) + from;
                Forward(cameras[row], (float*)v + (3 * at), (float*)p + (2 * at), to - from);
            });
            GC.KeepAlive(inputs);
            return pixels;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var inputs = ctx.get_saved_variables();
            using var upstream = grad_output.contiguous();
            var (rows, count) = ((int)inputs[0].shape[0], (int)inputs[0].shape[1]);
            List<Tensor> gradients = [empty_like(inputs[0]), empty_like(inputs[1]), empty_like(inputs[2]), empty_like(inputs[3]), null!];
            var cameras = Cameras(inputs);
            var pieces = FloatMemory.Pieces(count, Piece);
            var partial = new double[rows * pieces * CameraTerms];
            var (v, u, d) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(upstream), (nint)FloatMemory.Of(gradients[0]));
            FloatMemory.For(rows, count, Piece, (row, piece, from, to) =>
            {
                var at = ((long)count * row) + from;
                Backward(
                    cameras[row], (float*)v + (3 * at), (float*)u + (2 * at), (float*)d + (3 * at), to - from, partial.AsSpan(((row * pieces) + piece) * CameraTerms, CameraTerms));
            });
            var dr = FloatMemory.Of(gradients[1]);
            var dt = FloatMemory.Of(gradients[2]);
            var df = FloatMemory.Of(gradients[3]);
            for (var row = 0; row < rows; row++)
            {
                for (var k = 0; k < CameraTerms; k++)
                {
                    double sum = 0;
                    for (var piece = 0; piece < pieces; piece++)
                    {
                        sum += partial[(((row * pieces) + piece) * CameraTerms) + k];
                    }

                    var target = k < 9 ? dr + (9 * row) + k : k < 12 ? dt + (3 * row) + k - 9 : df + row;
                    *target = (float)sum;
                }
            }

            GC.KeepAlive(inputs);
            return gradients;
        }

        private static Camera[] Cameras(List<Tensor> inputs)
        {
            var r = FloatMemory.Of(inputs[1]);
            var t = FloatMemory.Of(inputs[2]);
            var f = FloatMemory.Of(inputs[3]);
            var c = FloatMemory.Of(inputs[4]);
            var result = new Camera[inputs[0].shape[0]];
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = new Camera(new ReadOnlySpan<float>(r + (9 * i), 9), new ReadOnlySpan<float>(t + (3 * i), 3), MathF.Exp(f[i]), c[2 * i], c[(2 * i) + 1]);
            }

            return result;
        }

        private static void Forward(Camera camera, float* vertices, float* pixels, int count)
        {
            float* tail = stackalloc float[40];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pv = vertices + (3 * i);
                var pp = pixels + (2 * i);
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pv, tail, rest, 3);
                    pv = tail;
                    pp = tail + 24;
                }

                Lanes.Load3(pv, out var x, out var y, out var z);
                camera.Transform(x, y, z, out var qx, out var qy, out var qz);
                var scale = camera.Focal / Vector256.Max(-qz, Vector256.Create(Near));
                Lanes.Store2(pp, camera.Cx + (scale * qx), camera.Cy - (scale * qy));
                if (rest < Lanes.Count)
                {
                    Lanes.CopyOut(pp, pixels + (2 * i), rest, 2);
                }
            }
        }

        private static void Backward(Camera camera, float* vertices, float* upstream, float* gradient, int count, Span<double> sums)
        {
            var near = Vector256.Create(Near);
            var total = stackalloc Vector256<float>[CameraTerms];
            new Span<Vector256<float>>(total, CameraTerms).Clear();
            float* tail = stackalloc float[64];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pv = vertices + (3 * i);
                var pu = upstream + (2 * i);
                var pg = gradient + (3 * i);
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pv, tail, rest, 3);
                    Lanes.CopyIn(pu, tail + 24, rest, 2);
                    pv = tail;
                    pu = tail + 24;
                    pg = tail + 40;
                }

                Lanes.Load3(pv, out var x, out var y, out var z);
                Lanes.Load2(pu, out var u, out var v);
                camera.Transform(x, y, z, out var qx, out var qy, out var qz);
                var scale = camera.Focal / Vector256.Max(-qz, near);
                var (dx, dy) = (scale * u, -scale * v);

                // (u, v)·∂(pixel)/∂ln f; the same over depth is what a step away from the camera takes off.
                var radial = (dx * qx) + (dy * qy);
                var dz = Vector256.ConditionalSelect(Vector256.GreaterThan(-qz, near), radial * scale / camera.Focal, Vector256<float>.Zero);
                camera.TransformBack(dx, dy, dz, out var gx, out var gy, out var gz);
                Lanes.Store3(pg, gx, gy, gz);
                total[0] += dx * x;
                total[1] += dx * y;
                total[2] += dx * z;
                total[3] += dy * x;
                total[4] += dy * y;
                total[5] += dy * z;
                total[6] += dz * x;
                total[7] += dz * y;
                total[8] += dz * z;
                total[9] += dx;
                total[10] += dy;
                total[11] += dz;
                total[12] += radial;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyOut(pg, gradient + (3 * i), rest, 3);
                }
            }

            for (var k = 0; k < CameraTerms; k++)
            {
                sums[k] = Lanes.Sum(total[k]);
            }
        }
    }

    /// <summary>One camera, every number in all lanes.</summary>
    private sealed class Camera(ReadOnlySpan<float> r, ReadOnlySpan<float> t, float focal, float cx, float cy)
    {
        private readonly Vector256<float> _r0 = Vector256.Create(r[0]), _r1 = Vector256.Create(r[1]), _r2 = Vector256.Create(r[2]);
        private readonly Vector256<float> _r3 = Vector256.Create(r[3]), _r4 = Vector256.Create(r[4]), _r5 = Vector256.Create(r[5]);
        private readonly Vector256<float> _r6 = Vector256.Create(r[6]), _r7 = Vector256.Create(r[7]), _r8 = Vector256.Create(r[8]);
        private readonly Vector256<float> _tx = Vector256.Create(t[0]), _ty = Vector256.Create(t[1]), _tz = Vector256.Create(t[2]);

        public Vector256<float> Focal { get; } = Vector256.Create(focal);

        public Vector256<float> Cx { get; } = Vector256.Create(cx);

        public Vector256<float> Cy { get; } = Vector256.Create(cy);

        public void Transform(Vector256<float> x, Vector256<float> y, Vector256<float> z, out Vector256<float> qx, out Vector256<float> qy, out Vector256<float> qz)
        {
            qx = (_r0 * x) + (_r1 * y) + (_r2 * z) + _tx;
            qy = (_r3 * x) + (_r4 * y) + (_r5 * z) + _ty;
            qz = (_r6 * x) + (_r7 * y) + (_r8 * z) + _tz;
        }

        public void TransformBack(Vector256<float> dx, Vector256<float> dy, Vector256<float> dz, out Vector256<float> x, out Vector256<float> y, out Vector256<float> z)
        {
            x = (_r0 * dx) + (_r3 * dy) + (_r6 * dz);
            y = (_r1 * dx) + (_r4 * dy) + (_r7 * dz);
            z = (_r2 * dx) + (_r5 * dy) + (_r8 * dz);
        }
    }
}
