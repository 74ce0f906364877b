using System.Numerics;
using System.Runtime.Intrinsics;
using MoSar.Faces.Building;

namespace MoSar.Faces.Evaluation;

/// <summary>
/// Non-rigid ICP of a scan's region towards target points as REALY does it (after Amberg et al. 2007): every vertex has an affine map of its current
/// place, 4×3; maps at the ends of an edge are kept alike; each solve begins at the vertices that the last one moved.
/// </summary>
internal sealed class RegionDeformation
{
    private const double Stiffness = 50;
    private const double FirstStiffness = 150;
    private const double FirstKeypointWeight = 50;
    private const int Stages = 3;
    private const int MostStepsWithKeypoints = 11;

    // REALY knows no end without keypoints; no region that was measured came near this.
    private const int MostSteps = 500;

    // Pulls every map to the identity, far below what can be measured: a piece of the scan without any keypoint has nothing else in the first solve.
    private const double Ridge = 1e-6;

    private readonly double[] _vertices;
    private readonly Vector3[] _targets;
    private readonly SurfaceProbe _nearest;
    private readonly int[] _found;
    private readonly int[][] _neighbours;
    private readonly BlockCholesky _cholesky;
    private readonly Vector3[] _keypointTarget;
    private readonly bool[] _isKeypoint;
    private readonly bool _hasKeypoints;
    private readonly Vector256<double>[] _maps;

    /// <param name="targets">Points to be drawn to, in any number.</param>
    /// <param name="keypoints">Vertices of the mesh; where one is named twice its last target counts.</param>
    /// <param name="keypointTargets">Parallel to it.</param>
    private RegionDeformation(PlainMesh mesh, Vector3[] targets, IReadOnlyList<int> keypoints, IReadOnlyList<Vector3> keypointTargets)
    {
        var n = mesh.Positions.Length;
        _vertices = [.. mesh.Positions.SelectMany(p => (double[])[p.X, p.Y, p.Z])];
        _targets = targets;

        // A point is a triangle whose corners are one.
        _nearest = new SurfaceProbe(targets, [.. Enumerable.Range(0, 3 * targets.Length).Select(k => k / 3)], _ => true);
        _found = new int[n];
        Array.Fill(_found, -1);
        _neighbours = mesh.Neighbours();
        _cholesky = new BlockCholesky(_neighbours, mesh.Positions);
        (_keypointTarget, _isKeypoint, _hasKeypoints) = (new Vector3[n], new bool[n], keypoints.Count > 0);
        for (var k = 0; k < keypoints.Count; k++)
        {
            (_keypointTarget[keypoints[k]], _isKeypoint[keypoints[k]]) = (keypointTargets[k], true);
        }

        _maps = new Vector256<double>[3 * n];
        Array.Fill(_maps, Vector256.Create(1.0));
    }

    /// <summary>The deformed vertices of a mesh.</summary>
    public static Vector3[] Deform(PlainMesh mesh, Vector3[] targets, IReadOnlyList<int> keypoints, IReadOnlyList<Vector3> keypointTargets, CancellationToken cancellation)
    {
        var deformation = new RegionDeformation(mesh, targets, keypoints, keypointTargets);
        deformation.Run(cancellation);
        return [.. Enumerable.Range(0, mesh.Positions.Length).Select(deformation.Vertex)];
    }

    private void Run(CancellationToken cancellation)
    {
        var change = double.MaxValue;
        var solves = 0;
        if (_hasKeypoints)
        {
            change = Solve(Vector256.Create(2.0, 2, 3, 2) * FirstStiffness, 0, FirstKeypointWeight);
            solves = 1;
        }

        for (var stage = 0; stage < Stages; stage++)
        {
            var stiffness = Vector256.Create(Stiffness * Math.Exp(-0.5 * stage));
            for (var step = 0; change > Math.Pow(0.5, stage) && step < (_hasKeypoints ? MostStepsWithKeypoints : MostSteps); step++)
            {
                cancellation.ThrowIfCancellationRequested();
                change = Solve(stiffness, 1, _hasKeypoints ? FirstKeypointWeight * Math.Exp(-0.9 * solves) / 10 : 0);
                solves++;
            }
        }
    }

    private Vector3 Vertex(int v) => new((float)_vertices[3 * v], (float)_vertices[(3 * v) + 1], (float)_vertices[(3 * v) + 2]);

    /// <summary>One solve for all maps, and the vertices moved by them.</summary>
    /// <param name="stiffness">The weight of the difference between two neighbours' maps: of the factors of x, y, z and 1.</param>
    /// <returns>How much the maps changed: the Frobenius norm.</returns>
    private double Solve(Vector256<double> stiffness, double targetWeight, double keypointWeight)
    {
        var n = _neighbours.Length;
        var distance = new float[n];
        for (var v = 0; v < n && targetWeight > 0; v++)
        {
            // All targets count, from whatever side and however far: no direction, no limit.
            _nearest.TryClosest(Vertex(v), default, -2, float.MaxValue, _found[v], out var point, out distance[v]);
            _found[v] = point.Triangle;
        }

        var far = Math.Max(2 * distance.Average(d => (double)d), 1);
        var edge = stiffness * stiffness;
        var (blocks, x) = (new Vector256<double>[4 * n], new Vector256<double>[3 * n]);
        for (var v = 0; v < n; v++)
        {
            var own = (edge * _neighbours[v].Length) + Vector256.Create(Ridge);
            for (var c = 0; c < 4; c++)
            {
                blocks[(4 * v) + c] = Vector256<double>.Zero.WithElement(c, own.GetElement(c));
            }

            for (var s = 0; s < 3; s++)
            {
                x[(3 * v) + s] = Vector256<double>.Zero.WithElement(s, Ridge);
            }

            if (targetWeight > 0 && distance[v] < far)
            {
                Pull(blocks, x, v, _targets[_found[v]], targetWeight);
            }

            if (_isKeypoint[v])
            {
                Pull(blocks, x, v, _keypointTarget[v], keypointWeight);
            }
        }

        if (!_cholesky.Factor(blocks, -edge))
        {
            throw new MoSarException("realy-deformation", "A region's deformation has no unique solution.", "Look at the region's mesh: are its coordinates finite and about 9 mm to the unit?");
        }

        _cholesky.Solve(x);
        return Move(x);
    }

    /// <summary>A row of weight w that says: this vertex lies there.</summary>
    private void Pull(Vector256<double>[] blocks, Vector256<double>[] right, int v, Vector3 to, double w)
    {
        var d = Homogeneous(v);
        for (var c = 0; c < 4; c++)
        {
            blocks[(4 * v) + c] += d * (w * w * d.GetElement(c));
        }

        for (var s = 0; s < 3; s++)
        {
            right[(3 * v) + s] += d * (w * w * to[s]);
        }
    }

    private double Move(Vector256<double>[] maps)
    {
        double change = 0;
        for (var v = 0; v < _neighbours.Length; v++)
        {
            var d = Homogeneous(v);
            for (var s = 0; s < 3; s++)
            {
                var difference = maps[(3 * v) + s] - _maps[(3 * v) + s];
                change += Vector256.Dot(difference, difference);
                _maps[(3 * v) + s] = maps[(3 * v) + s];
                _vertices[(3 * v) + s] = Vector256.Dot(d, maps[(3 * v) + s]);
            }
        }

        return Math.Sqrt(change);
    }

    private Vector256<double> Homogeneous(int v) => Vector256.Create(_vertices[3 * v], _vertices[(3 * v) + 1], _vertices[(3 * v) + 2], 1);
}
