using System.Numerics;

namespace MoSar.Faces.Evaluation;

/// <summary>
/// REALY's protocol for heads of this project's template: where its 85 keypoints and four regions are. A true head's regions are sampled anew, a
/// vertex in every triangle, so that no vertex of a prediction with the same topology is the counterpart of a vertex by its number.
/// </summary>
public sealed class RealyHeads
{
    /// <summary>REALY's scans have 6.5 to 10.2 mm a unit, 9 on average.</summary>
    private const double MillimetresPerUnit = 9;

    /// <summary>Where REALY's template has its origin, seen from the seven keypoints' mean: the deformation's stiffness depends on it.</summary>
    private static readonly Vector3 Origin = new(0, 0, -40);

    private readonly FaceTemplate _template;
    private readonly SurfacePoint[] _keypoints;
    private readonly bool[] _isMeasured;
    private readonly Dictionary<RealyRegion, Sampling> _regions;

    public RealyHeads(FaceModel model)
    {
        _template = model.Template;
        _keypoints = Keypoints(model);
        _isMeasured = Measured(_template, _keypoints);
        Topology = TopologyOf(_template, _isMeasured, _keypoints);
        var region = RegionOf(model);
        _regions = Enum.GetValues<RealyRegion>().ToDictionary(r => r, r => Sample(r, region));
    }

    /// <summary>For predictions in the template's topology: its skin, without eyeballs and the insides of mouth and eyes.</summary>
    public RealyTopology Topology { get; }

    /// <summary>A head of the template's topology as the truth.</summary>
    /// <param name="positions">V, millimetres, upright (in any place).</param>
    /// <exception cref="MoSarException"><c>realy-vertices</c>.</exception>
    public RealySubject Subject(string name, ReadOnlySpan<Vector3> positions)
    {
        if (positions.Length != _template.VertexCount)
        {
            throw new MoSarException("realy-vertices", $"The head {name} has {positions.Length} vertices, {_template.Id} {_template.VertexCount}.", $"Give a head of {_template.Id}, or a folder in REALY's layout (docs/realy.md).");
        }

        var keypoints = Array.ConvertAll(_keypoints, Keypoint(positions));
        var mean = Vector3.Zero;
        foreach (var k in RealyKeypoints.Global)
        {
            mean += keypoints[k] / RealyKeypoints.Global.Count;
        }

        var at = Array.ConvertAll(positions.ToArray(), p => (p - mean - Origin) / (float)MillimetresPerUnit);
        return new RealySubject(
            name,
            Array.ConvertAll(_keypoints, Keypoint(at)),
            _regions.ToDictionary(r => r.Key, r => new PlainMesh(Array.ConvertAll(r.Value.Points, Keypoint(at)), r.Value.Triangles)),
            MillimetresPerUnit);
    }

    private Converter<SurfacePoint, Vector3> Keypoint(ReadOnlySpan<Vector3> positions)
    {
        var copy = positions.ToArray();
        return p => p.On(_template, copy);
    }

    private static SurfacePoint[] Keypoints(FaceModel model)
    {
        var template = model.Template;
        var landmarks = template.LandmarksOn(model.Mean);
        var (skin, nose) = (template.Regions["skin"], template.Regions["nose"]);

        // Of the keypoints beyond the 68 the protocol reads only these four: where the wings of the nose are widest, and the cheeks' front below the eyes' middle.
        var wing = Furthest(v => nose[v] > 0.5f && model.Mean[v].Y > landmarks[33].Y - 3 && model.Mean[v].Y < landmarks[30].Y ? -model.Mean[v].X : float.MinValue);
        var cheek = new Vector2((landmarks[36].X + landmarks[39].X) / 2, (landmarks[41].Y + landmarks[33].Y) / 2);
        var apple = Furthest(v => model.Mean[v].Z > landmarks[36].Z - 10 ? -Vector2.Distance(cheek, new Vector2(model.Mean[v].X, model.Mean[v].Y)) : float.MinValue);
        var result = new SurfacePoint[RealyKeypoints.Count];
        template.Landmarks.CopyTo(result, 0);
        Array.Fill(result, template.Landmarks[33], 68, RealyKeypoints.Count - 68);
        (result[70], result[71], result[76], result[77]) = (At(wing), At(template.Mirror[wing]), At(apple), At(template.Mirror[apple]));
        return result;

        int Furthest(Func<int, float> measure) => Enumerable.Range(0, template.VertexCount).Where(v => skin[v] > 0.5f).MaxBy(measure);

        SurfacePoint At(int vertex)
        {
            var k = Enumerable.Range(0, template.Triangles.Length).First(k => template.Triangles[k] == vertex && skin[template.Triangles[k - (k % 3)]] > 0.5f);
            return new SurfacePoint(k / 3, new Vector3(k % 3 == 0 ? 1 : 0, k % 3 == 1 ? 1 : 0, k % 3 == 2 ? 1 : 0));
        }
    }

    /// <summary>Skin; and what holds a keypoint, should that lie on the very edge of an eye.</summary>
    private static bool[] Measured(FaceTemplate template, SurfacePoint[] keypoints)
    {
        var skin = template.Regions["skin"];
        bool[] result = [.. template.Triangles.Chunk(3).Select(t => t.All(v => skin[v] > 0.5f))];
        foreach (var k in keypoints)
        {
            result[k.Triangle] = true;
        }

        return result;
    }

    private static RealyTopology TopologyOf(FaceTemplate template, bool[] isMeasured, SurfacePoint[] keypoints)
    {
        var (kept, number) = (new List<int>(), new int[isMeasured.Length]);
        for (var t = 0; t < number.Length; t++)
        {
            number[t] = kept.Count / 3;
            if (isMeasured[t])
            {
                kept.AddRange(template.Triangles.AsSpan(3 * t, 3));
            }
        }

        return new RealyTopology(template.VertexCount, [.. kept], Array.ConvertAll(keypoints, k => k with { Triangle = number[k.Triangle] }));
    }

    /// <summary>Each triangle's region by its middle on the mean head, null outside all.</summary>
    private RealyRegion?[] RegionOf(FaceModel model)
    {
        var m = _template.LandmarksOn(model.Mean);
        var (face, nose) = (_template.Regions["face"], _template.Regions["nose"]);
        var result = new RealyRegion?[_template.Triangles.Length / 3];
        for (var t = 0; t < result.Length; t++)
        {
            int[] c = _template.Triangles[(3 * t)..((3 * t) + 3)];
            var p = (model.Mean[c[0]] + model.Mean[c[1]] + model.Mean[c[2]]) / 3;
            if (!_isMeasured[t] || c.Any(v => face[v] <= 0.5f) || p.Z < m[36].Z - 45)
            {
                continue;
            }

            var x = Math.Abs(p.X);
            var eyes = (m[36].Y + m[39].Y) / 2;

            // The line below the lower lids, and the one from the nose's wings round the mouth's corners to the chin.
            result[t] = c.Sum(v => nose[v]) > 1.5f ? RealyRegion.Nose
                : p.Y > eyes - 9 ? (x < -m[17].X + 12 ? RealyRegion.Forehead : null)
                : p.Y < m[33].Y + 2 && x < -m[48].X + 9 ? RealyRegion.Mouth
                : RealyRegion.Cheek;
        }

        return result;
    }

    /// <summary>
    /// A point in each triangle of the region, a keypoint where it holds one, and around each inner vertex the points of its triangles as a fan: the
    /// region's dual mesh.
    /// </summary>
    private Sampling Sample(RealyRegion wanted, RealyRegion?[] region)
    {
        var triangles = _template.Triangles;
        int[] needed = [.. RealyKeypoints.NonRigid(wanted).Select(k => _keypoints[k].Triangle)];
        var corners = new Dictionary<int, List<int>>();
        var held = needed.SelectMany(t => triangles[(3 * t)..((3 * t) + 3)]).ToHashSet();
        for (var t = 0; t < region.Length; t++)
        {
            // All around a keypoint belongs to its region, or its vertex would be missing.
            if (region[t] == wanted || (_isMeasured[t] && held.Overlaps(triangles[(3 * t)..((3 * t) + 3)])))
            {
                for (var k = 0; k < 3; k++)
                {
                    (corners.TryGetValue(triangles[(3 * t) + k], out var list) ? list : corners[triangles[(3 * t) + k]] = []).Add((3 * t) + k);
                }
            }
        }

        var (points, number, result) = (new List<SurfacePoint>(), new Dictionary<int, int>(), new List<int>());
        foreach (var (_, around) in corners.OrderBy(c => c.Key))
        {
            if (Fan(triangles, around) is { } fan)
            {
                for (var i = 1; i + 1 < fan.Count; i++)
                {
                    result.AddRange([Number(fan[0]), Number(fan[i]), Number(fan[i + 1])]);
                }
            }
        }

        foreach (var k in RealyKeypoints.NonRigid(wanted))
        {
            // Two keypoints in one triangle: the second hangs on the first's.
            var own = Number(_keypoints[k].Triangle);
            if (points[own] != _keypoints[k])
            {
                var other = Enumerable.Range(0, result.Count).Where(i => result[i] == own).Select(i => result[i - (i % 3) + ((i + 1) % 3)]).First();
                result.AddRange([own, other, points.Count]);
                points.Add(_keypoints[k]);
            }
        }

        return new Sampling([.. points], [.. result]);

        int Number(int t)
        {
            if (!number.TryGetValue(t, out var n))
            {
                n = number[t] = points.Count;
                var keypoint = Array.IndexOf(needed, t);
                points.Add(keypoint >= 0 ? _keypoints[RealyKeypoints.NonRigid(wanted)[keypoint]] : Scattered(t));
            }

            return n;
        }
    }

    /// <summary>The triangles around a vertex in order, or null when they do not close.</summary>
    /// <param name="around">Places of the vertex in the list of triangles.</param>
    private static List<int>? Fan(int[] triangles, List<int> around)
    {
        var (next, fan) = (new Dictionary<int, (int To, int Triangle)>(), new List<int>());
        foreach (var k in around)
        {
            var t = k - (k % 3);
            next[triangles[t + ((k + 1) % 3)]] = (triangles[t + ((k + 2) % 3)], k / 3);
        }

        var start = next.Keys.First();
        var at = start;
        do
        {
            if (!next.Remove(at, out var step))
            {
                return null;
            }

            fan.Add(step.Triangle);
            at = step.To;
        }
        while (at != start);

        return next.Count == 0 ? fan : null;
    }

    /// <summary>Near the triangle's middle, elsewhere in each.</summary>
    private static SurfacePoint Scattered(int triangle)
    {
        var random = new Random(triangle);
        var b = new Vector3(0.2f + random.NextSingle(), 0.2f + random.NextSingle(), 0.2f + random.NextSingle());
        return new SurfacePoint(triangle, b / (b.X + b.Y + b.Z));
    }

    private sealed record Sampling(SurfacePoint[] Points, int[] Triangles);
}
