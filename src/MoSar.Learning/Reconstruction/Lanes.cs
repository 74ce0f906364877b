using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MoSar.Learning;

/// <summary>Eight points at once: interleaved coordinates in memory (x y z x y z …), one vector a coordinate in registers.</summary>
internal static unsafe class Lanes
{
    public const int Count = 8;

    private static readonly Vector256<int> s_every3 = Vector256.Create(-1, 0, 0, -1, 0, 0, -1, 0);
    private static readonly Vector256<int> s_every3From1 = Vector256.Create(0, -1, 0, 0, -1, 0, 0, -1);
    private static readonly Vector256<int> s_every3From2 = Vector256.Create(0, 0, -1, 0, 0, -1, 0, 0);

    /// <summary>Eight triples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load3(float* p, out Vector256<float> x, out Vector256<float> y, out Vector256<float> z)
    {
        var (a, b, c) = (Vector256.Load(p), Vector256.Load(p + 8), Vector256.Load(p + 16));
        var (m0, m1, m2) = (s_every3.AsSingle(), s_every3From1.AsSingle(), s_every3From2.AsSingle());

        // Coordinate k of point i is element 3i + k of 24: the three vectors never hold two of one coordinate in the same place.
        x = Vector256.Shuffle(Pick(m0, a, m1, b, c), Vector256.Create(0, 3, 6, 1, 4, 7, 2, 5));
        y = Vector256.Shuffle(Pick(m1, a, m2, b, c), Vector256.Create(1, 4, 7, 2, 5, 0, 3, 6));
        z = Vector256.Shuffle(Pick(m2, a, m0, b, c), Vector256.Create(2, 5, 0, 3, 6, 1, 4, 7));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store3(float* p, Vector256<float> x, Vector256<float> y, Vector256<float> z)
    {
        var (m0, m1, m2) = (s_every3.AsSingle(), s_every3From1.AsSingle(), s_every3From2.AsSingle());
        x = Vector256.Shuffle(x, Vector256.Create(0, 3, 6, 1, 4, 7, 2, 5));
        y = Vector256.Shuffle(y, Vector256.Create(5, 0, 3, 6, 1, 4, 7, 2));
        z = Vector256.Shuffle(z, Vector256.Create(2, 5, 0, 3, 6, 1, 4, 7));
        Pick(m0, x, m1, y, z).Store(p);
        Pick(m1, x, m2, y, z).Store(p + 8);
        Pick(m2, x, m0, y, z).Store(p + 16);
    }

    /// <summary>Eight pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load2(float* p, out Vector256<float> x, out Vector256<float> y)
    {
        // a = x0 y0 … x3 y3: evens to the front, odds to the back.
        var order = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
        var (a, b) = (Vector256.Shuffle(Vector256.Load(p), order), Vector256.Shuffle(Vector256.Load(p + 8), order));
        x = Vector256.Create(a.GetLower(), b.GetLower());
        y = Vector256.Create(a.GetUpper(), b.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store2(float* p, Vector256<float> x, Vector256<float> y)
    {
        var order = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        Vector256.Shuffle(Vector256.Create(x.GetLower(), y.GetLower()), order).Store(p);
        Vector256.Shuffle(Vector256.Create(x.GetUpper(), y.GetUpper()), order).Store(p + 8);
    }

    /// <summary>The first n of eight groups of <paramref name="width"/> floats copied to a buffer of eight, the rest 0: for the end of an array.</summary>
    public static void CopyIn(float* from, float* to, int n, int width)
    {
        new Span<float>(to, Count * width).Clear();
        new ReadOnlySpan<float>(from, n * width).CopyTo(new Span<float>(to, Count * width));
    }

    public static void CopyOut(float* from, float* to, int n, int width) => new ReadOnlySpan<float>(from, n * width).CopyTo(new Span<float>(to, n * width));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector256<float> v) => Vector256.Sum(v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pick(Vector256<float> first, Vector256<float> a, Vector256<float> second, Vector256<float> b, Vector256<float> c) =>
        Vector256.ConditionalSelect(first, a, Vector256.ConditionalSelect(second, b, c));
}
