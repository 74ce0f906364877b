using System.Numerics;

namespace MoSar.Faces.Fitting;

/// <summary>Differences between two shapes once rotation and translation are taken out (not scale: millimetres are millimetres).</summary>
public static class RigidAlignment
{
    /// <summary>Mean distance of corresponding points after the best rigid alignment of the first to the second, in their unit.</summary>
    /// <param name="chosen">Which points count.</param>
    public static double MeanDistance(IReadOnlyList<Vector3> first, IReadOnlyList<Vector3> second, IReadOnlyList<int> chosen)
    {
        var (a, b) = (Centred(first, chosen), Centred(second, chosen));

        // Gauss–Newton on the rotation vector converges in a few steps for shapes that already look the same way.
        for (var step = 0; step < 20; step++)
        {
            var (h, g) = (new double[9], new double[3]);
            for (var i = 0; i < a.Length; i++)
            {
                var (p, torque) = (a[i], Vector3.Cross(a[i], b[i] - a[i]));
                double n = p.LengthSquared();
                (g[0], g[1], g[2]) = (g[0] + torque.X, g[1] + torque.Y, g[2] + torque.Z);
                (h[0], h[4], h[8]) = (h[0] + n - (p.X * p.X), h[4] + n - (p.Y * p.Y), h[8] + n - (p.Z * p.Z));
                (h[3], h[6], h[7]) = (h[3] - (p.X * p.Y), h[6] - (p.X * p.Z), h[7] - (p.Y * p.Z));
            }

            var r = HeadPose.Turn(Dense.SolveSymmetric(h, g, [0, 1, 2]), [1, 0, 0, 0, 1, 0, 0, 0, 1]);
            for (var i = 0; i < a.Length; i++)
            {
                var p = a[i];
                a[i] = new Vector3(
                    (float)((r[0] * p.X) + (r[1] * p.Y) + (r[2] * p.Z)),
                    (float)((r[3] * p.X) + (r[4] * p.Y) + (r[5] * p.Z)),
                    (float)((r[6] * p.X) + (r[7] * p.Y) + (r[8] * p.Z)));
            }
        }

        return a.Zip(b, (p, q) => (double)Vector3.Distance(p, q)).Average();
    }

    private static Vector3[] Centred(IReadOnlyList<Vector3> points, IReadOnlyList<int> chosen)
    {
        var mean = Vector3.Zero;
        foreach (var i in chosen)
        {
            mean += points[i] / chosen.Count;
        }

        return [.. chosen.Select(i => points[i] - mean)];
    }
}
