using System.Numerics;

namespace MoSar.Graphics;

/// <param name="Centre">Millimetres, head space.</param>
/// <param name="Radius">Millimetres, of the sphere that fits the vertices best.</param>
internal readonly record struct Eyeball(Vector3 Centre, float Radius);

/// <summary>Finds the eyeballs of a mesh by shape: connected parts that are spheres of an eye's size. So any avatar folder can be drawn, without notes on its topology.</summary>
internal static class Eyeballs
{
    /// <summary>For each triangle the index of its eyeball, or −1.</summary>
    public static (Eyeball[] Balls, int[] OfTriangle) Find(Vector3[] positions, int[] triangles)
    {
        var parent = new int[positions.Length];
        for (var i = 0; i < parent.Length; i++)
        {
            parent[i] = i;
        }

        int Root(int i)
        {
            while (parent[i] != i)
            {
                i = parent[i] = parent[parent[i]];
            }

            return i;
        }

        for (var t = 0; t < triangles.Length; t += 3)
        {
            var root = Root(triangles[t]);
            parent[Root(triangles[t + 1])] = root;
            parent[Root(triangles[t + 2])] = root;
        }

        var parts = new Dictionary<int, List<int>>();
        for (var i = 0; i < parent.Length; i++)
        {
            var root = Root(i);
            (parts.TryGetValue(root, out var part) ? part : parts[root] = []).Add(i);
        }

        var balls = new List<Eyeball>();
        var ballOf = new Dictionary<int, int>();
        foreach (var (root, part) in parts.OrderBy(p => p.Value[0]))
        {
            if (part.Count >= 30 && Fit(part, positions) is { Radius: > 8 and < 17 } ball && RootMeanSquare(part, positions, ball) < 0.12f * ball.Radius)
            {
                ballOf[root] = balls.Count;
                balls.Add(ball);
            }
        }

        var ofTriangle = new int[triangles.Length / 3];
        for (var t = 0; t < ofTriangle.Length; t++)
        {
            ofTriangle[t] = ballOf.GetValueOrDefault(Root(triangles[t * 3]), -1);
        }

        return ([.. balls], ofTriangle);
    }

    // |p|² = 2c·p + (r² − |c|²) is linear in its four unknowns; solved by normal equations about the mean.
    private static Eyeball? Fit(List<int> part, Vector3[] positions)
    {
        var mean = part.Aggregate(Vector3.Zero, (sum, i) => sum + positions[i]) / part.Count;
        var m = new double[4, 5];
        foreach (var i in part)
        {
            var p = positions[i] - mean;
            double[] row = [2 * p.X, 2 * p.Y, 2 * p.Z, 1, p.LengthSquared()];
            for (var a = 0; a < 4; a++)
            {
                for (var b = 0; b < 5; b++)
                {
                    m[a, b] += row[a] * row[b];
                }
            }
        }

        for (var a = 0; a < 4; a++)
        {
            if (Math.Abs(m[a, a]) < 1e-9)
            {
                return null;
            }

            for (var other = 0; other < 4; other++)
            {
                var factor = other == a ? 0 : m[other, a] / m[a, a];
                for (var b = a; b < 5 && factor != 0; b++)
                {
                    m[other, b] -= factor * m[a, b];
                }
            }
        }

        var centre = new Vector3((float)(m[0, 4] / m[0, 0]), (float)(m[1, 4] / m[1, 1]), (float)(m[2, 4] / m[2, 2]));
        var square = (m[3, 4] / m[3, 3]) + centre.LengthSquared();
        return square > 0 ? new Eyeball(mean + centre, (float)Math.Sqrt(square)) : null;
    }

    private static float RootMeanSquare(List<int> part, Vector3[] positions, Eyeball ball) =>
        MathF.Sqrt(part.Average(i => MathF.Pow(Vector3.Distance(positions[i], ball.Centre) - ball.Radius, 2)));
}
