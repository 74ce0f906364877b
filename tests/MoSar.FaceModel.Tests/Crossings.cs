using System.Numerics;

namespace MoSar.Faces.Tests;

/// <summary>Counts pairs of triangles without a common corner that cross each other, over a grid of 6 mm cells.</summary>
internal static class Crossings
{
    private const float Cell = 6;

    public static int Count(Vector3[] positions, int[] triangles, Func<int, bool> use)
    {
        var cells = new Dictionary<(int, int, int), List<int>>();
        for (var t = 0; t < triangles.Length; t += 3)
        {
            if (!use(triangles[t]) || !use(triangles[t + 1]) || !use(triangles[t + 2]))
            {
                continue;
            }

            var (a, b, c) = Corners(t);
            Vector3 low = Vector3.Min(a, Vector3.Min(b, c)) / Cell, high = Vector3.Max(a, Vector3.Max(b, c)) / Cell;
            for (var x = (int)MathF.Floor(low.X); x <= (int)MathF.Floor(high.X); x++)
            {
                for (var y = (int)MathF.Floor(low.Y); y <= (int)MathF.Floor(high.Y); y++)
                {
                    for (var z = (int)MathF.Floor(low.Z); z <= (int)MathF.Floor(high.Z); z++)
                    {
                        (cells.TryGetValue((x, y, z), out var list) ? list : cells[(x, y, z)] = []).Add(t);
                    }
                }
            }
        }

        var found = new HashSet<(int, int)>();
        foreach (var list in cells.Values)
        {
            for (var i = 0; i < list.Count; i++)
            {
                for (var j = i + 1; j < list.Count; j++)
                {
                    if (!Touch(list[i], list[j]) && (Pierces(list[i], list[j]) || Pierces(list[j], list[i])))
                    {
                        found.Add((list[i], list[j]));
                    }
                }
            }
        }

        return found.Count;

        (Vector3 A, Vector3 B, Vector3 C) Corners(int t) => (positions[triangles[t]], positions[triangles[t + 1]], positions[triangles[t + 2]]);

        bool Touch(int s, int t) => triangles.AsSpan(s, 3).ContainsAny(triangles[t], triangles[t + 1], triangles[t + 2]);

        bool Pierces(int s, int t)
        {
            var (a, b, c) = Corners(s);
            return Segment(a, b, t) || Segment(b, c, t) || Segment(c, a, t);
        }

        bool Segment(Vector3 from, Vector3 to, int t)
        {
            var (a, b, c) = Corners(t);
            Vector3 d = to - from, e1 = b - a, e2 = c - a, h = Vector3.Cross(d, e2);
            var det = Vector3.Dot(e1, h);
            if (Math.Abs(det) < 1e-9f)
            {
                return false;
            }

            var s = from - a;
            var u = Vector3.Dot(s, h) / det;
            var q = Vector3.Cross(s, e1);
            float v = Vector3.Dot(d, q) / det, w = Vector3.Dot(e2, q) / det;
            return u > 1e-4f && v > 1e-4f && u + v < 1 - 1e-4f && w > 1e-4f && w < 1 - 1e-4f;
        }
    }
}
