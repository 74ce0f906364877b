using System.Numerics;

namespace MoSar.Faces.Fitting;

/// <summary>The face model restricted to a few surface points: positions are affine in the stacked coefficients (α, δ).</summary>
public sealed class LinearPoints
{
    private readonly double[] _base;
    private readonly double[] _basis;

    /// <param name="origin">Subtracted from every position, so that rotations turn about the middle of the face.</param>
    public LinearPoints(FaceModel model, IReadOnlyList<SurfacePoint> points, Vector3 origin)
    {
        Count = points.Count;
        Parameters = model.IdentityCount + model.ExpressionCount;
        _base = new double[3 * Count];
        _basis = new double[3 * Count * Parameters];
        var triangles = model.Template.Triangles;
        for (var p = 0; p < Count; p++)
        {
            for (var corner = 0; corner < 3; corner++)
            {
                var vertex = triangles[(3 * points[p].Triangle) + corner];
                Accumulate(model, p, vertex, points[p].Barycentric[corner], model.Mean[vertex] - origin);
            }
        }
    }

    public int Count { get; }

    /// <summary>The number of stacked coefficients: identity modes, then expressions.</summary>
    public int Parameters { get; }

    /// <summary>The gradient of one coordinate (0 x, 1 y, 2 z) of a point with respect to the stacked coefficients.</summary>
    public ReadOnlySpan<double> Gradient(int point, int axis) => _basis.AsSpan(((3 * point) + axis) * Parameters, Parameters);

    /// <summary>Positions relative to the origin, millimetres: 3·Count values.</summary>
    public void Evaluate(ReadOnlySpan<double> coefficients, Span<double> positions)
    {
        for (var row = 0; row < 3 * Count; row++)
        {
            positions[row] = _base[row] + Dense.Dot(_basis.AsSpan(row * Parameters, Parameters), coefficients);
        }
    }

    private void Accumulate(FaceModel model, int point, int vertex, double weight, Vector3 mean)
    {
        var identity = model.Identity;
        var stride = 3 * model.Template.VertexCount;
        for (var axis = 0; axis < 3; axis++)
        {
            var row = (3 * point) + axis;
            _base[row] += weight * mean[axis];
            var gradient = _basis.AsSpan(row * Parameters, Parameters);
            for (var k = 0; k < model.IdentityCount; k++)
            {
                gradient[k] += weight * identity[(k * stride) + (3 * vertex) + axis];
            }

            for (var k = 0; k < model.ExpressionCount; k++)
            {
                gradient[model.IdentityCount + k] += weight * model.Template.Expressions[k].Offsets[vertex][axis];
            }
        }
    }
}
