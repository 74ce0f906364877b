using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MoSar.Graphics;

/// <summary>
/// Eq. 5–8: reflected radiance m̂ = 𝓑_d + 𝓑_sss + 𝓑_s of shading points under SH light, and the vector–Jacobian product with respect to every
/// input. SIMD over points, parallel over chunks of a fixed size, so that results are bit-identical whatever the number of cores;
/// nothing is allocated per point. The Fresnel term takes cos θ = n·v clamped to [0, 1]: behind the horizon f = 1, without gradient.
/// Gradients of directions are those of the basis as a polynomial in (x, y, z); only their tangential part has a meaning.
/// </summary>
/// <param name="roughness">σ of R_l = exp(−(σl)²).</param>
public sealed unsafe class ShadingKernel(double roughness)
{
    private const int Chunk = 2048;
    private const int Block = 64;

    /// <summary>Radiance of <paramref name="count"/> points; <paramref name="output"/> has the layout of the albedo.</summary>
    /// <param name="points">Inputs.</param>
    /// <param name="count">N.</param>
    /// <param name="light">(bands+1)² triples; bands beyond those of a term are ignored, missing ones are zero.</param>
    /// <param name="terms">Which summands of Eq. 5.</param>
    /// <param name="output">3N values, written.</param>
    public void Forward(in ShadingBuffers points, int count, ReadOnlySpan<Vector3> light, ShadingTerms terms, float* output)
    {
        var (buffers, folded) = (points, FoldedLight.Make(light, roughness, terms));
        Parallel.For(0, Chunks(count), c => ForwardChunk(buffers, c * Chunk, Math.Min(count, (c + 1) * Chunk), folded, output));
    }

    /// <summary>Gradients of every input, given ∂L/∂output in the layout of the albedo.</summary>
    /// <param name="points">Inputs of the forward pass.</param>
    /// <param name="count">N.</param>
    /// <param name="light">As in <see cref="Forward"/>.</param>
    /// <param name="terms">As in <see cref="Forward"/>.</param>
    /// <param name="upstream">∂L/∂output, 3N.</param>
    /// <param name="gradients">Written, same layout as the inputs; null members are skipped.</param>
    /// <param name="lightGradient">Written, 3 values for each coefficient of <paramref name="light"/>.</param>
    public void Backward(in ShadingBuffers points, int count, ReadOnlySpan<Vector3> light, ShadingTerms terms, float* upstream, in ShadingBuffers gradients, Span<float> lightGradient)
    {
        var (inputs, outputs, folded) = (points, gradients, FoldedLight.Make(light, roughness, terms));
        const int size = FoldedLight.GradientLength;
        var partial = new float[Chunks(count) * size];
        Parallel.For(0, Chunks(count), c =>
        {
            fixed (float* slot = &partial[c * size])
            {
                BackwardChunk(inputs, c * Chunk, Math.Min(count, (c + 1) * Chunk), folded, upstream, outputs, slot);
            }
        });
        folded.SumLightGradient(partial, lightGradient);
    }

    private static int Chunks(int count) => (count + Chunk - 1) / Chunk;

    private static void ForwardChunk(in ShadingBuffers points, int start, int end, FoldedLight light, float* output)
    {
        var stage = default(ShadingBlock);
        for (var at = start; at < end; at += Block)
        {
            var n = Math.Min(Block, end - at);
            stage.Load(points, at, n);
            for (var i = 0; i < n; i += Vector<float>.Count)
            {
                ShadePoint(ref stage, i, light);
            }

            stage.StoreOutput(points, at, n, output);
        }
    }

    private static void ShadePoint(ref ShadingBlock b, int i, FoldedLight light)
    {
        Vector<float> red = default, green = default, blue = default;
        var (nx, ny, nz) = b.Direction(ShadingBlock.Normal, i);
        if (light.HasDiffuse)
        {
            var scatter = Scatter1(b[ShadingBlock.Translucency, i]);
            var weights = BandWeights(light, b[ShadingBlock.Occlusion, i], scatter);
            var basis = new QuadraticBasis(nx, ny, nz);
            red = b[ShadingBlock.Albedo, i] * basis.Irradiance(light.Diffuse, 0, weights);
            green = b[ShadingBlock.Albedo + 1, i] * basis.Irradiance(light.Diffuse, 1, weights);
            blue = b[ShadingBlock.Albedo + 2, i] * basis.Irradiance(light.Diffuse, 2, weights);
        }

        if (light.HasSpecular)
        {
            var (vx, vy, vz) = b.Direction(ShadingBlock.View, i);
            var cosine = (nx * vx) + (ny * vy) + (nz * vz);
            var two = cosine + cosine;
            var (er, eg, eb) = SpecularRadiance((two * nx) - vx, (two * ny) - vy, (two * nz) - vz, light.Specular);
            var s = b[ShadingBlock.Specular, i];
            var f = s + ((Vector<float>.One - s) * Pow5(Grazing(cosine)));
            red += f * er;
            green += f * eg;
            blue += f * eb;
        }

        b[ShadingBlock.Output, i] = red;
        b[ShadingBlock.Output + 1, i] = green;
        b[ShadingBlock.Output + 2, i] = blue;
    }

    private static void BackwardChunk(in ShadingBuffers points, int start, int end, FoldedLight light, float* upstream, in ShadingBuffers gradients, float* lightGradient)
    {
        var stage = default(ShadingBlock);
        var accumulator = stackalloc Vector<float>[FoldedLight.GradientLength];
        new Span<Vector<float>>(accumulator, FoldedLight.GradientLength).Clear();
        for (var at = start; at < end; at += Block)
        {
            var n = Math.Min(Block, end - at);
            stage.Load(points, at, n);
            stage.LoadUpstream(points, at, n, upstream);
            for (var i = 0; i < n; i += Vector<float>.Count)
            {
                DifferentiatePoint(ref stage, i, light, accumulator);
            }

            stage.StoreGradients(gradients, at, n);
        }

        for (var k = 0; k < FoldedLight.GradientLength; k++)
        {
            lightGradient[k] = Vector.Sum(accumulator[k]);
        }
    }

    private static void DifferentiatePoint(ref ShadingBlock b, int i, FoldedLight light, Vector<float>* lightGradient)
    {
        var (nx, ny, nz) = b.Direction(ShadingBlock.Normal, i);
        var (gr, gg, gb) = b.Direction(ShadingBlock.Upstream, i);
        Vector<float> dnx = default, dny = default, dnz = default, dvx = default, dvy = default, dvz = default;
        Vector<float> da = default, dt = default, ds = default, dred = default, dgreen = default, dblue = default;
        if (light.HasDiffuse)
        {
            var (a, t) = (b[ShadingBlock.Occlusion, i], b[ShadingBlock.Translucency, i]);
            var (ar, ag, ab) = b.Direction(ShadingBlock.Albedo, i);
            var scatter = Scatter1(t);
            var scatter4 = scatter * scatter * scatter * scatter;
            var weights = BandWeights(light, a, scatter);
            var basis = new QuadraticBasis(nx, ny, nz);
            dred = gr * basis.Irradiance(light.Diffuse, 0, weights);
            dgreen = gg * basis.Irradiance(light.Diffuse, 1, weights);
            dblue = gb * basis.Irradiance(light.Diffuse, 2, weights);

            // From here on the three channels are one: light contracted with ∂L/∂output · d.
            var (ur, ug, ub) = (gr * ar, gg * ag, gb * ab);
            var (e0, e1, e2, x, y, z) = basis.Contract(light.Diffuse, ur, ug, ub, weights);
            da = (new Vector<float>(light.Lambert0) * e0) + (new Vector<float>(light.Lambert1) * e1) + (new Vector<float>(light.Lambert2) * e2);
            dt = ScatterSlope(t) * light.Scatter * ((scatter * e1) + (new Vector<float>(4) * scatter4 * e2));
            (dnx, dny, dnz) = (x, y, z);
            basis.AccumulateLight(lightGradient, ur, ug, ub, weights);
        }

        if (light.HasSpecular)
        {
            var (vx, vy, vz) = b.Direction(ShadingBlock.View, i);
            var cosine = (nx * vx) + (ny * vy) + (nz * vz);
            var two = cosine + cosine;
            var s = b[ShadingBlock.Specular, i];
            var grazing = Grazing(cosine);
            var grazing4 = grazing * grazing * grazing * grazing;
            var f = s + ((Vector<float>.One - s) * grazing4 * grazing);
            var (df, x, y, z) = DifferentiateSpecular((two * nx) - vx, (two * ny) - vy, (two * nz) - vz, gr, gg, gb, f, light.Specular, lightGradient + FoldedLight.DiffuseLength);
            ds = df * (Vector<float>.One - (grazing4 * grazing));

            // Outside [0, 1] the clamp of cos θ stops the gradient.
            var inside = Vector.GreaterThan(cosine, Vector<float>.Zero) & Vector.LessThan(cosine, Vector<float>.One);
            var dc = Vector.ConditionalSelect(inside, new Vector<float>(-5) * (Vector<float>.One - s) * grazing4 * df, Vector<float>.Zero);
            (x, y, z) = (x * f, y * f, z * f);

            // r = 2(n·v)n − v.
            var along = ((x * nx) + (y * ny) + (z * nz)) * new Vector<float>(2);
            dnx += (two * x) + ((along + dc) * vx);
            dny += (two * y) + ((along + dc) * vy);
            dnz += (two * z) + ((along + dc) * vz);
            dvx = ((along + dc) * nx) - x;
            dvy = ((along + dc) * ny) - y;
            dvz = ((along + dc) * nz) - z;
        }

        b.SetDirection(ShadingBlock.Albedo, i, dred, dgreen, dblue);
        b.SetDirection(ShadingBlock.Normal, i, dnx, dny, dnz);
        b.SetDirection(ShadingBlock.View, i, dvx, dvy, dvz);
        b[ShadingBlock.Occlusion, i] = da;
        b[ShadingBlock.Translucency, i] = dt;
        b[ShadingBlock.Specular, i] = ds;
    }

    /// <summary>a·A_l + S_l for l = 0, 1, 2 (S_2 = S_1⁴, S_0 is not part of Eq. 7).</summary>
    private static (Vector<float> L0, Vector<float> L1, Vector<float> L2) BandWeights(FoldedLight light, Vector<float> a, Vector<float> scatter)
    {
        var s1 = scatter * light.Scatter;
        return (a * new Vector<float>(light.Lambert0), (a * new Vector<float>(light.Lambert1)) + s1, (a * new Vector<float>(light.Lambert2)) + (s1 * scatter * scatter * scatter));
    }

    /// <summary>S_1 = exp(−1/t⁴). Below |t| = 0.2 that is under 1e-271: zero, which also keeps 0/0 out.</summary>
    private static Vector<float> Scatter1(Vector<float> t)
    {
        var t4 = t * t * t * t;
        return Vector.ConditionalSelect(Vector.LessThan(t4, new Vector<float>(ScatterCut)), Vector<float>.Zero, Vector.Exp(-Vector<float>.One / t4));
    }

    /// <summary>4/t⁵, the factor of dS_l/dt = l²·4/t⁵·S_l; zero where S is.</summary>
    private static Vector<float> ScatterSlope(Vector<float> t)
    {
        var t4 = t * t * t * t;
        return Vector.ConditionalSelect(Vector.LessThan(t4, new Vector<float>(ScatterCut)), Vector<float>.Zero, new Vector<float>(4) / (t4 * t));
    }

    private const float ScatterCut = 0.2f * 0.2f * 0.2f * 0.2f;

    private static Vector<float> Grazing(Vector<float> cosine) =>
        Vector<float>.One - Vector.Min(Vector.Max(cosine, Vector<float>.Zero), Vector<float>.One);

    private static Vector<float> Pow5(Vector<float> x)
    {
        var x2 = x * x;
        return x2 * x2 * x;
    }

    /// <summary>Σ R_l γ Y(r) for three channels, band by band within each order m.</summary>
    private static (Vector<float> Red, Vector<float> Green, Vector<float> Blue) SpecularRadiance(Vector<float> x, Vector<float> y, Vector<float> z, float[] light)
    {
        const int bands = ShadingConstants.SpecularBands, n = bands + 1;
        Vector<float> red = default, green = default, blue = default;
        var (cos, sin) = (Vector<float>.One, Vector<float>.Zero);
        ref var alpha = ref MemoryMarshal.GetArrayDataReference(ShadingConstants.Legendre.Alpha);
        ref var beta = ref MemoryMarshal.GetArrayDataReference(ShadingConstants.Legendre.Beta);
        ref var gamma = ref MemoryMarshal.GetArrayDataReference(light);
        for (var m = 0; m <= bands; m++)
        {
            var (before, p) = (Vector<float>.Zero, new Vector<float>(ShadingConstants.Legendre.Diagonal[m]));
            Vector<float> pr = default, pg = default, pb = default, qr = default, qg = default, qb = default;
            for (var l = m; l <= bands; l++)
            {
                ref var plus = ref Unsafe.Add(ref gamma, 3 * ((l * l) + l + m));
                ref var minus = ref Unsafe.Add(ref gamma, 3 * ((l * l) + l - m));
                pr += p * plus;
                pg += p * Unsafe.Add(ref plus, 1);
                pb += p * Unsafe.Add(ref plus, 2);
                qr += p * minus;
                qg += p * Unsafe.Add(ref minus, 1);
                qb += p * Unsafe.Add(ref minus, 2);
                if (l < bands)
                {
                    var k = ((l + 1) * n) + m;
                    (before, p) = (p, (z * p * Unsafe.Add(ref alpha, k)) - (before * Unsafe.Add(ref beta, k)));
                }
            }

            red += (pr * cos) + (qr * sin);
            green += (pg * cos) + (qg * sin);
            blue += (pb * cos) + (qb * sin);
            (cos, sin) = ((x * cos) - (y * sin), (x * sin) + (y * cos));
        }

        return (red, green, blue);
    }

    /// <summary>
    /// With E_c = Σ R_l γ_c Y(r): Σ_c g_c·E_c, its gradient with respect to r, and f·g_c·Y into the light's gradient (the fold's R_l and √2
    /// are put back when the chunks are summed).
    /// </summary>
    private static (Vector<float> Value, Vector<float> X, Vector<float> Y, Vector<float> Z) DifferentiateSpecular(
        Vector<float> x, Vector<float> y, Vector<float> z, Vector<float> gr, Vector<float> gg, Vector<float> gb, Vector<float> f, float[] light, Vector<float>* lightGradient)
    {
        const int bands = ShadingConstants.SpecularBands, n = bands + 1;
        Vector<float> value = default, dx = default, dy = default, dz = default;
        var (fr, fg, fb) = (f * gr, f * gg, f * gb);
        var (cos, sin, cosBefore, sinBefore) = (Vector<float>.One, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        ref var alpha = ref MemoryMarshal.GetArrayDataReference(ShadingConstants.Legendre.Alpha);
        ref var beta = ref MemoryMarshal.GetArrayDataReference(ShadingConstants.Legendre.Beta);
        ref var gamma = ref MemoryMarshal.GetArrayDataReference(light);
        for (var m = 0; m <= bands; m++)
        {
            var (before, p) = (Vector<float>.Zero, new Vector<float>(ShadingConstants.Legendre.Diagonal[m]));
            Vector<float> slopeBefore = default, slope = default, a = default, b = default, da = default, db = default;
            for (var l = m; l <= bands; l++)
            {
                var (i, j) = (3 * ((l * l) + l + m), 3 * ((l * l) + l - m));
                ref var plus = ref Unsafe.Add(ref gamma, i);
                ref var minus = ref Unsafe.Add(ref gamma, j);
                var w = (gr * plus) + (gg * Unsafe.Add(ref plus, 1)) + (gb * Unsafe.Add(ref plus, 2));
                a += w * p;
                da += w * slope;
                var basis = p * cos;
                lightGradient[i] += fr * basis;
                lightGradient[i + 1] += fg * basis;
                lightGradient[i + 2] += fb * basis;
                if (m > 0)
                {
                    w = (gr * minus) + (gg * Unsafe.Add(ref minus, 1)) + (gb * Unsafe.Add(ref minus, 2));
                    b += w * p;
                    db += w * slope;
                    basis = p * sin;
                    lightGradient[j] += fr * basis;
                    lightGradient[j + 1] += fg * basis;
                    lightGradient[j + 2] += fb * basis;
                }

                if (l < bands)
                {
                    var k = ((l + 1) * n) + m;
                    var (up, back) = (Unsafe.Add(ref alpha, k), Unsafe.Add(ref beta, k));
                    (slopeBefore, slope) = (slope, (((z * slope) + p) * up) - (slopeBefore * back));
                    (before, p) = (p, (z * p * up) - (before * back));
                }
            }

            // d(x + iy)^m = m·(x + iy)^(m−1)·(dx + i·dy).
            value += (a * cos) + (b * sin);
            dz += (da * cos) + (db * sin);
            var order = new Vector<float>(m);
            dx += order * ((a * cosBefore) + (b * sinBefore));
            dy += order * ((b * cosBefore) - (a * sinBefore));
            (cosBefore, sinBefore) = (cos, sin);
            (cos, sin) = ((x * cos) - (y * sin), (x * sin) + (y * cos));
        }

        return (value, dx, dy, dz);
    }
}
