using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// Lambertian colours of vertices under 3rd-order spherical harmonics (3.1; Eq. 6 without occlusion): albedo · Σ_l A_l Σ_m γ_lm·Y_lm(n), A = π, 2π/3, π/4.
/// 1/π of the Lambertian BRDF is part of the light, as in <see cref="Reconstruction.Light"/> and <see cref="ShLight.Uniform"/>: under uniform light a
/// white vertex has colour 1. Differentiable with respect to everything; float32 on the CPU. Nothing is clamped: where light is negative the gradient still says so.
/// </summary>
public static class VertexShading
{
    public const int Coefficients = 9;

    private const int Piece = 2048, Terms = 27;

    // A_l times the constants of the real orthonormal basis, without the Condon–Shortley sign: what multiplies 1, y, z, x, xy, yz, 3z²−1, xz, x²−y².
    private static readonly float[] s_factors =
    [
        .. new[]
        {
            Math.PI / Math.Sqrt(4 * Math.PI),
            Band1, Band1, Band1,
            Band2, Band2, Band2 / Math.Sqrt(12), Band2, Band2 / 2,
        }.Select(f => (float)f),
    ];

    private static double Band1 => 2 * Math.PI / 3 * Math.Sqrt(3 / (4 * Math.PI));

    private static double Band2 => Math.PI / 4 * Math.Sqrt(15 / (4 * Math.PI));

    /// <param name="normals">[B, V, 3] unit vectors in head space.</param>
    /// <param name="light">γ, [B, 9, 3], index l·l+l+m, head space.</param>
    /// <param name="albedo">[B, V, 3], linear reflectance.</param>
    /// <returns>[B, V, 3] linear colours.</returns>
    /// <exception cref="ArgumentException">Shapes, type or device do not fit.</exception>
    public static Tensor Shade(Tensor normals, Tensor light, Tensor albedo)
    {
        FloatMemory.Check("normals", normals, -1, -1, 3);
        FloatMemory.Check("light", light, normals.shape[0], Coefficients, 3);
        FloatMemory.Check("albedo", albedo, normals.shape[0], normals.shape[1], 3);
        return ShadingFunction.apply(normals, light, albedo);
    }

    private sealed unsafe class ShadingFunction : SingleTensorFunction<ShadingFunction>
    {
        public override string Name => "mosar_vertex_shading";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            List<Tensor> inputs = [((Tensor)vars[0]).contiguous(), ((Tensor)vars[1]).contiguous(), ((Tensor)vars[2]).contiguous()];
            ctx.save_for_backward(inputs);
            var colours = empty_like(inputs[2]);
            var (rows, count) = ((int)colours.shape[0], (int)colours.shape[1]);
            var (n, l, a, c) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(inputs[1]), (nint)FloatMemory.Of(inputs[2]), (nint)FloatMemory.Of(colours));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) =>
            {
                var at = 3L * (((long)count * row) + from);
                Forward((float*)n + at, (float*)l + (Terms * row), (float*)a + at, (float*)c + at, to - from);
            });
            GC.KeepAlive(inputs);
            return colours;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var inputs = ctx.get_saved_variables();
            using var upstream = grad_output.contiguous();
            List<Tensor> gradients = [empty_like(inputs[0]), empty_like(inputs[1]), empty_like(inputs[2])];
            var (rows, count) = ((int)upstream.shape[0], (int)upstream.shape[1]);
            var pieces = FloatMemory.Pieces(count, Piece);
            var partial = new double[rows * pieces * Terms];
            var (n, l, a, u) = ((nint)FloatMemory.Of(inputs[0]), (nint)FloatMemory.Of(inputs[1]), (nint)FloatMemory.Of(inputs[2]), (nint)FloatMemory.Of(upstream));
            var (dn, da) = ((nint)FloatMemory.Of(gradients[0]), (nint)FloatMemory.Of(gradients[2]));
            FloatMemory.For(rows, count, Piece, (row, piece, from, to) =>
            {
                var at = 3L * (((long)count * row) + from);
                Backward(
                    (float*)n + at, (float*)l + (Terms * row), (float*)a + at, (float*)u + at, (float*)dn + at, (float*)da + at, to - from,
                    partial.AsSpan(((row * pieces) + piece) * Terms, Terms));
            });
            var dl = FloatMemory.Of(gradients[1]);
            for (var row = 0; row < rows; row++)
            {
                for (var k = 0; k < Terms; k++)
                {
                    double sum = 0;
                    for (var piece = 0; piece < pieces; piece++)
                    {
                        sum += partial[(((row * pieces) + piece) * Terms) + k];
                    }

                    dl[(row * Terms) + k] = (float)(sum * s_factors[k / 3]);
                }
            }

            GC.KeepAlive(inputs);
            return gradients;
        }

        private static void Forward(float* normals, float* light, float* albedo, float* colours, int count)
        {
            var e = stackalloc Vector256<float>[Terms];
            Fold(light, e);
            float* tail = stackalloc float[3 * 24];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pn = normals + (3 * i);
                var pa = albedo + (3 * i);
                var pc = colours + (3 * i);
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pn, tail, rest, 3);
                    Lanes.CopyIn(pa, tail + 24, rest, 3);
                    pn = tail;
                    pa = tail + 24;
                    pc = tail + 48;
                }

                Lanes.Load3(pn, out var x, out var y, out var z);
                Lanes.Load3(pa, out var r, out var g, out var b);
                var basis = new Basis(x, y, z);
                Lanes.Store3(pc, r * basis.Shading(e, 0), g * basis.Shading(e, 1), b * basis.Shading(e, 2));
                if (rest < Lanes.Count)
                {
                    Lanes.CopyOut(pc, colours + (3 * i), rest, 3);
                }
            }
        }

        private static void Backward(float* normals, float* light, float* albedo, float* upstream, float* dNormals, float* dAlbedo, int count, Span<double> dLight)
        {
            var e = stackalloc Vector256<float>[Terms];
            var sums = stackalloc Vector256<float>[Terms];
            Fold(light, e);
            new Span<Vector256<float>>(sums, Terms).Clear();
            float* tail = stackalloc float[5 * 24];
            for (var i = 0; i < count; i += Lanes.Count)
            {
                var pn = normals + (3 * i);
                var pa = albedo + (3 * i);
                var pu = upstream + (3 * i);
                var qn = dNormals + (3 * i);
                var qa = dAlbedo + (3 * i);
                var rest = count - i;
                if (rest < Lanes.Count)
                {
                    Lanes.CopyIn(pn, tail, rest, 3);
                    Lanes.CopyIn(pa, tail + 24, rest, 3);
                    Lanes.CopyIn(pu, tail + 48, rest, 3);
                    pn = tail;
                    pa = tail + 24;
                    pu = tail + 48;
                    qn = tail + 72;
                    qa = tail + 96;
                }

                Lanes.Load3(pn, out var x, out var y, out var z);
                Lanes.Load3(pa, out var r, out var g, out var b);
                Lanes.Load3(pu, out var ur, out var ug, out var ub);
                var basis = new Basis(x, y, z);
                Lanes.Store3(qa, ur * basis.Shading(e, 0), ug * basis.Shading(e, 1), ub * basis.Shading(e, 2));
                (ur, ug, ub) = (ur * r, ug * g, ub * b);
                basis.Slope(e, ur, ug, ub, out var dx, out var dy, out var dz);
                Lanes.Store3(qn, dx, dy, dz);
                basis.Accumulate(sums, ur, ug, ub);
                if (rest < Lanes.Count)
                {
                    Lanes.CopyOut(qn, dNormals + (3 * i), rest, 3);
                    Lanes.CopyOut(qa, dAlbedo + (3 * i), rest, 3);
                }
            }

            for (var k = 0; k < Terms; k++)
            {
                dLight[k] = Lanes.Sum(sums[k]);
            }
        }

        private static void Fold(float* light, Vector256<float>* e)
        {
            for (var k = 0; k < Terms; k++)
            {
                e[k] = Vector256.Create(light[k] * s_factors[k / 3]);
            }
        }
    }

    /// <summary>The basis' polynomials at eight normals.</summary>
    private readonly unsafe struct Basis(Vector256<float> x, Vector256<float> y, Vector256<float> z)
    {
        private readonly Vector256<float> _x = x, _y = y, _z = z, _xy = x * y, _yz = y * z, _zz = (z * z * 3) - Vector256<float>.One, _xz = x * z, _xx = (x * x) - (y * y);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Shading(Vector256<float>* e, int c) =>
            e[c] + (e[3 + c] * _y) + (e[6 + c] * _z) + (e[9 + c] * _x) + (e[12 + c] * _xy) + (e[15 + c] * _yz) + (e[18 + c] * _zz) + (e[21 + c] * _xz) + (e[24 + c] * _xx);

        /// <summary>∂/∂n of Σ_c u_c·Shading_c.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Slope(
            Vector256<float>* e, Vector256<float> ur, Vector256<float> ug, Vector256<float> ub, out Vector256<float> dx, out Vector256<float> dy, out Vector256<float> dz)
        {
            var g4 = Mix(e, 12, ur, ug, ub);
            var g5 = Mix(e, 15, ur, ug, ub);
            var g7 = Mix(e, 21, ur, ug, ub);
            var g8 = Mix(e, 24, ur, ug, ub) * 2;
            dx = Mix(e, 9, ur, ug, ub) + (g4 * _y) + (g7 * _z) + (g8 * _x);
            dy = Mix(e, 3, ur, ug, ub) + (g4 * _x) + (g5 * _z) - (g8 * _y);
            dz = Mix(e, 6, ur, ug, ub) + (g5 * _y) + (g7 * _x) + (Mix(e, 18, ur, ug, ub) * 6 * _z);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Accumulate(Vector256<float>* sums, Vector256<float> ur, Vector256<float> ug, Vector256<float> ub)
        {
            Add(sums, 0, Vector256<float>.One, ur, ug, ub);
            Add(sums, 3, _y, ur, ug, ub);
            Add(sums, 6, _z, ur, ug, ub);
            Add(sums, 9, _x, ur, ug, ub);
            Add(sums, 12, _xy, ur, ug, ub);
            Add(sums, 15, _yz, ur, ug, ub);
            Add(sums, 18, _zz, ur, ug, ub);
            Add(sums, 21, _xz, ur, ug, ub);
            Add(sums, 24, _xx, ur, ug, ub);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> Mix(Vector256<float>* e, int k, Vector256<float> ur, Vector256<float> ug, Vector256<float> ub) => (e[k] * ur) + (e[k + 1] * ug) + (e[k + 2] * ub);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(Vector256<float>* sums, int k, Vector256<float> value, Vector256<float> ur, Vector256<float> ug, Vector256<float> ub)
        {
            sums[k] += value * ur;
            sums[k + 1] += value * ug;
            sums[k + 2] += value * ub;
        }
    }
}
