using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.LightStage;

/// <summary>GGX with height-correlated Smith masking and Schlick's Fresnel term (Walter et al. 2007; Heitz 2014, 2018). Directions point away from the surface.</summary>
internal static class Microfacet
{
    /// <summary>Reflectance per steradian and unit projected area, colourless.</summary>
    /// <param name="alpha">Roughness squared, &gt; 0.</param>
    public static float Evaluate(Vector3 normal, Vector3 view, Vector3 light, float f0, float alpha)
    {
        float nl = Vector3.Dot(normal, light), nv = Vector3.Dot(normal, view);
        if (nl <= 0 || nv <= 0)
        {
            return 0;
        }

        var half = Vector3.Normalize(light + view);
        var nh = Vector3.Dot(normal, half);
        var a2 = alpha * alpha;
        var d = (nh * nh * (a2 - 1)) + 1;
        var distribution = a2 / (MathF.PI * d * d);
        return Fresnel(f0, Vector3.Dot(view, half)) * distribution * Masking(nl, nv, alpha) / (4 * nl * nv);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fresnel(float f0, float cos)
    {
        var x = 1 - Math.Clamp(cos, 0, 1);
        var x2 = x * x;
        return f0 + ((1 - f0) * x2 * x2 * x);
    }

    /// <summary>G₂: the share of facets seen from both directions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Masking(float nl, float nv, float alpha) => 1 / (1 + Lambda(nl, alpha) + Lambda(nv, alpha));

    /// <summary>G₂/G₁(view): what remains of a visible normal's reflection.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float VisibleMasking(float nl, float nv, float alpha)
    {
        var own = Lambda(nv, alpha);
        return (1 + own) / (1 + own + Lambda(nl, alpha));
    }

    /// <summary>The density of a visible normal's reflection, per steradian.</summary>
    public static float VisibleDensity(float nh, float nv, float alpha)
    {
        var a2 = alpha * alpha;
        var d = (nh * nh * (a2 - 1)) + 1;
        return a2 / (MathF.PI * d * d) / (1 + Lambda(nv, alpha)) / (4 * MathF.Max(nv, 1e-4f));
    }

    /// <summary>A normal as the view sees them distributed (Heitz 2018, "Sampling the GGX distribution of visible normals"), in the frame where the surface's is +Z.</summary>
    public static Vector3 VisibleNormal(Vector3 view, float alpha, float a, float b)
    {
        var stretched = Vector3.Normalize(new Vector3(alpha * view.X, alpha * view.Y, view.Z));
        var length = (stretched.X * stretched.X) + (stretched.Y * stretched.Y);
        var first = length > 1e-12f ? new Vector3(-stretched.Y, stretched.X, 0) / MathF.Sqrt(length) : Vector3.UnitX;
        var second = Vector3.Cross(stretched, first);
        var (sin, cos) = MathF.SinCos(MathF.Tau * b);
        var r = MathF.Sqrt(a);
        var t1 = r * cos;
        var s = 0.5f * (1 + stretched.Z);
        var t2 = ((1 - s) * MathF.Sqrt(MathF.Max(0, 1 - (t1 * t1)))) + (s * r * sin);
        var n = (t1 * first) + (t2 * second) + (MathF.Sqrt(MathF.Max(0, 1 - (t1 * t1) - (t2 * t2))) * stretched);
        return Vector3.Normalize(new Vector3(alpha * n.X, alpha * n.Y, MathF.Max(1e-6f, n.Z)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Lambda(float cos, float alpha)
    {
        var c2 = MathF.Max(cos * cos, 1e-8f);
        return 0.5f * (MathF.Sqrt(1 + (alpha * alpha * (1 - c2) / c2)) - 1);
    }
}

/// <summary>An orthonormal frame around a unit vector (Duff et al. 2017).</summary>
internal readonly struct Frame
{
    public readonly Vector3 Right, Up, Normal;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Frame(Vector3 n)
    {
        var sign = MathF.CopySign(1, n.Z);
        var a = -1 / (sign + n.Z);
        var c = n.X * n.Y * a;
        (Right, Up, Normal) = (new Vector3(1 + (sign * n.X * n.X * a), sign * c, -sign * n.X), new Vector3(c, sign + (n.Y * n.Y * a), -n.Y), n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector3 Out(Vector3 local) => (local.X * Right) + (local.Y * Up) + (local.Z * Normal);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector3 Into(Vector3 d) => new(Vector3.Dot(d, Right), Vector3.Dot(d, Up), Vector3.Dot(d, Normal));
}
