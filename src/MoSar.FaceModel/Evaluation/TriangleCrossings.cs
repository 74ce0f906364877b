using System.Numerics;

namespace MoSar.Faces.Evaluation;

/// <summary>Finds pairs of triangles without a common corner that cross each other, over a grid of 6 mm cells.</summary>
public static class TriangleCrossings
{
    private const float Cell = 6;

    /// <param name="positions">Millimetres, finite.</param>
    /// <param name="triangles">3 vertex indices a triangle.</param>
    /// <param name="use">Which vertices a triangle may have to be looked at; null: all.</param>
    /// <returns>Each pair once, the lower triangle first, as indices of triangles.</returns>
    public static IReadOnlySet<(int, int)> Find(Vector3[] positions, int[] triangles, Func<int, bool>? use = null)
    {
        var boxes = new (Vector3 Low, Vector3 High)[triangles.Length / 3];
        var cells = new Dictionary<(int, int, int), List<int>>();
        for (var t = 0; t < boxes.Length; t++)
        {
            if (use is not null && !(use(triangles[3 * t]) && use(triangles[(3 * t) + 1]) && use(triangles[(3 * t) + 2])))
            {
                continue;
            }

            var (a, b, c) = Corners(t);
            boxes[t] = (Vector3.Min(a, Vector3.Min(b, c)), Vector3.Max(a, Vector3.Max(b, c)));
            Vector3 low = boxes[t].Low / Cell, high = boxes[t].High / Cell;
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
                    if (Near(list[i], list[j]) && !Touch(list[i], list[j]) && (Pierces(list[i], list[j]) || Pierces(list[j], list[i])))
                    {
                        found.Add((list[i], list[j]));
                    }
                }
            }
        }

        return found;

        (Vector3 A, Vector3 B, Vector3 C) Corners(int t) => (positions[triangles[3 * t]], positions[triangles[(3 * t) + 1]], positions[triangles[(3 * t) + 2]]);

        bool Near(int s, int t) => Vector3.Max(boxes[s].Low, boxes[t].Low) is var low && Vector3.Min(boxes[s].High, boxes[t].High) is var high
            && low.X <= high.X && low.Y <= high.Y && low.Z <= high.Z;

        bool Touch(int s, int t) => triangles.AsSpan(3 * s, 3).ContainsAny(triangles[3 * t], triangles[(3 * t) + 1], triangles[(3 * t) + 2]);

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
