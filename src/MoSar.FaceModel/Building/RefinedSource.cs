using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>
/// The source's outer surface (skin with eye and mouth sockets), refined once by Catmull–Clark and pushed to the limit surface, with a
/// correction that makes the limit pass through the source's own vertices. Everything is linear in the positions, so offsets of modes and
/// expressions go the same way and the resampled model shows none of the source's facets.
/// </summary>
internal sealed class RefinedSource
{
    private const int Corrections = 3;

    private readonly int[] _member;
    private readonly int[] _index;
    private readonly Dictionary<(int, int), int> _edgeIndex;
    private readonly int[] _faces;
    private readonly (int A, int B, int F, int G)[] _edges;
    private readonly int[][] _vertexEdges;
    private readonly int[][] _vertexFaces;
    private readonly bool[] _border;
    private readonly int[][] _ringEdges;
    private readonly int[][] _ringDiagonals;

    public RefinedSource(SourceHead source)
    {
        (_member, _index, _faces, var faceParts) = OuterSurface(source);
        var vertexCount = _member.Length;
        var faceCount = _faces.Length / 4;
        var edgeIndex = new Dictionary<(int, int), int>();
        var edges = new List<(int A, int B, int F, int G)>();
        for (var f = 0; f < faceCount; f++)
        {
            foreach (var (a, b) in FaceEdges(_faces, f))
            {
                var key = (Math.Min(a, b), Math.Max(a, b));
                if (edgeIndex.TryGetValue(key, out var e))
                {
                    edges[e] = edges[e] with { G = f };
                }
                else
                {
                    edgeIndex[key] = edges.Count;
                    edges.Add((key.Item1, key.Item2, f, -1));
                }
            }
        }

        _edges = [.. edges];
        _edgeIndex = edgeIndex;
        _vertexEdges = Group(vertexCount, _edges.SelectMany((e, i) => new[] { (e.A, i), (e.B, i) }));
        _vertexFaces = Group(vertexCount, Enumerable.Range(0, faceCount).SelectMany(f => FaceCorners(_faces, f).Select(v => (v, f))));
        _border = new bool[vertexCount];
        foreach (var e in _edges.Where(e => e.G < 0))
        {
            _border[e.A] = _border[e.B] = true;
        }

        var quads = new List<int>();
        var quadParts = new List<HeadPart>();
        var quadSides = new List<bool>();
        for (var f = 0; f < faceCount; f++)
        {
            var corners = FaceCorners(_faces, f).ToArray();
            var side = corners.Sum(c => source.Positions[_member[c]].X) > 0;
            for (var k = 0; k < corners.Length; k++)
            {
                int a = corners[k], b = corners[(k + 1) % corners.Length], z = corners[(k + corners.Length - 1) % corners.Length];
                quads.AddRange([a, vertexCount + EdgeOf(a, b), vertexCount + _edges.Length + f, vertexCount + EdgeOf(z, a)]);
                quadParts.Add(faceParts[f]);
                quadSides.Add(side);
            }
        }

        Quads = [.. quads];
        QuadParts = [.. quadParts];
        QuadIsLeft = [.. quadSides];
        VertexCount = vertexCount + _edges.Length + faceCount;
        (_ringEdges, _ringDiagonals) = Rings();
        Positions = Refine(source.Positions);
        Mirror = MirrorMap(source, edgeIndex);

        int EdgeOf(int a, int b) => edgeIndex[(Math.Min(a, b), Math.Max(a, b))];
    }

    public int VertexCount { get; }

    /// <summary>4 a face.</summary>
    public int[] Quads { get; }

    public HeadPart[] QuadParts { get; }

    /// <summary>Whether a quad lies on the subject's left, x &gt; 0.</summary>
    public bool[] QuadIsLeft { get; }

    /// <summary>Positions on the limit surface, millimetres.</summary>
    public Vector3[] Positions { get; }

    public int[] Mirror { get; }

    /// <summary>Carries a field over the source's vertices to the refined ones.</summary>
    public Vector3[] Refine(Vector3[] sourceField)
    {
        var target = new Vector3[_member.Length];
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = sourceField[_member[i]];
        }

        var control = (Vector3[])target.Clone();
        for (var k = 0; k < Corrections; k++)
        {
            var limit = Limit(Subdivide(control), target.Length);
            for (var i = 0; i < target.Length; i++)
            {
                control[i] += target[i] - limit[i];
            }
        }

        return Limit(Subdivide(control), VertexCount);
    }

    /// <summary>The run of refined vertices along the source's own edges by the shortest way through some of its vertices.</summary>
    public int[] EdgePath(SourceHead source, IReadOnlyList<int> through)
    {
        var run = new List<int> { _index[through[0]] };
        for (var i = 1; i < through.Count; i++)
        {
            run.AddRange(Shortest(source, _index[through[i - 1]], _index[through[i]]).Skip(1));
        }

        var refined = new List<int> { run[0] };
        for (var i = 1; i < run.Count; i++)
        {
            refined.Add(_member.Length + _edgeIndex[(Math.Min(run[i - 1], run[i]), Math.Max(run[i - 1], run[i]))]);
            refined.Add(run[i]);
        }

        return [.. refined];
    }

    private List<int> Shortest(SourceHead source, int from, int to)
    {
        var best = new Dictionary<int, (float Length, int Before)> { [from] = (0, -1) };
        var queue = new PriorityQueue<int, float>([(from, 0f)]);
        while (queue.TryDequeue(out var v, out var length) && v != to)
        {
            if (length > best[v].Length)
            {
                continue;
            }

            foreach (var e in _vertexEdges[v])
            {
                var u = _edges[e].A == v ? _edges[e].B : _edges[e].A;
                var way = length + Vector3.Distance(source.Positions[_member[v]], source.Positions[_member[u]]);
                if (!best.TryGetValue(u, out var known) || way < known.Length)
                {
                    best[u] = (way, v);
                    queue.Enqueue(u, way);
                }
            }
        }

        var path = new List<int>();
        for (var v = to; v >= 0; v = best[v].Before)
        {
            path.Add(v);
        }

        path.Reverse();
        return path;
    }

    private static (int[] Member, int[] Index, int[] Faces, HeadPart[] FaceParts) OuterSurface(SourceHead source)
    {
        var index = new int[source.Positions.Length];
        Array.Fill(index, -1);
        var member = new List<int>();
        var faces = new List<int>();
        var parts = new List<HeadPart>();
        for (var f = 0; f < source.Faces.Length; f += 4)
        {
            var face = source.Faces.AsSpan(f, 4);
            var part = HeadPart.Skin;
            foreach (var v in face)
            {
                if (v >= 0 && source.Parts[v] != HeadPart.Skin)
                {
                    part = source.Parts[v];
                }
            }

            if (part is not (HeadPart.Skin or HeadPart.EyeSocket or HeadPart.MouthSocket))
            {
                continue;
            }

            foreach (var v in face)
            {
                if (v >= 0 && index[v] < 0)
                {
                    index[v] = member.Count;
                    member.Add(v);
                }

                faces.Add(v < 0 ? -1 : index[v]);
            }

            parts.Add(part);
        }

        return ([.. member], index, [.. faces], [.. parts]);
    }

    private static IEnumerable<int> FaceCorners(int[] faces, int f) => faces[(f * 4) + 3] < 0 ? faces[(f * 4)..((f * 4) + 3)] : faces[(f * 4)..((f * 4) + 4)];

    private static IEnumerable<(int A, int B)> FaceEdges(int[] faces, int f)
    {
        var c = FaceCorners(faces, f).ToArray();
        return c.Select((v, k) => (v, c[(k + 1) % c.Length]));
    }

    private static int[][] Group(int count, IEnumerable<(int Key, int Value)> pairs)
    {
        var lists = new List<int>[count];
        foreach (var (key, value) in pairs)
        {
            (lists[key] ??= []).Add(value);
        }

        return [.. lists.Select(l => l?.ToArray() ?? [])];
    }

    private Vector3[] Subdivide(Vector3[] p)
    {
        var faceCount = _faces.Length / 4;
        var n = _member.Length;
        var result = new Vector3[VertexCount];
        var facePoints = result.AsSpan(n + _edges.Length);
        for (var f = 0; f < faceCount; f++)
        {
            var o = f * 4;
            facePoints[f] = _faces[o + 3] < 0
                ? (p[_faces[o]] + p[_faces[o + 1]] + p[_faces[o + 2]]) / 3
                : (p[_faces[o]] + p[_faces[o + 1]] + p[_faces[o + 2]] + p[_faces[o + 3]]) / 4;
        }

        for (var e = 0; e < _edges.Length; e++)
        {
            var (a, b, f, g) = _edges[e];
            result[n + e] = g < 0 ? (p[a] + p[b]) / 2 : (p[a] + p[b] + facePoints[f] + facePoints[g]) / 4;
        }

        for (var v = 0; v < n; v++)
        {
            if (_border[v])
            {
                var sum = 6 * p[v];
                foreach (var e in _vertexEdges[v])
                {
                    if (_edges[e].G < 0)
                    {
                        sum += p[_edges[e].A == v ? _edges[e].B : _edges[e].A];
                    }
                }

                result[v] = sum / 8;
                continue;
            }

            var valence = _vertexEdges[v].Length;
            Vector3 faces = default, mids = default;
            foreach (var f in _vertexFaces[v])
            {
                faces += facePoints[f];
            }

            foreach (var e in _vertexEdges[v])
            {
                mids += p[_edges[e].A] + p[_edges[e].B];
            }

            result[v] = (((faces + mids) / valence) + ((valence - 3) * p[v])) / valence;
        }

        return result;
    }

    /// <summary>Catmull–Clark's limit masks (Halstead, Kass and DeRose 1993) on the refined, all-quad mesh.</summary>
    private Vector3[] Limit(Vector3[] p, int count)
    {
        var result = new Vector3[count];
        for (var v = 0; v < count; v++)
        {
            var (edges, diagonals) = (_ringEdges[v], _ringDiagonals[v]);
            Vector3 e = default, d = default;
            foreach (var i in edges)
            {
                e += p[i];
            }

            foreach (var i in diagonals)
            {
                d += p[i];
            }

            float n = edges.Length;
            result[v] = diagonals.Length == 0 ? ((4 * p[v]) + e) / 6 : ((n * n * p[v]) + (4 * e) + d) / (n * (n + 5));
        }

        return result;
    }

    /// <summary>Edge and diagonal neighbours of every refined vertex; on the border only the two border neighbours and no diagonal.</summary>
    private (int[][] Edges, int[][] Diagonals) Rings()
    {
        var uses = new Dictionary<(int, int), int>();
        for (var q = 0; q < Quads.Length; q += 4)
        {
            for (var k = 0; k < 4; k++)
            {
                int a = Quads[q + k], b = Quads[q + ((k + 1) % 4)];
                var key = (Math.Min(a, b), Math.Max(a, b));
                uses[key] = uses.GetValueOrDefault(key) + 1;
            }
        }

        var border = new bool[VertexCount];
        foreach (var ((a, b), n) in uses)
        {
            if (n == 1)
            {
                border[a] = border[b] = true;
            }
        }

        var edges = Group(VertexCount, uses.SelectMany(u => new[] { (u.Key.Item1, u.Key.Item2), (u.Key.Item2, u.Key.Item1) })
            .Where(pair => !border[pair.Item1] || uses[(Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2))] == 1));
        var diagonals = Group(VertexCount, Enumerable.Range(0, Quads.Length).Select(i => (Quads[i], Quads[(i & ~3) | ((i + 2) & 3)])).Where(pair => !border[pair.Item1]));
        return (edges, diagonals);
    }

    private int[] MirrorMap(SourceHead source, Dictionary<(int, int), int> edgeIndex)
    {
        var n = _member.Length;
        var vertex = NearestMirror.Of([.. _member.Select(m => source.Positions[m])]);
        var faceByCorners = new Dictionary<(int, int, int, int), int>();
        for (var f = 0; f < _faces.Length / 4; f++)
        {
            faceByCorners[Corners(f, v => v)] = f;
        }

        var mirror = new int[VertexCount];
        vertex.CopyTo(mirror, 0);
        for (var e = 0; e < _edges.Length; e++)
        {
            int a = vertex[_edges[e].A], b = vertex[_edges[e].B];
            mirror[n + e] = n + (edgeIndex.TryGetValue((Math.Min(a, b), Math.Max(a, b)), out var m) ? m : throw Asymmetric());
        }

        for (var f = 0; f < _faces.Length / 4; f++)
        {
            mirror[n + _edges.Length + f] = n + _edges.Length
                + (faceByCorners.TryGetValue(Corners(f, v => vertex[v]), out var m) ? m : throw Asymmetric());
        }

        return mirror;

        (int, int, int, int) Corners(int f, Func<int, int> map)
        {
            var c = _faces[(f * 4)..((f * 4) + 4)].Select(v => v < 0 ? -1 : map(v)).Order().ToArray();
            return (c[0], c[1], c[2], c[3]);
        }

        static MoSarException Asymmetric() => new("source-damaged", "The source's connectivity is not mirror-symmetric about x = 0.", "Use ICT-FaceKit's own topology.");
    }
}
