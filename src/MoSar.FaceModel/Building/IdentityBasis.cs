using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>Carries identity modes onto the template and orders them by variance.</summary>
internal static class IdentityBasis
{
    public static Vector3[][] Take(Correspondence fromSource, IReadOnlyList<Vector3[]> modes, int count)
    {
        var carried = new Vector3[modes.Count][];
        Parallel.For(0, modes.Count, k => carried[k] = fromSource.Apply(modes[k]));
        return [.. carried.OrderByDescending(m => m.Sum(o => (double)o.LengthSquared())).Take(count)];
    }
}
