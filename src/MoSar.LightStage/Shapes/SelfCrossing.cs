using System.Numerics;
using System.Runtime.CompilerServices;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Finds the edges of a head's outer skin that pass through one of its triangles, by a ray along each edge. Left out is what the template
/// itself has in touch: inner lips, what lies behind the lids, and the caruncles, where the source's lids run through each other.
/// </summary>
internal sealed class SelfCrossing
{
    // Around the inner corners of the eyes, mm.
    private const float Caruncle = 6;

    private static readonly ConditionalWeakTable<FaceModel, SelfCrossing> Cache = [];

    private readonly (int A, int B)[] _edges;
    private readonly int[] _triangles;

    private SelfCrossing(FaceModel model)
    {
        var template = model.Template;
        var (skin, inner) = (template.Regions["skin"], template.Regions["inner_lips"]);
        var corners = ((int[])[39, 42]).Select(k => template.Landmarks[k]).Select(l => model.Mean[template.Triangles[l.Triangle * 3]]).ToArray();
        bool Outer(int v) => skin[v] > 0.99f && inner[v] < 0.01f && corners.All(c => Vector3.Distance(c, model.Mean[v]) > Caruncle);
        _triangles = [.. template.Triangles.Chunk(3).Where(t => t.All(Outer)).SelectMany(t => t)];
        var edges = new HashSet<(int, int)>();
        for (var t = 0; t < _triangles.Length; t += 3)
        {
            for (var k = 0; k < 3; k++)
            {
                var (a, b) = (_triangles[t + k], _triangles[t + ((k + 1) % 3)]);
                edges.Add(a < b ? (a, b) : (b, a));
            }
        }

        _edges = [.. edges.Order()];
    }

    public static SelfCrossing For(FaceModel model) => Cache.GetValue(model, m => new SelfCrossing(m));

    /// <summary>The edges that cross something, as pairs of vertices.</summary>
    public List<(int A, int B)> Find(Vector3[] positions)
    {
        using var rays = new RayScene(positions, _triangles, mixed: true);
        var (origins, directions) = (new Vector3[_edges.Length], new Vector3[_edges.Length]);
        for (var e = 0; e < _edges.Length; e++)
        {
            (origins[e], directions[e]) = (positions[_edges[e].A], positions[_edges[e].B] - positions[_edges[e].A]);
        }

        // An edge's own triangles are met at its ends only, which are left out.
        var hits = rays.Closest(origins, directions, near: 0.002f, far: 0.998f);
        var found = new List<(int, int)>();
        for (var e = 0; e < _edges.Length; e++)
        {
            if (hits.Triangle[e] >= 0 && !_triangles.AsSpan(3 * hits.Triangle[e], 3).ContainsAny(_edges[e].A, _edges[e].B))
            {
                found.Add(_edges[e]);
            }
        }

        return found;
    }
}
