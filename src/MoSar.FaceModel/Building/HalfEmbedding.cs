using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Places the layout's left half on the source: lid margin, lips and neck's border on the source's own curves by arc length, the rest first
/// by Tutte's embedding in the chart, then relaxed towards the mean of its neighbours on the surface under springs that even out lengths along
/// it, never turning a quad over.
/// </summary>
internal sealed class HalfEmbedding
{
    private const int Sweeps = 600;
    private const float Step = 0.7f;
    private const int HoldSweeps = 150;
    private const int PolishSweeps = 60;

    // Springs adapt so often, and are left alone at the end.
    private const int AdaptEvery = 15;
    private const int SettleSweeps = 40;
    private const int WaySamples = 4;

    /// <summary>The sine of a quad's corner below which a vertex is tried elsewhere.</summary>
    private const double PoorCorner = 0.3;

    private readonly HeadBlocks _blocks;
    private readonly DiscChart _chart;
    private readonly int[][] _neighbours;
    private readonly LayoutSprings _springs;
    private readonly int[][] _quadsOf;
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly bool[] _fixed;
    private readonly bool[] _heldFirst;
    private readonly Random _random = new(11);
    private readonly ChartPoint[] _points;
    private readonly Vector3[] _positions;
    private readonly ChartCurve _midline;
    private readonly double[] _slide;
    private readonly int[] _before;
    private readonly int[] _after;

    private HalfEmbedding(HeadBlocks blocks, DiscChart chart)
    {
        (_blocks, _chart) = (blocks, chart);
        var n = blocks.VertexCount;
        _neighbours = HalfEdges.Neighbours(n, blocks.Quads);
        _springs = new LayoutSprings(blocks, _neighbours);
        var quadsOf = new List<int>[n];
        for (var i = 0; i < blocks.Quads.Length; i++)
        {
            (quadsOf[blocks.Quads[i]] ??= []).Add(i / 4);
        }

        _quadsOf = [.. quadsOf.Select(q => q.ToArray())];
        (_x, _y, _fixed, _points, _positions) = (new double[n], new double[n], new bool[n], new ChartPoint[n], new Vector3[n]);
        _midline = new ChartCurve(chart, chart.Boundary[..chart.MidlineCount]);
        _heldFirst = new bool[n];
        _slide = new double[n];
        Array.Fill(_slide, -1);
        (_before, _after) = (new int[n], new int[n]);
    }

    /// <param name="landmarks">68 positions on the source, for the first guess along the midline.</param>
    public static HalfEmbedding Make(HeadBlocks blocks, DiscChart chart, Vector3[] landmarks, CancellationToken cancellation)
    {
        var e = new HalfEmbedding(blocks, chart);
        e.PinCurves(landmarks);
        e.Start();
        for (var k = 0; k < Sweeps; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            e.Sweep(k % 2 == 1, k < HoldSweeps);
            if (k % AdaptEvery == AdaptEvery - 1 && k < Sweeps - SettleSweeps)
            {
                e._springs.Adapt(e.WayLength);
            }
        }

        for (var k = 0; k < PolishSweeps; k++)
        {
            e.Polish();
        }

        e.Flipped = e.CountFlipped();
        return e;
    }

    public ChartPoint[] Points => _points;

    public Vector3[] Positions => _positions;

    /// <summary>Quads turned over in the chart: 0 or something is wrong.</summary>
    public int Flipped { get; private set; }

    /// <summary>The length of an edge's straight line in the chart on the surface.</summary>
    private double WayLength(int a, int b)
    {
        // From the lower index always, so that both ends see the same length.
        (a, b) = a < b ? (a, b) : (b, a);
        double length = 0;
        var (before, triangle) = (_positions[a], _points[a].Triangle);
        for (var k = 1; k <= WaySamples; k++)
        {
            var f = (double)k / WaySamples;
            var p = _positions[b];
            if (k < WaySamples)
            {
                var point = _chart.Locate(_x[a] + (f * (_x[b] - _x[a])), _y[a] + (f * (_y[b] - _y[a])), triangle);
                (triangle, p) = (point.Triangle, _chart.Lift(point));
            }

            length += Vector3.Distance(before, p);
            before = p;
        }

        return length;
    }

    private void PinCurves(Vector3[] landmarks)
    {
        var midlineTemplate = _blocks.Boundary[..(_blocks.Boundary.Length - _blocks.NeckBorder.Length + 2)];
        for (var i = 0; i < midlineTemplate.Length; i++)
        {
            _before[midlineTemplate[i]] = midlineTemplate[Math.Max(i - 1, 0)];
            _after[midlineTemplate[i]] = midlineTemplate[Math.Min(i + 1, midlineTemplate.Length - 1)];
        }

        Slide(midlineTemplate, Anchors(landmarks));
        Pin(_blocks.LipContact, Split(new ChartCurve(_chart, _chart.LipContact), Array.IndexOf(_chart.LipContact, _chart.MouthCorner), HeadBlocks.MouthCorner, _blocks.LipContact.Length));
        PinLid();
        HoldEar(landmarks);
        HoldNostril(landmarks);

        // Boundary[MidlineCount − 1] is the nape's corner and Boundary[0] the throat's; the layout's border runs the other way.
        int[] neck = [.. _chart.Boundary[(_chart.MidlineCount - 1)..], _chart.Boundary[0]];
        Array.Reverse(neck);
        var border = new ChartCurve(_chart, neck);
        for (var i = 0; i < _blocks.NeckBorder.Length; i++)
        {
            Place(_blocks.NeckBorder[i], border.At(border.Length * i / (_blocks.NeckBorder.Length - 1)));
            _fixed[_blocks.NeckBorder[i]] = true;
        }
    }

    private (int Vertex, double S)[] Anchors(Vector3[] landmarks)
    {
        var browY = (landmarks[19].Y + landmarks[24].Y) / 2;
        var height = browY - landmarks[8].Y;
        var skin = SkinVertices();
        double At(Vector3 p) => _midline.Nearest(p with { X = 0 }, skin.Contains);
        var top = Enumerable.Range(0, _midline.Count).MaxBy(i => _midline.Position(i).Y);
        var front = Enumerable.Range(0, top).ToArray();
        double AtHeight(float y) => _midline.LengthAt(front.MinBy(i => Math.Abs(_midline.Position(i).Y - y)));
        return
        [
            (_blocks.Boundary[0], 0),
            (_blocks.Chin, At(landmarks[8] - new Vector3(0, .05f * height, .05f * height))),
            (_blocks.LipContact[0], _midline.Of(_chart.LipContact[0])),
            (_blocks.LipContact[^1], _midline.Of(_chart.LipContact[^1])),
            (_blocks.NoseBase, At(landmarks[33])),
            (_blocks.Bridge, At((landmarks[28] + landmarks[29]) / 2)),
            (_blocks.Glabella, AtHeight((landmarks[21].Y + landmarks[22].Y) / 2)),
            (_blocks.Hairline, AtHeight(browY + (.3f * height))),
            (_blocks.Pole, _midline.LengthAt(top) + (.45 * height)),
            (_blocks.NeckBorder[^1], _midline.Length),
        ];
    }

    private HashSet<int> SkinVertices()
    {
        var skin = new HashSet<int>();
        for (var i = 0; i < _chart.Triangles.Length; i++)
        {
            if (_chart.TriangleParts[i / 3] == Source.HeadPart.Skin)
            {
                skin.Add(_chart.Triangles[i]);
            }
        }

        return skin;
    }

    private void Slide(int[] chain, (int Vertex, double S)[] anchors)
    {
        var at = anchors.ToDictionary(a => Array.IndexOf(chain, a.Vertex), a => a.S);
        var knots = at.Keys.Order().ToArray();
        for (var k = 0; k + 1 < knots.Length; k++)
        {
            for (var i = knots[k]; i <= knots[k + 1]; i++)
            {
                var f = (double)(i - knots[k]) / (knots[k + 1] - knots[k]);
                _slide[chain[i]] = ((1 - f) * at[knots[k]]) + (f * at[knots[k + 1]]);
                Place(chain[i], _midline.At(_slide[chain[i]]));
            }
        }

        foreach (var (vertex, _) in anchors)
        {
            // The rest of the anchors are a first guess; these must not slip along the midline.
            _fixed[vertex] = vertex == chain[0] || vertex == chain[^1] || vertex == _blocks.NoseBase
                || vertex == _blocks.LipContact[0] || vertex == _blocks.LipContact[^1];
        }
    }

    /// <summary>Arc lengths for a run of vertices with one inner vertex held to one of the curve's.</summary>
    private static (ChartCurve Curve, double[] S) Split(ChartCurve curve, int curveIndex, int index, int count)
    {
        var s = new double[count];
        var knot = curve.LengthAt(curveIndex);
        for (var i = 0; i < count; i++)
        {
            s[i] = i <= index ? knot * i / index : knot + ((curve.Length - knot) * (i - index) / (count - 1 - index));
        }

        return (curve, s);
    }

    private void PinLid()
    {
        // Both start at the medial canthus, the lower lid first.
        var margin = _blocks.LidMargin;
        var half = margin.Length / 2;
        var start = (HeadBlocks.LateralCanthus + half) % margin.Length;
        int[] run = [.. margin[start..], .. margin[..start], margin[start]];
        Pin(run, Split(new ChartCurve(_chart, _chart.LidMargin), Array.IndexOf(_chart.LidMargin, _chart.LateralCanthus), half, run.Length));
    }

    /// <summary>Lays the rim of the ear's block around the ear, seen from the side; held at first, later free like the rest.</summary>
    private void HoldEar(Vector3[] landmarks)
    {
        var root = landmarks[15];
        var size = (((landmarks[19].Y + landmarks[24].Y) / 2) - landmarks[8].Y) / 138;
        float front = root.Z - (11 * size), back = root.Z - (62 * size), low = root.Y - (41 * size), high = root.Y + (29 * size);
        var centre = new Vector2((front + back) / 2, (low + high) / 2);
        var normals = MeshNormals.Of(_chart.Positions, _chart.Triangles);
        var side = Enumerable.Range(0, normals.Length).Where(i => normals[i].X > .3f && _chart.Positions[i].Z < front + 20).ToArray();
        var rim = _blocks.EarRim;
        for (var i = 0; i < rim.Length; i++)
        {
            // A superellipse: nearly the rectangle, but with round corners. Corners of the block stand on its diagonals.
            var angle = Angle(i);
            var (sin, cos) = MathF.SinCos(angle);
            var p = centre + new Vector2((front - back) / 2 * Power(cos), (high - low) / 2 * Power(sin));
            var nearest = side.MinBy(c => Vector2.DistanceSquared(new Vector2(_chart.Positions[c].Z, _chart.Positions[c].Y), p) - (.1f * _chart.Positions[c].X));
            Place(rim[i], (_chart.X[nearest], _chart.Y[nearest], _chart.Locate(_chart.X[nearest], _chart.Y[nearest], 0), default));
            _heldFirst[rim[i]] = true;
        }

        static float Power(float x) => MathF.Sign(x) * MathF.Pow(Math.Abs(x), .7f);

        // Lower front corner first, then back along the bottom: the side is seen with the face to the left of a viewer on the left.
        static float Angle(int i)
        {
            const float quarter = MathF.PI / 2;
            int[] edges = [HeadBlocks.EarColumns, HeadBlocks.EarRows, HeadBlocks.EarColumns, HeadBlocks.EarRows];
            var k = 0;
            while (i >= edges[k])
            {
                i -= edges[k++];
            }

            return -(quarter / 2) - (quarter * (k + ((float)i / edges[k])));
        }
    }

    /// <summary>Lays the nostril's rim on the source's; held at first like the ear's.</summary>
    private void HoldNostril(Vector3[] landmarks)
    {
        var outline = new NostrilOutline(_chart, landmarks[33]);
        var (baseX, baseY, _, _) = _midline.At(_midline.Nearest(landmarks[33] with { X = 0 }));
        var (tipX, tipY, _, _) = _midline.At(_midline.Nearest(landmarks[30] with { X = 0 }));
        var up = Math.Atan2(tipY - baseY, tipX - baseX);
        var rim = _blocks.NostrilRim;
        for (var i = 0; i < rim.Length; i++)
        {
            // The rim starts at its medial lower corner: an eighth of a turn past medial, seen with the tip up.
            var (x, y) = outline.At(up + (2 * Math.PI * (((double)i / rim.Length) - .625)));
            Place(rim[i], (x, y, _chart.Locate(x, y, 0), default));
            _heldFirst[rim[i]] = true;
        }
    }

    private void Pin(int[] vertices, (ChartCurve Curve, double[] S) places)
    {
        for (var i = 0; i < vertices.Length; i++)
        {
            Place(vertices[i], places.Curve.At(places.S[i]));
            _fixed[vertices[i]] = true;
        }
    }

    private void Place(int v, (double X, double Y, ChartPoint Point, Vector3 Direction) at)
    {
        (_x[v], _y[v], _points[v]) = (at.X, at.Y, at.Point);
        _positions[v] = _chart.Lift(at.Point);
    }

    private void Start()
    {
        var held = new bool[_x.Length];
        for (var v = 0; v < held.Length; v++)
        {
            held[v] = _fixed[v] || _slide[v] >= 0 || _heldFirst[v];
        }

        var uniform = _neighbours.Select(r => Enumerable.Repeat(1.0, r.Length).ToArray()).ToArray();
        Parallel.Invoke(() => ConjugateGradients.Harmonic(_neighbours, uniform, held, _x), () => ConjugateGradients.Harmonic(_neighbours, uniform, held, _y));
        var queue = new Queue<int>(Enumerable.Range(0, held.Length).Where(v => held[v]));
        var seen = (bool[])held.Clone();
        while (queue.TryDequeue(out var v))
        {
            foreach (var u in _neighbours[v])
            {
                if (!seen[u])
                {
                    seen[u] = true;
                    _points[u] = _chart.Locate(_x[u], _y[u], _points[v].Triangle);
                    _positions[u] = _chart.Lift(_points[u]);
                    queue.Enqueue(u);
                }
            }
        }
    }

    private void Sweep(bool backwards, bool hold)
    {
        for (var i = 0; i < _x.Length; i++)
        {
            var v = backwards ? _x.Length - 1 - i : i;
            if (_fixed[v] || (hold && _heldFirst[v]))
            {
                continue;
            }

            if (_slide[v] >= 0)
            {
                SlideVertex(v);
            }
            else
            {
                MoveVertex(v);
            }
        }
    }

    private Vector3 Pull(int v)
    {
        var sum = Vector3.Zero;
        float total = 0;
        var (ring, weights) = (_neighbours[v], _springs.Weights[v]);
        for (var k = 0; k < ring.Length; k++)
        {
            sum += weights[k] * _positions[ring[k]];
            total += weights[k];
        }

        return (sum / total) - _positions[v];
    }

    private void SlideVertex(int v)
    {
        var (_, _, _, direction) = _midline.At(_slide[v]);
        var s = _slide[v] + (Step * Vector3.Dot(Pull(v), direction));
        var (low, high) = (_slide[_before[v]], _slide[_after[v]]);
        s = Math.Clamp(s, low + (.1 * (high - low)), high - (.1 * (high - low)));
        Try(v, _midline.At(s), s);
    }

    private void MoveVertex(int v)
    {
        if (WorstArea(v) <= 0)
        {
            Untangle(v);
            return;
        }

        var pull = Pull(v) * Step;
        var (dx, dy) = _chart.Derivative(_points[v].Triangle);
        double a = Vector3.Dot(dx, dx), b = Vector3.Dot(dx, dy), c = Vector3.Dot(dy, dy), px = Vector3.Dot(dx, pull), py = Vector3.Dot(dy, pull);
        var det = (a * c) - (b * b);
        if (det <= 0)
        {
            return;
        }

        double mx = ((c * px) - (b * py)) / det, my = ((a * py) - (b * px)) / det;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var point = _chart.Locate(_x[v] + mx, _y[v] + my, _points[v].Triangle);
            if (Try(v, (_x[v] + mx, _y[v] + my, point, default), -1))
            {
                return;
            }

            (mx, my) = (mx / 3, my / 3);
        }
    }

    /// <summary>In the plane the mean of the neighbours lies on the right side of more edges; any step that betters the worst corner is taken.</summary>
    private void Untangle(int v)
    {
        double mx = 0, my = 0;
        foreach (var u in _neighbours[v])
        {
            mx += (_x[u] - _x[v]) / _neighbours[v].Length;
            my += (_y[u] - _y[v]) / _neighbours[v].Length;
        }

        // Then places at random about that mean: one of them is seen from all sides if any place is.
        var reach = _neighbours[v].Max(u => Math.Max(Math.Abs(_x[u] - _x[v]), Math.Abs(_y[u] - _y[v])));
        for (var attempt = 0; attempt < 24; attempt++)
        {
            var spread = attempt == 0 ? 0 : reach;
            double x = _x[v] + mx + (spread * (_random.NextDouble() - .5)), y = _y[v] + my + (spread * (_random.NextDouble() - .5));
            if (Try(v, (x, y, _chart.Locate(x, y, _points[v].Triangle), default), -1) && WorstArea(v) > 0)
            {
                return;
            }

            (mx, my) = attempt == 0 ? (mx, my) : (mx * .9, my * .9);
        }
    }

    /// <summary>Moves the vertices of poorly shaped quads to whatever place nearby betters their worst corner on the surface.</summary>
    private void Polish()
    {
        for (var v = 0; v < _x.Length; v++)
        {
            if (_fixed[v] || _slide[v] >= 0)
            {
                continue;
            }

            var quality = WorstCorner(v);
            if (quality >= PoorCorner)
            {
                continue;
            }

            double mx = _neighbours[v].Average(u => _x[u]), my = _neighbours[v].Average(u => _y[u]);
            var reach = _neighbours[v].Max(u => Math.Max(Math.Abs(_x[u] - _x[v]), Math.Abs(_y[u] - _y[v])));
            for (var attempt = 0; attempt < 16; attempt++)
            {
                var (x, y, point, position) = (_x[v], _y[v], _points[v], _positions[v]);
                var spread = reach * Math.Pow(.75, attempt);
                var (nx, ny) = attempt == 0 ? (mx, my) : (x + (spread * (_random.NextDouble() - .5)), y + (spread * (_random.NextDouble() - .5)));
                (_x[v], _y[v]) = (nx, ny);
                _points[v] = _chart.Locate(nx, ny, point.Triangle);
                _positions[v] = _chart.Lift(_points[v]);
                var next = WorstCorner(v);
                if (next > quality)
                {
                    quality = next;
                }
                else
                {
                    (_x[v], _y[v], _points[v], _positions[v]) = (x, y, point, position);
                }
            }
        }
    }

    /// <summary>The least sine of the corners of a vertex's quads on the surface, negative where the chart turns over.</summary>
    private double WorstCorner(int v)
    {
        var worst = 1.0;
        foreach (var q in _quadsOf[v])
        {
            for (var k = 0; k < 4; k++)
            {
                int a = _blocks.Quads[(q * 4) + ((k + 3) % 4)], b = _blocks.Quads[(q * 4) + k], c = _blocks.Quads[(q * 4) + ((k + 1) % 4)];
                Vector3 e1 = _positions[c] - _positions[b], e2 = _positions[a] - _positions[b];
                var sine = Vector3.Cross(e1, e2).Length() / Math.Max(e1.Length() * e2.Length(), 1e-12f);
                var chart = ((_x[b] - _x[a]) * (_y[c] - _y[b])) - ((_x[c] - _x[b]) * (_y[b] - _y[a]));
                worst = Math.Min(worst, chart > 0 ? sine : -1);
            }
        }

        return worst;
    }

    private bool Try(int v, (double X, double Y, ChartPoint Point, Vector3 Direction) at, double slide)
    {
        var before = WorstArea(v);
        var (x, y) = (_x[v], _y[v]);
        (_x[v], _y[v]) = (at.X, at.Y);
        var after = WorstArea(v);
        if (after <= 0 && after < before)
        {
            (_x[v], _y[v]) = (x, y);
            return false;
        }

        _points[v] = at.Point;
        _positions[v] = _chart.Lift(at.Point);
        if (slide >= 0)
        {
            _slide[v] = slide;
        }

        return true;
    }

    private double WorstArea(int v)
    {
        var worst = double.MaxValue;
        foreach (var q in _quadsOf[v])
        {
            worst = Math.Min(worst, QuadArea(q));
        }

        return worst;
    }

    /// <summary>The smallest corner triangle of a quad in the chart, signed.</summary>
    private double QuadArea(int q)
    {
        var worst = double.MaxValue;
        for (var k = 0; k < 4; k++)
        {
            int a = _blocks.Quads[(q * 4) + ((k + 3) % 4)], b = _blocks.Quads[(q * 4) + k], c = _blocks.Quads[(q * 4) + ((k + 1) % 4)];

            // A corner on the straight or curved boundary may be flat in the chart; it is not on the surface.
            worst = Math.Min(worst, ((_x[b] - _x[a]) * (_y[c] - _y[b])) - ((_x[c] - _x[b]) * (_y[b] - _y[a])));
        }

        return worst;
    }

    /// <summary>Quads that neither diagonal splits into two triangles the right way up.</summary>
    private int CountFlipped()
    {
        var count = 0;
        for (var q = 0; q < _blocks.Quads.Length; q += 4)
        {
            var (a, b, c, d) = (_blocks.Quads[q], _blocks.Quads[q + 1], _blocks.Quads[q + 2], _blocks.Quads[q + 3]);
            count += Math.Max(Math.Min(Area(a, b, c), Area(a, c, d)), Math.Min(Area(b, c, d), Area(b, d, a))) <= 0 ? 1 : 0;
        }

        return count;

        double Area(int a, int b, int c) => ((_x[b] - _x[a]) * (_y[c] - _y[a])) - ((_x[c] - _x[a]) * (_y[b] - _y[a]));
    }
}
