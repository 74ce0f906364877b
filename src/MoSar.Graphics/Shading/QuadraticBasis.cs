using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>The SH basis up to l = 2 of a vector of directions, written out: what Eq. 6 and 7 need.</summary>
internal readonly unsafe struct QuadraticBasis
{
    private const float C0 = 0.28209479177387814f;
    private const float C1 = 0.48860251190291992f;
    private const float C2 = 1.0925484305920792f;
    private const float C3 = 0.31539156525252005f;
    private const float C4 = 0.54627421529603959f;

    private readonly Vector<float> _x, _y, _z;

    public QuadraticBasis(Vector<float> x, Vector<float> y, Vector<float> z) => (_x, _y, _z) = (x, y, z);

    /// <summary>Σ_l w_l Σ_m γ_lm Y_lm for one channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector<float> Irradiance(float[] light, int channel, (Vector<float> L0, Vector<float> L1, Vector<float> L2) weights)
    {
        var (e0, e1, e2) = Bands(At(light, 0, channel), At(light, 1, channel), At(light, 2, channel), At(light, 3, channel), At(light, 4, channel), At(light, 5, channel), At(light, 6, channel), At(light, 7, channel), At(light, 8, channel));
        return (weights.L0 * e0) + (weights.L1 * e1) + (weights.L2 * e2);
    }

    /// <summary>With γ' = Σ_c u_c γ_c: the three band sums of γ'·Y and the gradient of Σ w_l·(band sum) with respect to the direction.</summary>
    public (Vector<float> E0, Vector<float> E1, Vector<float> E2, Vector<float> X, Vector<float> Y, Vector<float> Z) Contract(
        float[] light, Vector<float> ur, Vector<float> ug, Vector<float> ub, (Vector<float> L0, Vector<float> L1, Vector<float> L2) weights)
    {
        var g = stackalloc Vector<float>[9];
        for (var i = 0; i < 9; i++)
        {
            g[i] = (ur * light[3 * i]) + (ug * light[(3 * i) + 1]) + (ub * light[(3 * i) + 2]);
        }

        var (e0, e1, e2) = Bands(g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], g[8]);
        var (xx, zz) = (new Vector<float>(2 * C4) * g[8], new Vector<float>(6 * C3) * g[6]);
        var dx = (weights.L1 * (g[3] * C1)) + (weights.L2 * ((((g[4] * _y) + (g[7] * _z)) * C2) + (xx * _x)));
        var dy = (weights.L1 * (g[1] * C1)) + (weights.L2 * ((((g[4] * _x) + (g[5] * _z)) * C2) - (xx * _y)));
        var dz = (weights.L1 * (g[2] * C1)) + (weights.L2 * ((((g[5] * _y) + (g[7] * _x)) * C2) + (zz * _z)));
        return (e0, e1, e2, dx, dy, dz);
    }

    /// <summary>Adds u_c·w_l·Y_lm to 9 triples.</summary>
    public void AccumulateLight(Vector<float>* gradient, Vector<float> ur, Vector<float> ug, Vector<float> ub, (Vector<float> L0, Vector<float> L1, Vector<float> L2) weights)
    {
        var (w1, w2) = (weights.L1 * C1, weights.L2 * C2);
        Add(gradient, 0, weights.L0 * C0, ur, ug, ub);
        Add(gradient, 1, w1 * _y, ur, ug, ub);
        Add(gradient, 2, w1 * _z, ur, ug, ub);
        Add(gradient, 3, w1 * _x, ur, ug, ub);
        Add(gradient, 4, w2 * _x * _y, ur, ug, ub);
        Add(gradient, 5, w2 * _y * _z, ur, ug, ub);
        Add(gradient, 6, weights.L2 * (((_z * _z) * (3 * C3)) - new Vector<float>(C3)), ur, ug, ub);
        Add(gradient, 7, w2 * _x * _z, ur, ug, ub);
        Add(gradient, 8, weights.L2 * C4 * ((_x * _x) - (_y * _y)), ur, ug, ub);
    }

    private static Vector<float> At(float[] light, int i, int channel) => new(light[(3 * i) + channel]);

    private static void Add(Vector<float>* gradient, int i, Vector<float> value, Vector<float> ur, Vector<float> ug, Vector<float> ub)
    {
        gradient[3 * i] += ur * value;
        gradient[(3 * i) + 1] += ug * value;
        gradient[(3 * i) + 2] += ub * value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector<float> E0, Vector<float> E1, Vector<float> E2) Bands(
        Vector<float> g0, Vector<float> g1, Vector<float> g2, Vector<float> g3, Vector<float> g4, Vector<float> g5, Vector<float> g6, Vector<float> g7, Vector<float> g8) =>
        (g0 * C0,
        ((g1 * _y) + (g2 * _z) + (g3 * _x)) * C1,
        (((g4 * _x * _y) + (g5 * _y * _z) + (g7 * _x * _z)) * C2) + (g6 * (((_z * _z) * (3 * C3)) - new Vector<float>(C3))) + (g8 * ((_x * _x) - (_y * _y)) * C4));
}
