using System.Numerics;
using System.Runtime.CompilerServices;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Finds the edges of a head's <see cref="OuterSkin"/> that pass through one of its triangles, by a ray along each edge: quicker than
/// <see cref="Faces.Evaluation.TriangleCrossings"/>, which knows all pairs.
/// </summary>
internal sealed class SelfCrossing
{
    private static readonly ConditionalWeakTable<FaceModel, SelfCrossing> Cache = [];

    private readonly (int A, int B)[] _edges;
    private readonly int[] _triangles;

    private SelfCrossing(FaceModel model)
    {
        var outer = OuterSkin.Of(model);
        _triangles = [.. model.Template.Triangles.Chunk(3).Where(t => t.All(v => outer[v])).SelectMany(t => t)];
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
