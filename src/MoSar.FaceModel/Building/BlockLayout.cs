using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>
/// The project's template: the layout's left half placed on the source, mirrored and sewn along the midline, unrolled as one island whose
/// only seam runs down the back of the head, and the eyeballs beside it.
/// </summary>
internal sealed class BlockLayout
{
    public const string Id = "mosar-head/2";

    // The atlas: the head fills the square down to here, the eyeballs stand below it.
    private const float HeadHeight = 0.885f;
    private const float Margin = 0.004f;
    private const float EyeHalfWidth = 0.12f;

    private readonly SourceHead _source;
    private readonly HeadBlocks _blocks = HeadBlocks.Make();
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly bool[] _onMidline;
    private int _headCount;

    private BlockLayout(SourceHead source)
    {
        _source = source;
        (_left, _right) = (new int[_blocks.VertexCount], new int[_blocks.VertexCount]);
        _onMidline = new bool[_blocks.VertexCount];
        foreach (var v in _blocks.Boundary[..(_blocks.Boundary.Length - _blocks.NeckBorder.Length + 2)])
        {
            _onMidline[v] = true;
        }
    }

    public static TemplateLayout Make(SourceHead source, Action<string>? step, CancellationToken cancellation)
    {
        var layout = new BlockLayout(source);
        step?.Invoke("refining the source");
        var refined = new RefinedSource(source);
        step?.Invoke("charting the source");
        var chart = new DiscChart(refined, source);
        cancellation.ThrowIfCancellationRequested();
        step?.Invoke("placing the template");
        var embedding = HalfEmbedding.Make(layout._blocks, chart, [.. source.Landmarks.Select(l => source.Positions[l])], cancellation);
        if (embedding.Flipped > 0)
        {
            throw new MoSarException("template-folded", $"{embedding.Flipped} quads of the template came out turned over on this source.", "Use ICT-FaceKit's own topology.");
        }

        step?.Invoke("unrolling the atlas");
        return layout.Assemble(refined, chart, embedding);
    }

    private TemplateLayout Assemble(RefinedSource refined, DiscChart chart, HalfEmbedding embedding)
    {
        Number();
        var quads = DiagonalsChosen(embedding.Positions);
        var half = HalfUvs(embedding, quads, chart);
        var (eyesLeft, eyesRight) = EyeballShell.Cast(_source);
        var eyeCount = EyeballShell.VertexCount;
        var (faces, faceUvs, uvs) = Faces(quads, half);
        AddEyeballs(faces, faceUvs, uvs);
        var parts = new HeadPart[_headCount + (2 * eyeCount)];
        var mirror = new int[parts.Length];
        var ears = new float[parts.Length];
        var rows = new (int, float)[_headCount][];
        for (var h = 0; h < _blocks.VertexCount; h++)
        {
            if (_left[h] < 0)
            {
                continue;
            }

            var point = embedding.Points[h];
            foreach (var (v, right) in new[] { (_left[h], false), (_right[h], true) })
            {
                parts[v] = chart.TriangleParts[point.Triangle];
                mirror[v] = right ? _left[h] : _right[h];
                ears[v] = _blocks.Blocks[h] == HeadBlock.Ear && _blocks.Rings[h] > 2 ? 1 : 0;
                if (!right || !_onMidline[h])
                {
                    rows[v] = Row(point, right);
                }
            }
        }

        var offsets = new Vector3[parts.Length];
        var closing = LipClosure.Offsets(_blocks, embedding.Positions);
        for (var h = 0; h < closing.Length; h++)
        {
            if (_left[h] >= 0)
            {
                offsets[_right[h]] = closing[h] * new Vector3(-1, 1, 1);
                offsets[_left[h]] = closing[h];
            }
        }

        for (var i = 0; i < eyeCount; i++)
        {
            int l = _headCount + i, r = l + eyeCount;
            (parts[l], parts[r], mirror[l], mirror[r]) = (HeadPart.EyeballLeft, HeadPart.EyeballRight, r, l);
        }

        return new TemplateLayout
        {
            Id = Id,
            Faces = [.. faces],
            FaceUvs = [.. faceUvs],
            Uvs = [.. uvs],
            Mirror = mirror,
            Parts = parts,
            Ears = ears,
            NeutralOffsets = offsets,
            FromSource = new Correspondence(refined, new SparseRows(rows), new SparseRows([.. eyesLeft, .. eyesRight])),
        };

        (int, float)[] Row(ChartPoint p, bool right)
        {
            (int Vertex, double Weight)[] corners =
            [
                (chart.Triangles[p.Triangle * 3], p.B0), (chart.Triangles[(p.Triangle * 3) + 1], p.B1), (chart.Triangles[(p.Triangle * 3) + 2], p.B2),
            ];
            return [.. corners.Select(c => (right ? refined.Mirror[chart.Member[c.Vertex]] : chart.Member[c.Vertex], (float)c.Weight))];
        }
    }

    /// <summary>Left half first, then the right half's own vertices; the midline is shared and the pole is left out.</summary>
    private void Number()
    {
        for (var h = 0; h < _blocks.VertexCount; h++)
        {
            _left[h] = h == _blocks.Pole ? -1 : _headCount++;
        }

        for (var h = 0; h < _blocks.VertexCount; h++)
        {
            _right[h] = _onMidline[h] ? _left[h] : _headCount++;
        }
    }

    /// <summary>Quads turned so that they split (first to third corner) along the diagonal with the better triangles on the surface.</summary>
    private int[] DiagonalsChosen(Vector3[] positions)
    {
        var quads = (int[])_blocks.Quads.Clone();
        for (var q = 0; q < quads.Length; q += 4)
        {
            var p = quads[q..(q + 4)];
            if (Sharpest(p[0], p[1], p[2], p[3]) < Sharpest(p[1], p[2], p[3], p[0]))
            {
                (quads[q], quads[q + 1], quads[q + 2], quads[q + 3]) = (p[1], p[2], p[3], p[0]);
            }
        }

        return quads;

        float Sharpest(int a, int b, int c, int d) => Math.Min(Smallest(positions[a], positions[b], positions[c]), Smallest(positions[a], positions[c], positions[d]));

        // The sine of the smallest angle, as twice the area over the product of the two longest sides.
        static float Smallest(Vector3 a, Vector3 b, Vector3 c)
        {
            float[] l = [Vector3.Distance(a, b), Vector3.Distance(b, c), Vector3.Distance(c, a)];
            Array.Sort(l);
            return Vector3.Cross(b - a, c - a).Length() / Math.Max(l[1] * l[2], 1e-12f);
        }
    }

    private Vector2[] HalfUvs(HalfEmbedding embedding, int[] quads, DiscChart chart)
    {
        var n = _blocks.VertexCount;
        var (scale, care) = (new float[n], new float[n]);
        for (var v = 0; v < n; v++)
        {
            var part = chart.TriangleParts[embedding.Points[v].Triangle];
            (scale[v], care[v]) = part == HeadPart.EyeSocket ? (.3f, .01f)
                : part == HeadPart.MouthSocket ? (.2f, .01f)
                : Skin(embedding.Positions[v], _blocks.Blocks[v], _blocks.Rings[v]);
        }

        var neighbours = HalfEdges.Neighbours(n, quads);
        for (var k = 0; k < 12; k++)
        {
            scale = [.. scale.Select((s, v) => (s + neighbours[v].Average(u => scale[u])) / 2)];
        }

        var boundary = _blocks.Boundary;
        var pole = Array.IndexOf(boundary, _blocks.Pole);
        var nape = Array.IndexOf(boundary, _blocks.NeckBorder[^1]);
        var corner = pole + ((nape - pole) * 2 / 5);
        int[][] sides = [boundary[..(pole + 1)], boundary[pole..(corner + 1)], boundary[corner..(nape + 1)], [.. boundary[nape..], boundary[0]]];
        var flat = AtlasFlattening.Unroll(embedding.Positions, quads, TemplateReader.Split(quads), sides, scale, care, .5 - Margin, HeadHeight - (2 * Margin));
        return [.. flat.Select(p => new Vector2(.5f + p.X, HeadHeight - Margin - p.Y))];
    }

    /// <summary>The atlas's area goes to the face and the ears; scalp and neck make room.</summary>
    private (float Scale, float Care) Skin(Vector3 p, HeadBlock block, int ring)
    {
        var l = _source.Landmarks;
        var browY = (_source.Positions[l[19]].Y + _source.Positions[l[24]].Y) / 2;
        var (chin, side) = (_source.Positions[l[8]], _source.Positions[l[16]]);
        var height = browY - chin.Y;
        var face = block switch
        {
            HeadBlock.Ear => ring > 2 ? .8f : 1,
            HeadBlock.Nostril => ring > 2 ? .4f : 1,
            HeadBlock.Surround => 0,
            HeadBlock.Face => Ramp(p.Z, side.Z - ((p.Y > side.Y ? .06f : .14f) * height), 14) * Ramp(browY + (.36f * height) - p.Y, 0, 14) * Ramp(p.Y, chin.Y - 4 - (.25f * (chin.Z - p.Z)) + (.25f * Math.Max(0, chin.Z - p.Z - 20)), 10),
            _ => 1,
        };
        return (.2f + (.8f * face), .08f + (.92f * face));

        static float Ramp(float x, float edge, float width) => Math.Clamp(((x - edge) / width) + .5f, 0, 1);
    }

    private (List<int> Faces, List<int> FaceUvs, List<Vector2> Uvs) Faces(int[] quads, Vector2[] half)
    {
        var uvs = new List<Vector2>();
        int[] leftUv = new int[half.Length], rightUv = new int[half.Length];
        for (var h = 0; h < half.Length; h++)
        {
            leftUv[h] = uvs.Count;
            uvs.Add(half[h]);
        }

        for (var h = 0; h < half.Length; h++)
        {
            // The front midline is one column of the atlas; the back's seam has two sides.
            rightUv[h] = _onMidline[h] && half[h].X == .5f ? leftUv[h] : uvs.Count;
            if (rightUv[h] == uvs.Count)
            {
                uvs.Add(new Vector2(1 - half[h].X, half[h].Y));
            }
        }

        var (faces, faceUvs) = (new List<int>(), new List<int>());
        for (var q = 0; q < quads.Length; q += 4)
        {
            var p = quads[q..(q + 4)];
            var at = Array.IndexOf(p, _blocks.Pole);
            if (at >= 0)
            {
                // Round the pole one quad remains a side; without the pole two triangles, back to front along the midline.
                int b = p[(at + 3) % 4], l = p[(at + 2) % 4], f = p[(at + 1) % 4];
                faces.AddRange([_left[l], _left[b], _left[f], -1, _right[l], _right[f], _right[b], -1]);
                faceUvs.AddRange([leftUv[l], leftUv[b], leftUv[f], -1, rightUv[l], rightUv[f], rightUv[b], -1]);
                continue;
            }

            faces.AddRange(p.Select(v => _left[v]));
            faceUvs.AddRange(p.Select(v => leftUv[v]));
            int[] turned = [p[0], p[3], p[2], p[1]];
            faces.AddRange(turned.Select(v => _right[v]));
            faceUvs.AddRange(turned.Select(v => rightUv[v]));
        }

        return (faces, faceUvs, uvs);
    }

    private void AddEyeballs(List<int> faces, List<int> faceUvs, List<Vector2> uvs)
    {
        foreach (var mirrored in (ReadOnlySpan<bool>)[false, true])
        {
            faces.AddRange(EyeballShell.Faces(_headCount + (mirrored ? EyeballShell.VertexCount : 0), mirrored));
            faceUvs.AddRange(EyeballShell.FaceUvs(uvs.Count, mirrored));
            var centre = new Vector2(mirrored ? .25f : .75f, HeadHeight + ((1 - HeadHeight) / 2));
            uvs.AddRange(EyeballShell.Uvs(mirrored).Select(p => centre + (EyeHalfWidth * p)));
        }
    }
}
