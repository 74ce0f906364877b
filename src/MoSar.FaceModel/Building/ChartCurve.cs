using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>A run of chart edges, by arc length on the surface in millimetres.</summary>
internal sealed class ChartCurve
{
    private readonly DiscChart _chart;
    private readonly int[] _vertices;
    private readonly double[] _length;
    private readonly (int Triangle, int Corner, int Next)[] _triangle;

    /// <param name="vertices">Chart vertices in order; a closed curve repeats the first at the end.</param>
    public ChartCurve(DiscChart chart, int[] vertices)
    {
        (_chart, _vertices) = (chart, vertices);
        _length = new double[vertices.Length];
        for (var i = 1; i < vertices.Length; i++)
        {
            _length[i] = _length[i - 1] + Vector3.Distance(chart.Positions[vertices[i - 1]], chart.Positions[vertices[i]]);
        }

        var wanted = new Dictionary<(int, int), int>();
        for (var i = 0; i + 1 < vertices.Length; i++)
        {
            wanted[(vertices[i], vertices[i + 1])] = i;
        }

        _triangle = new (int, int, int)[vertices.Length];
        for (var i = 0; i < chart.Triangles.Length; i++)
        {
            var t = i / 3 * 3;
            int c = i - t, n = (c + 1) % 3, a = chart.Triangles[i], b = chart.Triangles[t + n];
            if (wanted.TryGetValue((a, b), out var edge))
            {
                _triangle[edge] = (t / 3, c, n);
            }
            else if (wanted.TryGetValue((b, a), out edge))
            {
                _triangle[edge] = (t / 3, n, c);
            }
        }
    }

    public double Length => _length[^1];

    public int Count => _vertices.Length;

    public double LengthAt(int i) => _length[i];

    public Vector3 Position(int i) => _chart.Positions[_vertices[i]];

    /// <summary>The arc length of the curve's vertex that is nearest to a point.</summary>
    public double Nearest(Vector3 p, Func<int, bool>? use = null)
    {
        var best = (D: float.MaxValue, I: 0);
        for (var i = 0; i < _vertices.Length; i++)
        {
            var d = Vector3.DistanceSquared(Position(i), p);
            if (d < best.D && (use is null || use(_vertices[i])))
            {
                best = (d, i);
            }
        }

        return _length[best.I];
    }

    public double Of(int vertex) => _length[Array.IndexOf(_vertices, vertex)];

    /// <summary>The chart position, its triangle, and the curve's direction (per millimetre on the surface).</summary>
    public (double X, double Y, ChartPoint Point, Vector3 Direction) At(double s)
    {
        var i = Array.BinarySearch(_length, s);
        i = Math.Clamp(i >= 0 ? i : ~i - 1, 0, _vertices.Length - 2);
        int a = _vertices[i], b = _vertices[i + 1];
        var span = _length[i + 1] - _length[i];
        var f = span > 0 ? Math.Clamp((s - _length[i]) / span, 0, 1) : 0;
        Span<double> w = stackalloc double[3];
        w.Clear();
        var (t, ca, cb) = _triangle[i];
        w[ca] = 1 - f;
        w[cb] = f;
        var direction = _chart.Positions[b] - _chart.Positions[a];
        return (((1 - f) * _chart.X[a]) + (f * _chart.X[b]), ((1 - f) * _chart.Y[a]) + (f * _chart.Y[b]), new ChartPoint(t, w[0], w[1], w[2]), Vector3.Normalize(direction));
    }
}
