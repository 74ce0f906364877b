using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>
/// The most probable shape, expression and camera behind dense landmarks: a few steps of Gauss and Newton on −ln p(χ | points), all rows of a batch together. Needs no training and knows
/// people that no network has seen as well as others. Errors of points are Gaussian, as large as the network doubts, and alike where points are neighbours; α has the
/// decoder's habits, δ is small and not negative, the distance about that of portraits. What is not linear in α is left out. Gradients
/// pass to the points: those of the last step, whose curvature and slopes are constants to them, so a loss on heads teaches where points are.
/// </summary>
public sealed class DenseLandmarkFit : IDisposable
{
    private const int Steps = 4;

    // Of errors: a network that puts a cheek too low puts all of it too low.
    private const double Together = 0.7, Reach = 25;

    // Standard deviations of a mean error of 1: of a coordinate where the mean is of distances in the plane, and where it is of a coordinate's size (Rayleigh, half normal).
    private const double PlaneDeviation = 0.8, LineDeviation = 1.25;

    private const double ExpressionDeviation = 0.2, DistanceDeviation = 0.5;

    private const int Camera = 7;

    private readonly SceneSizes sizes;
    private readonly SceneStart start;
    private readonly Tensor vertices, expression, independent, pivot;

    /// <param name="sizes">Of the code to be made.</param>
    /// <param name="start">What a code of zeros means.</param>
    /// <param name="points">The dense landmarks' vertices.</param>
    /// <param name="mean">V positions of the mean head, mm.</param>
    /// <param name="expressionBasis">[E, V, 3] mm, row-major.</param>
    public DenseLandmarkFit(SceneSizes sizes, SceneStart start, IReadOnlyList<int> points, ReadOnlySpan<Vector3> mean, float[] expressionBasis)
    {
        (this.sizes, this.start) = (sizes, start);
        using var scope = NewDisposeScope();
        vertices = tensor([.. points.Select(v => (long)v)], [points.Count]).DetachFromDisposeScope();
        expression = tensor(expressionBasis, [sizes.Expression, mean.Length, 3]).index_select(1, vertices).DetachFromDisposeScope();
        pivot = tensor(new[] { start.Pivot.X, start.Pivot.Y, start.Pivot.Z }).DetachFromDisposeScope();
        var places = tensor(MemoryMarshal.Cast<Vector3, float>(mean).ToArray(), [mean.Length, 3]).index_select(0, vertices).to(ScalarType.Float64);
        var squares = (places.unsqueeze(0) - places.unsqueeze(1)).square().sum(2);
        var one = eye(points.Count, dtype: ScalarType.Float64);
        var correlation = (Together * (squares * (-0.5 / (Reach * Reach))).exp()) + ((1 - Together) * one);

        // W with WᵀW the inverse: W times errors has independent ones.
        independent = linalg.solve_triangular(linalg.cholesky(correlation), one, upper: false).to(ScalarType.Float32).t().contiguous().DetachFromDisposeScope();
    }

    /// <param name="found">Of a batch of B crops.</param>
    /// <param name="principal">[B, 2], parts of the crop's side.</param>
    /// <param name="shape">What makes heads of α.</param>
    /// <returns>[B, <see cref="SceneCode.Length"/>], as <see cref="SceneCode"/> reads it; albedo and light are 0.</returns>
    public Tensor Run(DenseLandmarks found, Tensor principal, ShapeDecoder shape)
    {
        using var scope = NewDisposeScope();
        var (code, slopes) = Fitted(found, principal, shape);
        if (!is_grad_enabled() || !found.Points.requires_grad)
        {
            return code.MoveToOuterDisposeScope();
        }

        // Nothing in value: only the derivative counts.
        var moved = (found.Points - found.Points.detach()).transpose(1, 2).reshape(found.Points.shape[0], -1, 1);
        return (code + slopes.matmul(moved).squeeze(2)).MoveToOuterDisposeScope();
    }

    /// <returns>The code, and how it moves with the points, [B, length, 3·P]: x of all, y of all, depths of all. Both without gradient; the second empty where nobody asks for gradients.</returns>
    private (Tensor Code, Tensor Slopes) Fitted(DenseLandmarks found, Tensor principal, ShapeDecoder shape)
    {
        var asked = is_grad_enabled() && found.Points.requires_grad;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var points = found.Points.detach();
        var (rows, identities, expressions) = (points.shape[0], sizes.Identity, sizes.Expression);
        var shapes = identities + expressions;
        var (middle, basis) = shape.LinearPart(vertices);
        var mean = middle - pivot;
        var factor = shape.Habits is { } habits ? habits.Factor : eye(identities);
        if (shape.Habits is { Mean: var usual })
        {
            mean = mean + tensordot(usual, basis);
            basis = factor.matmul(basis.reshape(identities, -1)).reshape(identities, -1, 3);
        }

        // A coordinate's numbers side by side: [shapes, 3·P], and [3, shapes·P].
        var directions = cat([basis, expression], 0);
        var byShape = directions.transpose(1, 2).reshape(shapes, -1);
        var byCoordinate = directions.permute(2, 0, 1).reshape(3, -1);
        var deviation = found.LogError.detach().exp() * tensor(new[] { (float)PlaneDeviation, (float)LineDeviation });
        var weight = 1 / cat([deviation.narrow(2, 0, 1), deviation], 2).transpose(1, 2);
        var (rotation, scale, centre) = Place(points, mean);
        var logDistance = full([rows, 1], Math.Log(start.Distance), float32);
        var coefficients = zeros(rows, shapes);
        var changes = zeros(0);

        // α has deviation 1 in these units. A rotation, place and scale are known from the points alone.
        var trust = cat([ones(identities), full([expressions], 1 / (ExpressionDeviation * ExpressionDeviation), float32), full([Camera - 1], 1e-3, float32), full([1], 1 / (DistanceDeviation * DistanceDeviation), float32)], 0);
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            var q = rotation.matmul(mean.t() + coefficients.matmul(byShape).reshape(rows, 3, -1));
            var (x, y, z) = (q.select(1, 0), q.select(1, 1), q.select(1, 2));
            var distance = logDistance.exp();
            var depth = z.mean([1], keepdim: true);
            var w = 1 - (z / distance);
            var (px, py) = (principal.narrow(1, 0, 1), principal.narrow(1, 1, 1));
            var right = ((scale * x) + centre.narrow(1, 0, 1) - px) / w;
            var down = (centre.narrow(1, 1, 1) - py - (scale * y)) / w;
            var near = scale / (1 - (depth / distance));

            // By shapes, then by turning about x, y and z.
            var moved = rotation.reshape(-1, 3).matmul(byCoordinate).reshape(rows, 3, shapes, -1);
            var nothing = zeros_like(x);
            Tensor Moved(int coordinate, params Tensor[] turned) => cat([moved.select(1, coordinate), stack(turned, 1)], 1);
            var (dx, dy, dz) = (Moved(0, nothing, z, -y), Moved(1, -z, nothing, x), Moved(2, y, -x, nothing));
            var slope = (1 / (w * distance)).unsqueeze(1);
            var lens = (scale / w).unsqueeze(1);
            Tensor Rows(Tensor shapeAndTurn, params Tensor[] rest) => cat([shapeAndTurn, .. rest.Select(r => r.unsqueeze(1))], 1);
            var jx = Rows((dx * lens) + (dz * slope * right.unsqueeze(1)), 1 / w, nothing, scale * x / w, -right * z / (w * distance));
            var jy = Rows((dz * slope * down.unsqueeze(1)) - (dy * lens), nothing, 1 / w, -scale * y / w, -down * z / (w * distance));
            var jz = Rows(near.unsqueeze(2) * (dz - dz.mean([2], keepdim: true)), nothing, nothing, near * (z - depth), nothing);
            var j = (stack([jx, jy, jz], 2) * weight.unsqueeze(1)).matmul(independent).flatten(2);
            var apart = stack([points.select(2, 0) - px - right, points.select(2, 1) - py - down, points.select(2, 2) - (near * (z - depth))], 1);
            var error = (apart * weight).matmul(independent).reshape(rows, -1, 1);

            var now = cat([coefficients, zeros(rows, Camera - 1), logDistance - Math.Log(start.Distance)], 1);
            var slopes = j.matmul(error).squeeze(2) - (now * trust);
            var curvature = j.matmul(j.transpose(1, 2)) + trust.diag();
            (Tensor change, Tensor? inverse) = asked && step == Steps - 1 ? PositiveDefinite.SolveAndInvert(curvature, slopes) : (PositiveDefinite.Solve(curvature, slopes), null);
            var parts = change.split([identities, expressions, 3, 2, 1, 1], 1);
            (coefficients, rotation, centre, scale, logDistance) = (
                cat([coefficients.narrow(1, 0, identities) + parts[0], (coefficients.narrow(1, identities, expressions) + parts[1]).clamp(0, 1)], 1).MoveToOuterDisposeScope(),
                Turn(rotation, parts[2]).MoveToOuterDisposeScope(),
                (centre + parts[3]).MoveToOuterDisposeScope(),
                (scale * parts[4].clamp(-0.5, 0.5).exp()).MoveToOuterDisposeScope(),
                (logDistance + parts[5].clamp(-0.5, 0.5)).MoveToOuterDisposeScope());
            if (inverse is { })
            {
                // How the change follows the points.
                var back = j.reshape(rows, shapes + Camera, 3, -1).matmul(independent.t()) * weight.unsqueeze(1);
                changes = inverse.matmul(back.flatten(2)).MoveToOuterDisposeScope();
            }
        }

        var alpha = coefficients.narrow(1, 0, identities).matmul(factor);
        if (shape.Habits is { Mean: var before })
        {
            alpha = alpha + before;
        }

        var six = rotation.narrow(1, 0, 2).reshape(rows, 6) - tensor(new float[] { 1, 0, 0, 0, 1, 0 });
        var size = scale.log() - Math.Log(start.Scale);
        var place = centre - tensor(new[] { start.Centre.X, start.Centre.Y });
        var focal = SceneCode.FocalNumber(size + logDistance - Math.Log(start.Distance));
        var code = cat([alpha, coefficients.narrow(1, identities, expressions), zeros(rows, sizes.Albedo + SceneCode.LightLength), six, place, size, focal], 1).MoveToOuterDisposeScope();
        return (code, asked ? Slopes().MoveToOuterDisposeScope() : changes);

        Tensor Slopes()
        {
            var by = changes.split([identities, expressions, 3, 2, 1, 1], 1);
            var open = coefficients.narrow(1, identities, expressions);
            var none = zeros(rows, sizes.Albedo + SceneCode.LightLength, changes.shape[2]);
            var aboutAxes = Axes().matmul(rotation.unsqueeze(1)).narrow(2, 0, 2).reshape(rows, 3, 6);
            var u = (size + logDistance - Math.Log(start.Distance)).unsqueeze(2);
            return cat([
                factor.t().matmul(by[0]), by[1] * ((open > 0) & (open < 1)).to(ScalarType.Float32).unsqueeze(2), none, aboutAxes.transpose(1, 2).matmul(by[2]), by[3], by[4],
                SceneCode.FocalSlope(u) * (by[4] + by[5])], 1);
        }
    }

    /// <summary>[3, 3, 3]: how a matrix moves when it is turned about x, y and z.</summary>
    private static Tensor Axes() => tensor(new float[] { 0, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0 }, [3, 3, 3]);

    public void Dispose()
    {
        foreach (var t in new[] { vertices, expression, independent, pivot })
        {
            t.Dispose();
        }
    }

    private static Tensor tensordot(Tensor weights, Tensor basis) => weights.unsqueeze(0).matmul(basis.reshape(basis.shape[0], -1)).reshape(basis.shape[1], 3);

    /// <summary>Where the mean head would be, seen without perspective: the affine map nearest to the points, made a rotation and a scale.</summary>
    /// <param name="mean">[K, 3], from the pivot.</param>
    private static (Tensor Rotation, Tensor Scale, Tensor Centre) Place(Tensor points, Tensor mean)
    {
        var seen = points * tensor(new[] { 1f, -1, 1 });
        var (from, to) = (mean.mean([0], keepdim: true), seen.mean([1], keepdim: true));
        var centred = mean - from;
        var map = (seen - to).transpose(1, 2).matmul(centred).matmul(linalg.inv(centred.t().matmul(centred)));
        var rotation = CameraTensors.RotationOf(map.narrow(1, 0, 2).reshape(-1, 6));
        var scale = map.square().sum([1, 2]).div(3).sqrt().unsqueeze(1);
        var pivot = to.squeeze(1) - (scale * rotation.matmul(from.t()).squeeze(2));
        return (rotation, scale, pivot.narrow(1, 0, 2) * tensor(new[] { 1f, -1 }));
    }

    /// <summary>A rotation turned by an axis times an angle.</summary>
    private static Tensor Turn(Tensor rotation, Tensor turn)
    {
        var (x, y, z) = (turn.select(1, 0), turn.select(1, 1), turn.select(1, 2));
        var nothing = zeros_like(x);
        var cross = stack([nothing, -z, y, z, nothing, -x, -y, x, nothing], 1).reshape(-1, 3, 3);
        var turned = linalg.matrix_exp(cross).matmul(rotation);
        return CameraTensors.RotationOf(turned.narrow(1, 0, 2).reshape(-1, 6));
    }
}
