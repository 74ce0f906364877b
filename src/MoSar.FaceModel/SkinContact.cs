using System.Numerics;
using System.Runtime.CompilerServices;
using MoSar.Faces.Evaluation;

namespace MoSar.Faces;

/// <summary>
/// Changes a head and its expression just so far that skin does not run through skin: lips, which nothing in a linear model stops where they meet; and a head at rest
/// so far that no triangle of it looks backwards: slivers at the mouth's corners.
/// A vertex that is on the wrong side of a triangle comes back by a distance that is linear in the model's coefficients, so the nearest
/// coefficients at which all do are found by projection on one such condition after the other (Hildreth 1957), with those of what crosses then, and again.
/// </summary>
public sealed class SkinContact
{
    // So far off the surface a vertex is brought, and so far at most in a round, mm; nearer than Certain the mean head does not say which side is right: its lips touch.
    private const float Clearance = 0.02f, Most = 0.5f, Certain = 0.1f;
    private const int Rounds = 40, Sweeps = 40;

    // Cosine; a head's mesh may be turned a little against the mean head's where faults are counted.
    private const float OnEdge = 0.05f;

    // Pairs; lips have some hundred. A head with more is broken elsewhere, and stays as it is.
    private const int Hopeless = 1000;

    private static readonly ConditionalWeakTable<FaceModel, SkinContact> Cache = [];

    private readonly FaceModel _model;
    private readonly int[] _triangles;
    private readonly Directions _identity, _expression;

    // Of the mean head's triangles.
    private readonly Vector3[] _normals;

    private SkinContact(FaceModel model)
    {
        _model = model;
        var outer = OuterSkin.Of(model);
        _triangles = [.. model.Template.Triangles.Chunk(3).Where(t => t.All(v => outer[v])).SelectMany(t => t)];
        _identity = new Directions(model.Identity, model.IdentityCount, model.Mean.Length, float.NegativeInfinity, float.PositiveInfinity, reach: 2);
        _normals = [.. Enumerable.Range(0, _triangles.Length / 3).Select(t => Vector3.Normalize(Normal(model.Mean, t)))];
        _expression = new Directions(model.ExpressionBasis, model.ExpressionCount, model.Mean.Length, 0, 1, reach: 0.4f);
    }

    /// <summary>Made once a model.</summary>
    public static SkinContact For(FaceModel model) => Cache.GetValue(model, m => new SkinContact(m));

    /// <summary>
    /// Near to what is given, so that the <see cref="OuterSkin"/> crosses itself nowhere, at rest or with the expression, and at rest looks nowhere backwards; or as seldom as was found.
    /// What does neither stays as it is. An expression may turn a triangle rightly.
    /// </summary>
    /// <param name="neutral">V positions at rest, mm; of any origin, such as a network's.</param>
    /// <param name="expression">Coefficients in [0, 1].</param>
    /// <returns>The head at rest, what it differs by in the model's identity modes, and coefficients in [0, 1].</returns>
    public (Vector3[] Neutral, float[] Modes, float[] Expression) Relieve(ReadOnlySpan<Vector3> neutral, ReadOnlySpan<float> expression)
    {
        var given = neutral.ToArray();
        var modes = Solve(_identity, new float[_identity.Count], a => Moved(given, a), Backwards);
        var rest = Moved(given, modes);
        return (rest, modes, Solve(_expression, expression.ToArray(), d => _model.Expressed(rest, d), _ => []));
    }

    private Vector3[] Moved(Vector3[] positions, float[] modes)
    {
        if (modes.All(m => m == 0))
        {
            return positions;
        }

        var head = _model.Positions(modes, []);
        return [.. positions.Select((p, v) => p + head[v] - _model.Mean[v])];
    }

    private float[] Solve(Directions directions, float[] start, Func<float[], Vector3[]> positionsOf, Func<Vector3[], List<int>> turnedOf)
    {
        var (now, best, fewest) = (start, start, int.MaxValue);
        var conditions = new List<Condition>();
        for (var round = 0; ; round++)
        {
            var positions = positionsOf(now);
            var (pairs, turned) = (TriangleCrossings.Find(positions, _triangles), turnedOf(positions));
            var faults = pairs.Count + turned.Count;
            if (faults < fewest)
            {
                (best, fewest) = (now, faults);
            }

            if (faults is 0 or > Hopeless || round == Rounds)
            {
                return best;
            }

            foreach (var (s, t) in pairs.Order())
            {
                conditions.AddRange(Conditions(directions, now, positions, s, t));
                conditions.AddRange(Conditions(directions, now, positions, t, s));
            }

            conditions.AddRange(turned.Select(t => Turning(directions, now, positions, t)));
            now = Nearest(directions, start, conditions);
        }
    }

    /// <summary>The coefficients nearest to these that meet all conditions, as far as <see cref="Sweeps"/> bring them.</summary>
    private static float[] Nearest(Directions directions, float[] start, List<Condition> conditions)
    {
        var (x, ease) = (start.ToArray(), directions.Ease);
        float[] lowest = [.. start.Select(c => MathF.Max(directions.Lowest, c - directions.Reach))], highest = [.. start.Select(c => MathF.Min(directions.Highest, c + directions.Reach))];
        var answers = conditions.Select(c => c.Slope.Select((s, k) => s * s * ease[k]).Sum()).ToArray();
        var (push, up, down) = (new float[conditions.Count], new float[x.Length], new float[x.Length]);
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var i = 0; i < push.Length; i++)
            {
                var slope = conditions[i].Slope;
                var lacking = conditions[i].Least - Dot(slope, x);

                // Where hardly anything moves it, it would take a grimace.
                if ((lacking <= 0 && push[i] == 0) || answers[i] < 1e-6f)
                {
                    continue;
                }

                var change = MathF.Max(-push[i], lacking / answers[i]);
                push[i] += change;
                for (var k = 0; k < x.Length; k++)
                {
                    x[k] += change * slope[k] * ease[k];
                }
            }

            for (var k = 0; k < x.Length; k++)
            {
                var change = MathF.Max(-up[k], lowest[k] - x[k]);
                (up[k], x[k]) = (up[k] + change, x[k] + change);
                change = MathF.Max(-down[k], x[k] - highest[k]);
                (down[k], x[k]) = (down[k] + change, x[k] - change);
            }
        }

        return [.. x.Select((c, k) => Math.Clamp(c, lowest[k], highest[k]))];
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = 0f;
        for (var k = 0; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return sum;
    }

    /// <summary>
    /// Of the edges of s that pass through t: their end on the other side than in the mean head, where that is clear, else the one behind. Lips that meet have air between them
    /// and end behind each other, the walls of a septum have flesh between them and end before each other.
    /// </summary>
    private IEnumerable<Condition> Conditions(Directions directions, float[] now, Vector3[] positions, int s, int t)
    {
        int[] corners = [_triangles[3 * t], _triangles[(3 * t) + 1], _triangles[(3 * t) + 2]];
        var (a, b, c) = (positions[corners[0]], positions[corners[1]], positions[corners[2]]);
        var normal = Normal(positions, t);
        var area = normal.Length();
        if (area < 1e-6f)
        {
            yield break;
        }

        normal /= area;
        for (var k = 0; k < 3; k++)
        {
            var (from, to) = (_triangles[(3 * s) + k], _triangles[(3 * s) + ((k + 1) % 3)]);
            var (d, e) = (Vector3.Dot(normal, positions[from] - a), Vector3.Dot(normal, positions[to] - a));
            var through = Vector3.Lerp(positions[from], positions[to], d / (d - e));
            var (u, v) = (Vector3.Dot(normal, Vector3.Cross(through - a, c - a)) / area, Vector3.Dot(normal, Vector3.Cross(b - a, through - a)) / area);
            if (d * e < 0 && u >= 0 && v >= 0 && u + v <= 1)
            {
                var (sideFrom, sideTo) = (MeanSide(from, corners, u, v), MeanSide(to, corners, u, v));
                var wrong = MathF.Abs(sideFrom) > Certain && sideFrom * d < 0 ? from : MathF.Abs(sideTo) > Certain && sideTo * e < 0 ? to : d < e ? from : to;
                var distance = wrong == from ? d : e;
                var back = -MathF.Sign(distance) * normal;
                var slope = directions.Slope([(wrong, back), (corners[0], -(1 - u - v) * back), (corners[1], -u * back), (corners[2], -v * back)]);
                yield return new Condition(slope, Dot(slope, now) + Clearance + MathF.Min(MathF.Abs(distance), Most));
            }
        }
    }

    /// <summary>Triangles that lie on edge, or look to the other side than the mean head's.</summary>
    private List<int> Backwards(Vector3[] positions) =>
        [.. Enumerable.Range(0, _normals.Length).Where(t => Normal(positions, t) is var normal && Vector3.Dot(normal, _normals[t]) < OnEdge * normal.Length())];

    /// <summary>The triangle's extent across its longest side, seen from where the mean head's looks, is to be above 0. It is bilinear in the coefficients, so this is its tangent.</summary>
    private Condition Turning(Directions directions, float[] now, Vector3[] positions, int t)
    {
        var (i, j, k) = (_triangles[3 * t], _triangles[(3 * t) + 1], _triangles[(3 * t) + 2]);
        var (ij, ik) = (positions[j] - positions[i], positions[k] - positions[i]);
        var longest = MathF.Sqrt(MathF.Max(MathF.Max(ij.LengthSquared(), ik.LengthSquared()), (ik - ij).LengthSquared()));
        var (atJ, atK) = (Vector3.Cross(ik, _normals[t]) / longest, Vector3.Cross(_normals[t], ij) / longest);
        var slope = directions.Slope([(i, -atJ - atK), (j, atJ), (k, atK)]);
        return new Condition(slope, Dot(slope, now) + Clearance - (Vector3.Dot(Vector3.Cross(ij, ik), _normals[t]) / longest));
    }

    /// <summary>Twice the triangle's area long.</summary>
    private Vector3 Normal(Vector3[] of, int t) => Vector3.Cross(of[_triangles[(3 * t) + 1]] - of[_triangles[3 * t]], of[_triangles[(3 * t) + 2]] - of[_triangles[3 * t]]);

    /// <summary>How far before a triangle's plane a vertex of the mean head lies, mm.</summary>
    private float MeanSide(int vertex, int[] corners, float u, float v)
    {
        var (a, b, c) = (_model.Mean[corners[0]], _model.Mean[corners[1]], _model.Mean[corners[2]]);
        return Vector3.Dot(Vector3.Normalize(Vector3.Cross(b - a, c - a)), _model.Mean[vertex] - (((1 - u - v) * a) + (u * b) + (v * c)));
    }

    /// <summary>Coefficients times slope, which is how far a vertex is on its right side of a triangle but for a constant, are to be this much at least, mm.</summary>
    private readonly record struct Condition(float[] Slope, float Least);

    /// <summary>What may move: [Count, V, 3] mm, each within bounds and no farther than its reach.</summary>
    private sealed class Directions
    {
        private readonly float[] _basis;
        private readonly int _vertices;

        public Directions(float[] basis, int count, int vertices, float lowest, float highest, float reach)
        {
            (_basis, Count, _vertices, Lowest, Highest, Reach) = (basis, count, vertices, lowest, highest, reach);
            Ease = [.. Enumerable.Range(0, count).Select(k => 1 / MathF.Max(1e-6f, SquareOf(basis.AsSpan(k * 3 * vertices, 3 * vertices)) / vertices))];
        }

        public int Count { get; }

        public float Lowest { get; }

        public float Highest { get; }

        public float Reach { get; }

        /// <summary>The inverse of the mean square of what each moves: nearness is of positions, not of coefficients, or every lip that touches would open the jaw.</summary>
        public float[] Ease { get; }

        /// <summary>How much of what each moves at these vertices is along these vectors.</summary>
        public float[] Slope(ReadOnlySpan<(int Vertex, Vector3 Along)> parts)
        {
            var slope = new float[Count];
            for (var k = 0; k < Count; k++)
            {
                foreach (var (vertex, along) in parts)
                {
                    slope[k] += Vector3.Dot(along, At(k, vertex));
                }
            }

            return slope;
        }

        private static float SquareOf(ReadOnlySpan<float> values)
        {
            var sum = 0f;
            foreach (var value in values)
            {
                sum += value * value;
            }

            return sum;
        }

        private Vector3 At(int k, int vertex) => new(_basis.AsSpan(((k * _vertices) + vertex) * 3, 3));
    }
}
