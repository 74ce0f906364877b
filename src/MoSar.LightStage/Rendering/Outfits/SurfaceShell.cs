using System.Numerics;

namespace MoSar.LightStage;

/// <summary>A layer over part of a head: a cap of hair, a hat, a shirt. Its edge is where a field crosses zero, cut through triangles, so that it runs smoothly.</summary>
internal static class SurfaceShell
{
    /// <param name="field">A vertex; the layer lies where it is positive.</param>
    /// <param name="height">A vertex: how far the layer stands off along the normal, mm.</param>
    /// <returns>The layer, and those of its points that lie on the field's edge.</returns>
    public static (Vector3[] Positions, int[] Triangles, HashSet<int> Edge) Make(Vector3[] positions, Vector3[] normals, int[] triangles, float[] field, float[] height)
    {
        var (points, corners) = (new List<Vector3>(), new List<int>());
        var whole = new Dictionary<int, int>();
        var cut = new Dictionary<(int, int), int>();
        Span<int> polygon = stackalloc int[4];
        for (var t = 0; t < triangles.Length; t += 3)
        {
            var n = 0;
            for (var k = 0; k < 3; k++)
            {
                var (a, b) = (triangles[t + k], triangles[t + ((k + 1) % 3)]);
                if (field[a] > 0)
                {
                    polygon[n++] = Whole(a);
                }

                if (field[a] > 0 != field[b] > 0)
                {
                    polygon[n++] = Cut(Math.Min(a, b), Math.Max(a, b));
                }
            }

            for (var k = 2; k < n; k++)
            {
                corners.AddRange([polygon[0], polygon[k - 1], polygon[k]]);
            }
        }

        return ([.. points], [.. corners], [.. cut.Values]);

        int Whole(int v)
        {
            if (!whole.TryGetValue(v, out var index))
            {
                whole[v] = index = points.Count;
                points.Add(positions[v] + (height[v] * normals[v]));
            }

            return index;
        }

        int Cut(int a, int b)
        {
            if (!cut.TryGetValue((a, b), out var index))
            {
                cut[(a, b)] = index = points.Count;
                var t = field[a] / (field[a] - field[b]);
                points.Add(Vector3.Lerp(positions[a] + (height[a] * normals[a]), positions[b] + (height[b] * normals[b]), t));
            }

            return index;
        }
    }
}
