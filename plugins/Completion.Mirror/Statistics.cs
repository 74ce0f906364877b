using System.Numerics;

namespace MoSar.Plugins.Completion;

internal static class Statistics
{
    /// <summary>Component by component; of at least one value.</summary>
    public static Vector3 Median(Vector3[] values)
    {
        float Middle(Func<Vector3, float> of)
        {
            var sorted = values.Select(of).ToArray();
            Array.Sort(sorted);
            return sorted[sorted.Length / 2];
        }

        return new Vector3(Middle(v => v.X), Middle(v => v.Y), Middle(v => v.Z));
    }
}
