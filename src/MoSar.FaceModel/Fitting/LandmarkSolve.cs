using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Faces.Fitting;

/// <summary>One solve of <see cref="LandmarkFit"/>: the unknowns and the observations.</summary>
internal sealed class LandmarkSolve
{
    private const int PoseParameters = 7, Scale = 5, Curvature = 6;
    private const int FirstInner = LandmarkFit.FirstInner, JawPoints = LandmarkFit.JawPoints;
    private const double MinDistance = 120, MaxDistance = 6000;

    private readonly LandmarkFit _fit;
    private readonly LandmarkFitOptions _options;
    private readonly Vector2[] _seen;
    private readonly double[] _weight;
    private readonly List<(Vector2 Point, double Weight)> _contour = [];
    private readonly double _cx, _cy, _unit, _focalPrior, _focalSigma;
    private readonly double[] _coefficients;
    private readonly double[] _inner, _jaw;
    private readonly NormalEquations _equations;
    private readonly double[] _rowX, _rowY, _rowNormal;
    private readonly int[] _chosen = new int[JawPoints];
    private readonly Vector2[] _contourPixels = new Vector2[JawPoints];
    private readonly int _n;
    private HeadPose _pose;
    private double _robustLimit;

    public LandmarkSolve(LandmarkFit fit, Landmarks landmarks, int width, int height, double? focal, LandmarkFitOptions options, IReadOnlyList<Vector2>? contour)
    {
        (_fit, _options, _cx, _cy) = (fit, options, width / 2.0, height / 2.0);
        _n = PoseParameters + fit.Inner.Parameters;
        _coefficients = new double[fit.Inner.Parameters];
        (_inner, _jaw) = (new double[3 * fit.Inner.Count], new double[3 * fit.Jaw.Count]);
        _equations = new NormalEquations(_n);
        (_rowX, _rowY, _rowNormal) = (new double[_n], new double[_n], new double[_n]);
        _seen = [.. landmarks.Points.Skip(FirstInner)];
        _unit = LandmarkFit.Unit(landmarks);
        _weight = new double[_seen.Length];
        for (var i = 0; i < _seen.Length; i++)
        {
            var sigma = i + FirstInner < 27 ? options.BrowSigma : options.PointSigma;
            _weight[i] = float.IsFinite(_seen[i].X) ? landmarks.Confidence[i + FirstInner] / (sigma * _unit) : 0;
        }

        for (var i = 0; i < JawPoints && contour is null; i++)
        {
            if (float.IsFinite(landmarks.Points[i].X))
            {
                _contour.Add((landmarks.Points[i], landmarks.Confidence[i] / (options.ContourSigma * _unit)));
            }
        }

        foreach (var point in contour ?? [])
        {
            _contour.Add((point, 1 / (options.ContourSigma * _unit)));
        }

        (_focalPrior, _focalSigma) = LandmarkFit.FocalPriorOf(width, height, focal, options);
        _pose = InitialPose();
    }

    public LandmarkFitResult Run()
    {
        // Pose first: with a wrong pose, shape would explain the turn of the head.
        const int poseOnly = 6, beforeContour = 8;
        for (var i = 0; i < poseOnly + _options.Iterations; i++)
        {
            _robustLimit = Math.Max(_options.OutlierSigmas, 40.0 / (1 + i));
            Step(poseOnly: i < poseOnly, contour: i >= beforeContour);
        }

        return Result();
    }

    /// <summary>Affine camera by least squares on the mean head, made a rotation and a scale.</summary>
    private HeadPose InitialPose()
    {
        _fit.Inner.Evaluate(_coefficients, _inner);
        var normal = new double[16];
        var (right, up) = (new double[4], new double[4]);
        Span<double> q = stackalloc double[4];
        for (var i = 0; i < _seen.Length; i++)
        {
            if (_weight[i] <= 0)
            {
                continue;
            }

            (q[0], q[1], q[2], q[3]) = (_inner[3 * i], _inner[(3 * i) + 1], _inner[(3 * i) + 2], 1);
            for (var r = 0; r < 4; r++)
            {
                Dense.AddScaled(normal.AsSpan(4 * r, 4), q, q[r] * _weight[i]);
                right[r] += _weight[i] * q[r] * (_seen[i].X - _cx);
                up[r] -= _weight[i] * q[r] * (_seen[i].Y - _cy);
            }
        }

        int[] all = [0, 1, 2, 3];
        var a = Dense.SolveSymmetric(normal, right, all);
        var b = Dense.SolveSymmetric(normal, up, all);
        var (la, lb) = (Math.Sqrt(Dense.Dot(a.AsSpan(0, 3), a.AsSpan(0, 3))), Math.Sqrt(Dense.Dot(b.AsSpan(0, 3), b.AsSpan(0, 3))));
        var scale = (la + lb) / 2;
        var x = Vector3.Normalize(new Vector3((float)a[0], (float)a[1], (float)a[2]));
        var y = new Vector3((float)b[0], (float)b[1], (float)b[2]);
        y = Vector3.Normalize(y - (Vector3.Dot(x, y) * x));
        var z = Vector3.Cross(x, y);
        var logScale = Math.Log(scale);
        var distance = Math.Clamp(Math.Exp(_focalPrior - logScale), 2 * MinDistance, MaxDistance);
        return new HeadPose([x.X, x.Y, x.Z, y.X, y.Y, y.Z, z.X, z.Y, z.Z], a[3] / scale, b[3] / scale, logScale, -Math.Log(distance));
    }

    private void Step(bool poseOnly, bool contour)
    {
        _equations.Clear();
        _fit.Inner.Evaluate(_coefficients, _inner);
        for (var i = 0; i < _seen.Length; i++)
        {
            if (_weight[i] <= 0)
            {
                continue;
            }

            var p = Linearize(_fit.Inner, i, _inner, _rowX, _rowY);
            var (dx, dy) = (p.X - _seen[i].X, p.Y - _seen[i].Y);
            var w = Robust(Math.Sqrt((dx * dx) + (dy * dy)) * _weight[i]) * _weight[i] * _weight[i];
            _equations.AddRow(_rowX, dx, w);
            _equations.AddRow(_rowY, dy, w);
        }

        if (contour && _contour.Count > 0)
        {
            AddContour();
        }

        AddPriors();
        Update(poseOnly);
    }

    /// <summary>Weight of a residual of so many deviations; the limit comes down step by step, lest a good point start as an outlier.</summary>
    private double Robust(double normalised) => 1 / (1 + (normalised * normalised / (_robustLimit * _robustLimit)));

    /// <summary>Projects a point and fills the rows of ∂x and ∂y by every unknown.</summary>
    private Vector2 Linearize(LinearPoints points, int index, ReadOnlySpan<double> positions, Span<double> rowX, Span<double> rowY)
    {
        var r = _pose.Rotation;
        var (px, py, pz) = (positions[3 * index], positions[(3 * index) + 1], positions[(3 * index) + 2]);
        var x = (r[0] * px) + (r[1] * py) + (r[2] * pz);
        var y = (r[3] * px) + (r[4] * py) + (r[5] * pz);
        var z = (r[6] * px) + (r[7] * py) + (r[8] * pz);
        var (s, k) = (_pose.Scale, Math.Exp(_pose.LogCurvature));
        var depth = Math.Max(1 - (k * z), 0.1);
        var (u, v) = (s * (x + _pose.Tx) / depth, -s * (y + _pose.Ty) / depth);
        var (ux, uz) = (s / depth, u * k / depth);
        var (vy, vz) = (-s / depth, v * k / depth);

        // ∂Y/∂w = −[Y]×.
        (rowX[0], rowX[1], rowX[2]) = (uz * y, (ux * z) - (uz * x), -ux * y);
        (rowY[0], rowY[1], rowY[2]) = ((-vy * z) + (vz * y), -vz * x, vy * x);
        (rowX[3], rowX[4], rowX[Scale], rowX[Curvature]) = (ux, 0, u, u * k * z / depth);
        (rowY[3], rowY[4], rowY[Scale], rowY[Curvature]) = (0, vy, v, v * k * z / depth);
        var shapeX = rowX[PoseParameters..];
        var shapeY = rowY[PoseParameters..];
        shapeX.Clear();
        shapeY.Clear();
        for (var axis = 0; axis < 3; axis++)
        {
            var gradient = points.Gradient(index, axis);
            Dense.AddScaled(shapeX, gradient, (ux * r[axis]) + (uz * r[6 + axis]));
            Dense.AddScaled(shapeY, gradient, (vy * r[3 + axis]) + (vz * r[6 + axis]));
        }

        return new Vector2((float)(_cx + u), (float)(_cy + v));
    }

    private Vector2 Project(int index, ReadOnlySpan<double> positions)
    {
        var r = _pose.Rotation;
        var (px, py, pz) = (positions[3 * index], positions[(3 * index) + 1], positions[(3 * index) + 2]);
        var depth = 1 - (Math.Exp(_pose.LogCurvature) * ((r[6] * px) + (r[7] * py) + (r[8] * pz)));
        var x = (r[0] * px) + (r[1] * py) + (r[2] * pz) + _pose.Tx;
        var y = (r[3] * px) + (r[4] * py) + (r[5] * pz) + _pose.Ty;
        return new Vector2((float)(_cx + (_pose.Scale * x / depth)), (float)(_cy - (_pose.Scale * y / depth)));
    }

    /// <summary>Each observed contour point pulls the nearest place of the model's contour polyline, across it only.</summary>
    private void AddContour()
    {
        ChooseContour();
        foreach (var (point, weight) in _contour)
        {
            var (segment, t) = VisibleContour.Nearest(_contourPixels, point);
            var (first, second) = (_contourPixels[segment], _contourPixels[segment + 1]);
            var along = second - first;
            var normal = Vector2.Normalize(new Vector2(-along.Y, along.X));
            var residual = Vector2.Dot(normal, Vector2.Lerp(first, second, t) - point);
            Array.Clear(_rowNormal);
            for (var end = 0; end < 2; end++)
            {
                var index = _fit.JawStart[segment + end] + _chosen[segment + end];
                _ = Linearize(_fit.Jaw, index, _jaw, _rowX, _rowY);
                var share = end == 0 ? 1 - t : t;
                Dense.AddScaled(_rowNormal, _rowX, share * normal.X);
                Dense.AddScaled(_rowNormal, _rowY, share * normal.Y);
            }

            _equations.AddRow(_rowNormal, residual, Robust(Math.Abs(residual) * weight) * weight * weight);
        }
    }

    /// <summary>The visible contour runs through the candidate that lies farthest out from the face, across the jaw line.</summary>
    private void ChooseContour()
    {
        _fit.Jaw.Evaluate(_coefficients, _jaw);
        var pixels = new Vector2[_fit.Jaw.Count];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = Project(i, _jaw);
        }

        VisibleContour.Choose(pixels, _fit.JawStart, _chosen);
        for (var i = 0; i < JawPoints; i++)
        {
            _contourPixels[i] = pixels[_fit.JawStart[i] + _chosen[i]];
        }
    }

    private void AddPriors()
    {
        var identities = _fit.IdentityCount;
        for (var i = 0; i < _coefficients.Length; i++)
        {
            // Expressions: quadratic near 0 and ℓ1 beyond (L_exp of Eq. 2 is ℓ1), so that one clear smile costs less than ten hints.
            var relative = _coefficients[i] / _options.ExpressionSigma;
            var weight = i < identities
                ? _options.IdentityWeight
                : 1 / (_options.ExpressionSigma * _options.ExpressionSigma * Math.Sqrt(1 + (relative * relative)));
            _equations.AddDiagonal(PoseParameters + i, weight, _coefficients[i]);
        }

        // ln f = ln s − ln k.
        var focal = 1 / (_focalSigma * _focalSigma);
        var residual = _pose.LogScale - _pose.LogCurvature - _focalPrior;
        _equations.AddDiagonal(Scale, focal, residual);
        _equations.AddDiagonal(Curvature, focal, -residual);
        _equations.AddBelowDiagonal(Curvature, Scale, -focal);
        _equations.AddDiagonal(Curvature, 1 / (_options.DistanceSigma * _options.DistanceSigma), _pose.LogCurvature + Math.Log(_options.DistancePrior));
        for (var i = 0; i < _n; i++)
        {
            _equations.AddDiagonal(i, 1e-6, 0);
        }
    }

    private void Update(bool poseOnly)
    {
        var identities = _fit.IdentityCount;
        var free = new List<int>(_n);
        for (var i = 0; i < (poseOnly ? PoseParameters : _n); i++)
        {
            var expression = i - PoseParameters - identities;
            if (expression >= 0)
            {
                var value = _coefficients[identities + expression];

                // Active set: a blendshape that stands at its bound and would leave [0, 1] takes no part in this step.
                if (_fit.Frozen[expression] || (value <= 0 && _equations.Gradient[i] > 0) || (value >= 1 && _equations.Gradient[i] < 0))
                {
                    continue;
                }
            }

            free.Add(i);
        }

        var step = _equations.Solve(free);
        Span<double> turn = [Limit(-step[0], 0.3), Limit(-step[1], 0.3), Limit(-step[2], 0.3)];
        _pose = new HeadPose(
            HeadPose.Turn(turn, _pose.Rotation),
            _pose.Tx - step[3],
            _pose.Ty - step[4],
            _pose.LogScale - Limit(step[Scale], 0.3),
            Math.Clamp(_pose.LogCurvature - Limit(step[Curvature], 0.3), -Math.Log(MaxDistance), -Math.Log(MinDistance)));
        for (var i = 0; i < _coefficients.Length; i++)
        {
            var value = _coefficients[i] - step[PoseParameters + i];
            _coefficients[i] = i < identities ? Math.Clamp(value, -4, 4) : Math.Clamp(value, 0, 1);
        }
    }

    private static double Limit(double value, double limit) => Math.Clamp(value, -limit, limit);

    private LandmarkFitResult Result()
    {
        _fit.Inner.Evaluate(_coefficients, _inner);
        ChooseContour();
        var projected = new Vector2[Landmarks.Count];
        for (var i = 0; i < projected.Length; i++)
        {
            projected[i] = i < FirstInner ? _contourPixels[i] : Project(i - FirstInner, _inner);
        }

        var identities = _fit.IdentityCount;
        return new LandmarkFitResult(_coefficients[..identities], _coefficients[identities..], _pose, projected, (int[])_chosen.Clone());
    }
}
