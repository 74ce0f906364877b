using System.Numerics;
using MoSar.Faces.Fitting;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// L_landmark of Eq. 1 with its derivatives: squared distances of projected surface points to their landmarks in deviations, rounded to
/// ℓ1 beyond the outlier limit. A contour point is compared across the contour only.
/// </summary>
internal sealed class LandmarkKernel
{
    private readonly LinearPoints _points;
    private readonly Observation[] _observations;
    private readonly double[] _positions;
    private readonly double _limit;

    /// <param name="points">The surface points that observations refer to.</param>
    /// <param name="outlierSigmas">Beyond so many deviations the square becomes linear.</param>
    public LandmarkKernel(LinearPoints points, Observation[] observations, double outlierSigmas)
    {
        (_points, _observations, _limit) = (points, observations, outlierSigmas);
        _positions = new double[3 * points.Count];
        (ShapeGradient, PoseGradient) = (new double[points.Parameters], new double[7]);
    }

    /// <summary>∂L/∂ (identity, expression).</summary>
    public double[] ShapeGradient { get; }

    /// <summary>∂L/∂ (rotation vector, tx, ty, ln s, ln k).</summary>
    public double[] PoseGradient { get; }

    /// <param name="First">Index of a surface point.</param>
    /// <param name="Second">Another one; the compared point lies between the two.</param>
    /// <param name="Blend">0 = at the first, 1 = at the second.</param>
    /// <param name="Target">Input pixels.</param>
    /// <param name="Normal">Zero: compare both coordinates. Else the unit vector along which to compare.</param>
    /// <param name="Weight">1/deviation, 1/pixels.</param>
    public readonly record struct Observation(int First, int Second, double Blend, Vector2 Target, Vector2 Normal, double Weight);

    /// <summary>Half the sum of (robust) squares.</summary>
    public double Evaluate(ReadOnlySpan<double> shape, HeadPose pose, double cx, double cy)
    {
        Array.Clear(ShapeGradient);
        Array.Clear(PoseGradient);
        _points.Evaluate(shape, _positions);
        double total = 0;
        foreach (var o in _observations)
        {
            var (first, second) = (Project(o.First, pose, cx, cy), Project(o.Second, pose, cx, cy));
            var dx = (((1 - o.Blend) * first.X) + (o.Blend * second.X) - o.Target.X) * o.Weight;
            var dy = (((1 - o.Blend) * first.Y) + (o.Blend * second.Y) - o.Target.Y) * o.Weight;
            if (o.Normal != Vector2.Zero)
            {
                var across = (dx * o.Normal.X) + (dy * o.Normal.Y);
                (dx, dy) = (across * o.Normal.X, across * o.Normal.Y);
            }

            // Pseudo-Huber: ½d² near 0, limit·|d| far out.
            var root = Math.Sqrt(1 + (((dx * dx) + (dy * dy)) / (_limit * _limit)));
            total += _limit * _limit * (root - 1);
            var (gx, gy) = (dx / root * o.Weight, dy / root * o.Weight);
            Backward(o.First, pose, first, (1 - o.Blend) * gx, (1 - o.Blend) * gy);
            Backward(o.Second, pose, second, o.Blend * gx, o.Blend * gy);
        }

        return total;
    }

    private Projected Project(int index, HeadPose pose, double cx, double cy)
    {
        var r = pose.Rotation;
        var (px, py, pz) = (_positions[3 * index], _positions[(3 * index) + 1], _positions[(3 * index) + 2]);
        var (qx, qy, qz) = ((r[0] * px) + (r[1] * py) + (r[2] * pz), (r[3] * px) + (r[4] * py) + (r[5] * pz), (r[6] * px) + (r[7] * py) + (r[8] * pz));
        var depth = 1 - (Math.Exp(pose.LogCurvature) * qz);
        var (u, v) = (pose.Scale * (qx + pose.Tx) / depth, -pose.Scale * (qy + pose.Ty) / depth);
        return new Projected(cx + u, cy + v, u, v, qx, qy, qz, depth);
    }

    private void Backward(int index, HeadPose pose, in Projected p, double gx, double gy)
    {
        if (gx == 0 && gy == 0)
        {
            return;
        }

        var (s, k) = (pose.Scale, Math.Exp(pose.LogCurvature));
        var radial = (p.U * gx) + (p.V * gy);
        var (dx, dy, dz) = (s / p.Depth * gx, -s / p.Depth * gy, k / p.Depth * radial);
        PoseGradient[0] += (p.Qy * dz) - (p.Qz * dy);
        PoseGradient[1] += (p.Qz * dx) - (p.Qx * dz);
        PoseGradient[2] += (p.Qx * dy) - (p.Qy * dx);
        PoseGradient[3] += dx;
        PoseGradient[4] += dy;
        PoseGradient[5] += radial;
        PoseGradient[6] += k * p.Qz / p.Depth * radial;
        var r = pose.Rotation;
        for (var axis = 0; axis < 3; axis++)
        {
            Dense.AddScaled(ShapeGradient, _points.Gradient(index, axis), (r[axis] * dx) + (r[3 + axis] * dy) + (r[6 + axis] * dz));
        }
    }

    private readonly record struct Projected(double X, double Y, double U, double V, double Qx, double Qy, double Qz, double Depth);
}
