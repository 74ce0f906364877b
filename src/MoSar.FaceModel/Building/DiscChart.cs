using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>A point of the chart's surface: a triangle and its weights.</summary>
internal readonly record struct ChartPoint(int Triangle, double B0, double B1, double B2);

/// <summary>
/// The left half of the refined source as a disc, laid onto a circle by Tutte's embedding (every vertex the mean of its neighbours), which
/// is one-to-one by theorem. Chart coordinates are a detour only: all lengths are measured on the surface.
/// </summary>
internal sealed class DiscChart
{
    private readonly int[] _adjacent;
    private readonly Random _walk = new(7);

    public DiscChart(RefinedSource source, SourceHead head)
    {
        var index = new int[source.VertexCount];
        Array.Fill(index, -1);
        var member = new List<int>();
        var quads = new List<int>();
        var parts = new List<HeadPart>();
        for (var q = 0; q < source.QuadParts.Length; q++)
        {
            if (!source.QuadIsLeft[q])
            {
                continue;
            }

            for (var k = 0; k < 4; k++)
            {
                var v = source.Quads[(q * 4) + k];
                if (index[v] < 0)
                {
                    index[v] = member.Count;
                    member.Add(v);
                }

                quads.Add(index[v]);
            }

            parts.Add(source.QuadParts[q]);
        }

        Member = [.. member];
        Positions = [.. member.Select(m => source.Positions[m])];
        var quadArray = quads.ToArray();
        Boundary = Orient(quadArray, source);
        var l = head.Landmarks;
        LidMargin = [.. source.EdgePath(head, [l[42], l[47], l[46], l[45], l[44], l[43], l[42]]).Select(v => index[v])];
        LipContact = [.. source.EdgePath(head, [l[66], l[65], l[64], l[63], l[62]]).Select(v => index[v])];
        (LateralCanthus, MouthCorner) = (index[source.EdgePath(head, [l[45]])[0]], index[source.EdgePath(head, [l[64]])[0]]);
        (X, Y) = Embed(quadArray);
        Triangles = [.. Enumerable.Range(0, parts.Count).SelectMany(q => new[]
        {
            quads[q * 4], quads[(q * 4) + 1], quads[(q * 4) + 2], quads[q * 4], quads[(q * 4) + 2], quads[(q * 4) + 3],
        })];
        TriangleParts = [.. parts.SelectMany(p => new[] { p, p })];
        _adjacent = Adjacency(Triangles);
    }

    /// <summary>The refined source's vertex behind every chart vertex.</summary>
    public int[] Member { get; }

    public Vector3[] Positions { get; }

    public double[] X { get; }

    public double[] Y { get; }

    public int[] Triangles { get; }

    public HeadPart[] TriangleParts { get; }

    /// <summary>From the throat up the front midline (through the mouth), over the crown, down the nape, then along the neck's border.</summary>
    public int[] Boundary { get; }

    /// <summary>How many of <see cref="Boundary"/> lie on the midline.</summary>
    public int MidlineCount { get; private set; }

    /// <summary>The left lid margin from the medial canthus along the lower lid and back along the upper; the first vertex again at the end.</summary>
    public int[] LidMargin { get; }

    /// <summary>Where the lips meet, from the lower lip's midline over the left corner to the upper lip's.</summary>
    public int[] LipContact { get; }

    public int LateralCanthus { get; }

    public int MouthCorner { get; }

    public Vector3 Lift(in ChartPoint p) =>
        ((float)p.B0 * Positions[Triangles[p.Triangle * 3]]) + ((float)p.B1 * Positions[Triangles[(p.Triangle * 3) + 1]]) + ((float)p.B2 * Positions[Triangles[(p.Triangle * 3) + 2]]);

    /// <summary>Walks from a triangle to the one that holds a chart position; a position outside comes out on the rim.</summary>
    public ChartPoint Locate(double x, double y, int from)
    {
        var t = from;
        for (var step = 0; step < 4000; step++)
        {
            var (b0, b1, b2) = Barycentric(t, x, y);
            if (b0 >= -1e-12 && b1 >= -1e-12 && b2 >= -1e-12)
            {
                return new ChartPoint(t, b0, b1, b2);
            }

            // Cross one of the edges that the point lies behind, at random, so that the walk cannot circle for ever.
            Span<double> b = [b0, b1, b2];
            var k = _walk.Next(3);
            for (var i = 0; i < 3 && (b[k] >= 0 || _adjacent[(t * 3) + k] < 0); i++)
            {
                k = (k + 1) % 3;
            }

            if (b[k] >= 0 || _adjacent[(t * 3) + k] < 0)
            {
                return Clamped(t, b0, b1, b2);
            }

            t = _adjacent[(t * 3) + k];
        }

        return Nearest(x, y);
    }

    /// <summary>The surface's derivative in the chart: ∂X/∂x and ∂X/∂y on a triangle.</summary>
    public (Vector3 Dx, Vector3 Dy) Derivative(int t)
    {
        int a = Triangles[t * 3], b = Triangles[(t * 3) + 1], c = Triangles[(t * 3) + 2];
        double x1 = X[b] - X[a], y1 = Y[b] - Y[a], x2 = X[c] - X[a], y2 = Y[c] - Y[a];
        var det = (x1 * y2) - (x2 * y1);
        Vector3 e1 = Positions[b] - Positions[a], e2 = Positions[c] - Positions[a];
        return ((e1 * (float)(y2 / det)) - (e2 * (float)(y1 / det)), (e2 * (float)(x1 / det)) - (e1 * (float)(x2 / det)));
    }

    private (double B0, double B1, double B2) Barycentric(int t, double x, double y)
    {
        int a = Triangles[t * 3], b = Triangles[(t * 3) + 1], c = Triangles[(t * 3) + 2];
        double x1 = X[b] - X[a], y1 = Y[b] - Y[a], x2 = X[c] - X[a], y2 = Y[c] - Y[a], dx = x - X[a], dy = y - Y[a];
        var det = (x1 * y2) - (x2 * y1);
        var b1 = ((dx * y2) - (x2 * dy)) / det;
        var b2 = ((x1 * dy) - (dx * y1)) / det;
        return (1 - b1 - b2, b1, b2);
    }

    private static ChartPoint Clamped(int t, double b0, double b1, double b2)
    {
        (b0, b1, b2) = (Math.Max(b0, 0), Math.Max(b1, 0), Math.Max(b2, 0));
        var sum = b0 + b1 + b2;
        return new ChartPoint(t, b0 / sum, b1 / sum, b2 / sum);
    }

    private ChartPoint Nearest(double x, double y)
    {
        var best = (Worst: double.NegativeInfinity, Triangle: 0);
        for (var t = 0; t < Triangles.Length / 3; t++)
        {
            var (b0, b1, b2) = Barycentric(t, x, y);
            var worst = Math.Min(b0, Math.Min(b1, b2));
            if (worst > best.Worst)
            {
                best = (worst, t);
            }
        }

        var b = Barycentric(best.Triangle, x, y);
        return Clamped(best.Triangle, b.B0, b.B1, b.B2);
    }

    private int[] Orient(int[] quads, RefinedSource source)
    {
        var next = HalfEdges.Boundary(quads);
        var onMidline = Member.Select(m => source.Mirror[m] == m).ToArray();

        // The neck's border is the one run of boundary vertices off the midline; it runs from the throat to the nape or back.
        var first = next.Keys.First(v => onMidline[v] && !onMidline[next[v]]);
        var loop = new List<int> { first };
        for (var v = next[first]; v != first; v = next[v])
        {
            loop.Add(v);
        }

        var neck = loop.Skip(1).TakeWhile(v => !onMidline[v]).Count();
        var midline = loop.Skip(neck + 1).Append(first).ToList();
        var border = loop.Skip(1).Take(neck).ToList();
        if (Positions[midline[0]].Z < Positions[midline[^1]].Z)
        {
            midline.Reverse();
            border.Reverse();
        }

        MidlineCount = midline.Count;
        return [.. midline, .. border];
    }

    private (double[] X, double[] Y) Embed(int[] quads)
    {
        var n = Positions.Length;
        double[] x = new double[n], y = new double[n];
        var isFixed = new bool[n];
        var length = new double[Boundary.Length + 1];
        for (var i = 0; i < Boundary.Length; i++)
        {
            length[i + 1] = length[i] + Vector3.Distance(Positions[Boundary[i]], Positions[Boundary[(i + 1) % Boundary.Length]]);
        }

        // Clockwise from the throat: the disc is seen from outside with the midline on its left.
        for (var i = 0; i < Boundary.Length; i++)
        {
            var angle = 2 * Math.PI * length[i] / length[^1];
            (x[Boundary[i]], y[Boundary[i]]) = (-Math.Sin(angle), -Math.Cos(angle));
            isFixed[Boundary[i]] = true;
        }

        var neighbours = HalfEdges.Neighbours(n, quads);
        var weights = neighbours.Select(r => Enumerable.Repeat(1.0, r.Length).ToArray()).ToArray();
        Parallel.Invoke(() => ConjugateGradients.Harmonic(neighbours, weights, isFixed, x), () => ConjugateGradients.Harmonic(neighbours, weights, isFixed, y));
        return (x, y);
    }

    /// <summary>For every triangle the one across the edge opposite each corner, −1 at the boundary.</summary>
    private static int[] Adjacency(int[] triangles)
    {
        var owner = new Dictionary<(int, int), int>();
        for (var i = 0; i < triangles.Length; i++)
        {
            var t = i / 3 * 3;
            owner[(triangles[t + ((i - t + 1) % 3)], triangles[t + ((i - t + 2) % 3)])] = i / 3;
        }

        var adjacent = new int[triangles.Length];
        for (var i = 0; i < triangles.Length; i++)
        {
            var t = i / 3 * 3;
            adjacent[i] = owner.GetValueOrDefault((triangles[t + ((i - t + 2) % 3)], triangles[t + ((i - t + 1) % 3)]), -1);
        }

        return adjacent;
    }
}
