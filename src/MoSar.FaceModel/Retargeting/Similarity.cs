using System.Numerics;
using MoSar.Faces.Albedo;

namespace MoSar.Faces.Retargeting;

/// <summary>Least-squares rotation, translation and scale between corresponding points in closed form (Horn 1987; scale after Umeyama 1991).</summary>
public static class Similarity
{
    /// <param name="weights">One a point.</param>
    /// <returns>The transform of <paramref name="from"/> (row vectors, as Vector3.Transform takes it), and the weighted root mean square of what remains; null when the points coincide.</returns>
    public static (Matrix4x4 Transform, float Rms)? Fit(ReadOnlySpan<Vector3> from, ReadOnlySpan<Vector3> to, ReadOnlySpan<float> weights)
    {
        Vector3 a = default, b = default;
        var total = 0f;
        for (var i = 0; i < from.Length; i++)
        {
            (a, b, total) = (a + (weights[i] * from[i]), b + (weights[i] * to[i]), total + weights[i]);
        }

        (a, b) = (a / total, b / total);
        var s = new double[3, 3];
        double spread = 0;
        for (var i = 0; i < from.Length; i++)
        {
            Vector3 p = from[i] - a, q = to[i] - b;
            spread += weights[i] * (double)p.LengthSquared();
            for (var r = 0; r < 3; r++)
            {
                for (var c = 0; c < 3; c++)
                {
                    s[r, c] += weights[i] * (double)p[r] * q[c];
                }
            }
        }

        var (best, v) = Rotation(s);
        var scale = (float)(best / spread);
        if (!(scale > 0) || !float.IsFinite(scale))
        {
            return null;
        }

        var transform = Matrix4x4.CreateTranslation(-a) * Matrix4x4.CreateFromQuaternion(Quaternion.Normalize(new Quaternion((float)v[1], (float)v[2], (float)v[3], (float)v[0])))
            * Matrix4x4.CreateScale(scale) * Matrix4x4.CreateTranslation(b);
        double rest = 0;
        for (var i = 0; i < from.Length; i++)
        {
            rest += weights[i] * Vector3.DistanceSquared(Vector3.Transform(from[i], transform), to[i]);
        }

        return (transform, (float)Math.Sqrt(rest / total));
    }

    /// <summary>The rotation R that makes Σ q·Rp greatest: as quaternion w, x, y, z, and that sum.</summary>
    /// <param name="s">3×3: Σ p qᵀ, of points p and q around their means.</param>
    internal static (double Best, double[] Quaternion) Rotation(double[,] s)
    {
        // The eigenvector of the largest eigenvalue is the rotation's quaternion (w, x, y, z).
        var (values, vectors) = SymmetricEigen.Decompose(new[,]
        {
            { s[0, 0] + s[1, 1] + s[2, 2], s[1, 2] - s[2, 1], s[2, 0] - s[0, 2], s[0, 1] - s[1, 0] },
            { s[1, 2] - s[2, 1], s[0, 0] - s[1, 1] - s[2, 2], s[0, 1] + s[1, 0], s[2, 0] + s[0, 2] },
            { s[2, 0] - s[0, 2], s[0, 1] + s[1, 0], s[1, 1] - s[0, 0] - s[2, 2], s[1, 2] + s[2, 1] },
            { s[0, 1] - s[1, 0], s[2, 0] + s[0, 2], s[1, 2] + s[2, 1], s[2, 2] - s[0, 0] - s[1, 1] },
        });
        return (values[0], vectors[0]);
    }
}
