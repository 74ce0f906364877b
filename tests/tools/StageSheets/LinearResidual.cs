using System.Numerics;
using MoSar.Faces;

namespace MoSar.StageSheets;

/// <summary>Least-squares projection of a shape's face onto the identity basis and rigid motion.</summary>
internal sealed class LinearResidual
{
    private readonly FaceModel _model;
    private readonly int[] _vertices;
    private readonly double[][] _columns;
    private readonly double[,] _factor;

    public LinearResidual(FaceModel model)
    {
        _model = model;
        var face = model.Template.Regions["face"];
        _vertices = [.. Enumerable.Range(0, face.Length).Where(i => face[i] > 0.5f)];
        var columns = new List<double[]>();
        for (var k = 0; k < model.IdentityCount; k++)
        {
            columns.Add(Column(i => new Vector3(model.Identity.AsSpan((((k * face.Length) + i) * 3), 3))));
        }

        foreach (var axis in (Vector3[])[Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ])
        {
            columns.Add(Column(_ => axis));
            columns.Add(Column(i => Vector3.Cross(axis, model.Mean[i]) / 100));
        }

        _columns = [.. columns];
        _factor = Cholesky();
    }

    /// <summary>Root mean square and largest distance left over, and the root mean square distance from the mean head; mm.</summary>
    public (double Rms, double Largest, double FromMean) Of(Vector3[] positions)
    {
        var target = Column(i => positions[i] - _model.Mean[i]);
        var before = target.Sum(x => x * x);
        var n = _columns.Length;
        var b = _columns.Select(c => Dot(c, target)).ToArray();
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < i; j++)
            {
                b[i] -= _factor[i, j] * b[j];
            }

            b[i] /= _factor[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var j = i + 1; j < n; j++)
            {
                b[i] -= _factor[j, i] * b[j];
            }

            b[i] /= _factor[i, i];
        }

        for (var k = 0; k < n; k++)
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] -= b[k] * _columns[k][i];
            }
        }

        var (sum, largest) = (0.0, 0.0);
        for (var v = 0; v < _vertices.Length; v++)
        {
            var square = (target[3 * v] * target[3 * v]) + (target[(3 * v) + 1] * target[(3 * v) + 1]) + (target[(3 * v) + 2] * target[(3 * v) + 2]);
            (sum, largest) = (sum + square, Math.Max(largest, square));
        }

        return (Math.Sqrt(sum / _vertices.Length), Math.Sqrt(largest), Math.Sqrt(before / _vertices.Length));
    }

    private double[] Column(Func<int, Vector3> of)
    {
        var result = new double[_vertices.Length * 3];
        for (var v = 0; v < _vertices.Length; v++)
        {
            var d = of(_vertices[v]);
            (result[3 * v], result[(3 * v) + 1], result[(3 * v) + 2]) = (d.X, d.Y, d.Z);
        }

        return result;
    }

    private double[,] Cholesky()
    {
        var n = _columns.Length;
        var l = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = Dot(_columns[i], _columns[j]) + (i == j ? 1e-6 : 0);
                for (var k = 0; k < j; k++)
                {
                    sum -= l[i, k] * l[j, k];
                }

                l[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / l[j, j];
            }
        }

        return l;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
