using System.Numerics;
using MoSar.Faces.Retargeting;

namespace MoSar.Faces.Evaluation;

/// <summary>x → R x + t, in double precision: the end of the protocol's alignment is a change of a millionth.</summary>
internal sealed class RigidMotion
{
    // Rows of R.
    private readonly double[] _r;
    private readonly double[] _t;

    private RigidMotion(double[] r, double[] t) => (_r, _t) = (r, t);

    public static RigidMotion None { get; } = new([1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]);

    /// <summary>Least squares in closed form (the rotation after Horn 1987), and the scale after REALY: the ratio of the sums of all coordinates' sizes around the means.</summary>
    /// <param name="weights">One a point.</param>
    /// <returns>The motion that carries <paramref name="from"/>, enlarged by the scale when <paramref name="withScale"/>, to <paramref name="to"/>.</returns>
    public static (RigidMotion Motion, double Scale) Fit(ReadOnlySpan<Vector3> from, ReadOnlySpan<Vector3> to, ReadOnlySpan<double> weights, bool withScale)
    {
        double[] a = Mean(from, weights), b = Mean(to, weights);
        var s = new double[3, 3];
        for (var i = 0; i < from.Length; i++)
        {
            for (var r = 0; r < 3; r++)
            {
                for (var c = 0; c < 3; c++)
                {
                    s[r, c] += weights[i] * (from[i][r] - a[r]) * (to[i][c] - b[c]);
                }
            }
        }

        var (_, q) = Similarity.Rotation(s);
        var (w, x, y, z) = (q[0], q[1], q[2], q[3]);
        var turn = new RigidMotion(
            [
                1 - (2 * ((y * y) + (z * z))), 2 * ((x * y) - (w * z)), 2 * ((x * z) + (w * y)),
                2 * ((x * y) + (w * z)), 1 - (2 * ((x * x) + (z * z))), 2 * ((y * z) - (w * x)),
                2 * ((x * z) - (w * y)), 2 * ((y * z) + (w * x)), 1 - (2 * ((x * x) + (y * y))),
            ],
            [0, 0, 0]);
        double scale = 1;
        if (withScale)
        {
            double here = 0, there = 0;
            for (var i = 0; i < from.Length; i++)
            {
                for (var r = 0; r < 3; r++)
                {
                    there += Math.Abs(to[i][r] - b[r]);
                    here += Math.Abs(turn.Coordinate(r, from[i].X - a[0], from[i].Y - a[1], from[i].Z - a[2]));
                }
            }

            scale = there / here;
        }

        return (new RigidMotion(turn._r, [.. Enumerable.Range(0, 3).Select(r => b[r] - (scale * turn.Coordinate(r, a[0], a[1], a[2])))]), scale);
    }

    public Vector3 Apply(Vector3 p, double scale = 1) =>
        new((float)Coordinate(0, scale * p.X, scale * p.Y, scale * p.Z), (float)Coordinate(1, scale * p.X, scale * p.Y, scale * p.Z), (float)Coordinate(2, scale * p.X, scale * p.Y, scale * p.Z));

    public Vector3[] Apply(ReadOnlySpan<Vector3> points, double scale = 1)
    {
        var result = new Vector3[points.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Apply(points[i], scale);
        }

        return result;
    }

    public Vector3 Back(Vector3 p)
    {
        double x = p.X - _t[0], y = p.Y - _t[1], z = p.Z - _t[2];
        return new Vector3((float)((_r[0] * x) + (_r[3] * y) + (_r[6] * z)), (float)((_r[1] * x) + (_r[4] * y) + (_r[7] * z)), (float)((_r[2] * x) + (_r[5] * y) + (_r[8] * z)));
    }

    /// <summary>This, and then another.</summary>
    public RigidMotion Then(RigidMotion next)
    {
        var (r, t) = (new double[9], new double[3]);
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                r[(3 * i) + j] = (next._r[3 * i] * _r[j]) + (next._r[(3 * i) + 1] * _r[3 + j]) + (next._r[(3 * i) + 2] * _r[6 + j]);
            }

            t[i] = next.Coordinate(i, _t[0], _t[1], _t[2]);
        }

        return new RigidMotion(r, t);
    }

    private double Coordinate(int row, double x, double y, double z) => (_r[3 * row] * x) + (_r[(3 * row) + 1] * y) + (_r[(3 * row) + 2] * z) + _t[row];

    private static double[] Mean(ReadOnlySpan<Vector3> points, ReadOnlySpan<double> weights)
    {
        var (sum, total) = (new double[3], 0.0);
        for (var i = 0; i < points.Length; i++)
        {
            total += weights[i];
            for (var r = 0; r < 3; r++)
            {
                sum[r] += weights[i] * points[i][r];
            }
        }

        return [sum[0] / total, sum[1] / total, sum[2] / total];
    }
}
