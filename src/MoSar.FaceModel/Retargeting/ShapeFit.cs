using System.Numerics;
using MoSar.Faces.Fitting;
using MeshNormals = MoSar.Graphics.MeshNormals;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Draws the linear face model onto a surface: pose with scale, identity and expression by Gauss–Newton, from the landmarks alone at first, then
/// from closest points as well. Statistics decide here how a surface slides along itself, which closest points cannot tell.
/// </summary>
internal sealed class ShapeFit
{
    // Pose: three of rotation, one of scale, three of translation.
    private const int Pose = 7;

    private const int LandmarkSteps = 3;
    private const int SurfaceSteps = 10;

    // Annotators and published indices disagree by this much on where a landmark is, mm.
    private const float LandmarkSigma = 3;

    // Neighbouring vertices say the same thing again: a surface point counts for this much of an independent one of 1 mm.
    private const float SurfaceWeight = 0.05f;

    // Expressions explain away identity where they can; a neutral face is likelier.
    private const float ExpressionPrior = 10;

    private readonly FaceModel _model;
    private readonly float[] _identity;
    private readonly float[] _expression;
    private Matrix4x4 _pose = Matrix4x4.Identity;

    private ShapeFit(FaceModel model)
    {
        _model = model;
        (_identity, _expression) = (new float[model.IdentityCount], new float[model.ExpressionCount]);
    }

    private int Unknowns => Pose + _identity.Length + _expression.Length;

    /// <param name="landmarks">68 positions (NaN where there is none), roughly aligned with the model.</param>
    /// <param name="vertexWeights">How much each vertex's closest point counts, 0 to 1.</param>
    /// <returns>The head's V positions in the model's own frame, the transform that takes that frame to the surface's, and the landmarks' root mean square distance, mm.</returns>
    public static (Vector3[] Positions, Matrix4x4 ToSurface, float LandmarkRms) Run(
        FaceModel model, TargetSurface surface, Vector3[] landmarks, float[] vertexWeights, CancellationToken cancellation)
    {
        var fit = new ShapeFit(model);
        var points = new Samples(model, Chosen(vertexWeights));
        var corners = model.Template.Landmarks.SelectMany(l => model.Template.Triangles.AsSpan(3 * l.Triangle, 3).ToArray()).ToArray();
        var marks = new Samples(model, corners);
        var rms = 0f;
        for (var step = 0; step < LandmarkSteps + SurfaceSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var equations = new NormalEquations(fit.Unknowns);

            // Once the surface is near it knows better than whoever placed the landmarks, and than the prior.
            var isNear = step >= LandmarkSteps + (SurfaceSteps / 2);
            rms = fit.AddLandmarks(equations, marks, landmarks, isNear ? 0.1f : 1);
            if (step >= LandmarkSteps)
            {
                // Far matches are wrong ones, more so the better the fit is.
                fit.AddSurface(equations, points, surface, vertexWeights, within: MathF.Max(4, 25 - (5 * (step - LandmarkSteps))));
            }

            fit.AddPriors(equations, isNear ? 0.2f : 1);
            fit.Take(equations.Solve([.. Enumerable.Range(0, fit.Unknowns)]));
        }

        return (model.Positions(fit._identity, fit._expression), fit._pose, rms);
    }

    private static int[] Chosen(float[] weights) => [.. Enumerable.Range(0, weights.Length).Where(v => weights[v] > 0 && v % 2 == 0)];

    private float AddLandmarks(NormalEquations equations, Samples marks, Vector3[] targets, float trust)
    {
        var positions = _model.Positions(_identity, _expression);
        var row = new double[Unknowns];
        var (sum, count) = (0f, 0);
        for (var l = 0; l < targets.Length; l++)
        {
            if (float.IsNaN(targets[l].X))
            {
                continue;
            }

            var mark = _model.Template.Landmarks[l];
            var y = Vector3.Transform(mark.On(_model.Template, positions), _pose);
            var residual = targets[l] - y;
            (sum, count) = (sum + residual.LengthSquared(), count + 1);

            // Where on the jaw's contour or in a brow a landmark lies is anybody's choice.
            var weight = trust * (l < 27 ? 0.25f : 1) / (LandmarkSigma * LandmarkSigma);
            foreach (var axis in (ReadOnlySpan<Vector3>)[Vector3.UnitX, Vector3.UnitY, Vector3.UnitZ])
            {
                row.AsSpan().Clear();
                PoseRow(row, axis, y);
                for (var c = 0; c < 3; c++)
                {
                    marks.AddTo(row.AsSpan(Pose), (3 * l) + c, mark.Barycentric[c] * Back(axis));
                }

                equations.AddRow(row, Vector3.Dot(axis, residual), weight);
            }
        }

        return MathF.Sqrt(sum / count);
    }

    private void AddSurface(NormalEquations equations, Samples points, TargetSurface surface, float[] vertexWeights, float within)
    {
        var positions = _model.Positions(_identity, _expression);
        var normals = MeshNormals.AngleWeighted(positions, _model.Template.Triangles);
        var row = new double[Unknowns];
        var near = -1;
        for (var i = 0; i < points.Vertices.Length; i++)
        {
            var v = points.Vertices[i];
            var y = Vector3.Transform(positions[v], _pose);
            var normal = Vector3.Normalize(Vector3.TransformNormal(normals[v], _pose));
            if (!surface.TryClosest(y, normal, within, ref near, out var target, out var targetNormal))
            {
                continue;
            }

            row.AsSpan().Clear();
            PoseRow(row, targetNormal, y);
            points.AddTo(row.AsSpan(Pose), i, Back(targetNormal));
            var residual = Vector3.Dot(targetNormal, target - y);

            // Geman–McClure: what stays away several millimetres (ears, a collar) has no say.
            var doubt = 1 / (1 + (residual * residual / 9));
            equations.AddRow(row, residual, SurfaceWeight * vertexWeights[v] * doubt * doubt);
        }
    }

    private void AddPriors(NormalEquations equations, float trust)
    {
        for (var k = 0; k < _identity.Length; k++)
        {
            equations.AddDiagonal(Pose + k, trust, -_identity[k]);
        }

        for (var k = 0; k < _expression.Length; k++)
        {
            equations.AddDiagonal(Pose + _identity.Length + k, trust * ExpressionPrior, -_expression[k]);
        }

        // The landmarks fix the pose; this only keeps the equations definite.
        for (var k = 0; k < Pose; k++)
        {
            equations.AddDiagonal(k, 1e-9, 0);
        }
    }

    private void Take(double[] step)
    {
        for (var k = 0; k < _identity.Length; k++)
        {
            _identity[k] = Math.Clamp(_identity[k] + (float)step[Pose + k], -4, 4);
        }

        for (var k = 0; k < _expression.Length; k++)
        {
            _expression[k] = Math.Clamp(_expression[k] + (float)step[Pose + _identity.Length + k], 0, 1);
        }

        var w = new Vector3((float)step[0], (float)step[1], (float)step[2]);
        var angle = w.Length();
        var centre = Centre;
        _pose *= Matrix4x4.CreateTranslation(-centre)
            * (angle > 1e-9f ? Matrix4x4.CreateFromAxisAngle(w / angle, angle) : Matrix4x4.Identity)
            * Matrix4x4.CreateScale((float)Math.Exp(step[3]))
            * Matrix4x4.CreateTranslation(centre + new Vector3((float)step[4], (float)step[5], (float)step[6]));
    }

    private Vector3 Centre => Vector3.Transform(Vector3.Zero, _pose);

    /// <summary>A direction of the surface's frame, so that its product with an offset of the model's frame is that of the posed offset.</summary>
    private Vector3 Back(Vector3 axis) => Vector3.TransformNormal(axis, Matrix4x4.Transpose(_pose with { M41 = 0, M42 = 0, M43 = 0 }));

    private void PoseRow(double[] row, Vector3 axis, Vector3 y)
    {
        var arm = y - Centre;
        var turn = Vector3.Cross(arm, axis);
        (row[0], row[1], row[2], row[3]) = (turn.X, turn.Y, turn.Z, Vector3.Dot(axis, arm));
        (row[4], row[5], row[6]) = (axis.X, axis.Y, axis.Z);
    }

    /// <summary>The model's offsets of some vertices, side by side: [vertex][mode].</summary>
    private sealed class Samples
    {
        private readonly int _modes;
        private readonly Vector3[] _offsets;

        public Samples(FaceModel model, int[] vertices)
        {
            Vertices = vertices;
            _modes = model.IdentityCount + model.ExpressionCount;
            _offsets = new Vector3[vertices.Length * _modes];
            for (var k = 0; k < model.IdentityCount; k++)
            {
                var mode = model.Identity.AsSpan(k * 3 * model.Mean.Length, 3 * model.Mean.Length);
                for (var i = 0; i < vertices.Length; i++)
                {
                    _offsets[(i * _modes) + k] = new Vector3(mode.Slice(3 * vertices[i], 3));
                }
            }

            for (var k = 0; k < model.ExpressionCount; k++)
            {
                var offsets = model.Template.Expressions[k].Offsets;
                for (var i = 0; i < vertices.Length; i++)
                {
                    _offsets[(i * _modes) + model.IdentityCount + k] = offsets[vertices[i]];
                }
            }
        }

        public int[] Vertices { get; }

        /// <summary>Adds the product of each of a vertex's offsets with a direction.</summary>
        public void AddTo(Span<double> row, int sample, Vector3 direction)
        {
            var offsets = _offsets.AsSpan(sample * _modes, _modes);
            for (var k = 0; k < _modes; k++)
            {
                row[k] += Vector3.Dot(offsets[k], direction);
            }
        }
    }
}
