using System.Numerics;

namespace MoSar.Faces.Retargeting;

/// <summary>A head of another topology with its own texture coordinates, in its file's units.</summary>
/// <param name="Mesh">
/// Connectivity, texture coordinates (origin top left; those outside [0, 1] belong to other UDIM tiles or to faces without any) and positions. Its
/// template knows neither regions, landmarks nor a mirror.
/// </param>
/// <param name="FromFile">For each vertex of the file its index in <paramref name="Mesh"/>: vertices that a file doubles along its seams are one here.</param>
public sealed record ForeignMesh(Mesh Mesh, int[] FromFile)
{
    /// <summary>The texture coordinate of corners that have none: outside every tile.</summary>
    internal static readonly Vector2 NoUv = new(-1000);

    /// <summary>Builds the mesh from what a file says.</summary>
    /// <param name="name">For messages; becomes the template's id.</param>
    /// <param name="faces">4 vertex indices a face; the last is −1 for a triangle.</param>
    /// <param name="faceUvs">4 indices into uvs a face, parallel to faces.</param>
    /// <param name="uvs">Origin top left, the wanted UDIM tile in [0, 1].</param>
    public static ForeignMesh Make(string name, Vector3[] positions, int[] faces, Vector2[] uvs, int[] faceUvs)
    {
        var (fromFile, kept) = JoinSeams(positions, faces);
        var joined = Array.ConvertAll(faces, v => v < 0 ? v : fromFile[v]);
        var template = new FaceTemplate
        {
            Id = name,
            VertexCount = kept.Length,
            Faces = joined,
            FaceUvs = faceUvs,
            Uvs = uvs,
            Triangles = TemplateReader.SplitLike(joined, joined),
            TriangleUvs = TemplateReader.SplitLike(joined, faceUvs),
            Mirror = [],
            Regions = new Dictionary<string, float[]>(),
            Landmarks = [],
            JawCandidates = [],
            Expressions = [],
        };
        return new ForeignMesh(new Mesh(template, kept), fromFile);
    }

    /// <summary>
    /// Joins vertices at the same place that lie on open borders. Vertices inside a surface stay apart: closed lips may touch exactly.
    /// </summary>
    private static (int[] FromFile, Vector3[] Kept) JoinSeams(Vector3[] positions, int[] faces)
    {
        var onBorder = new bool[positions.Length];
        var edges = new HashSet<(int, int)>();
        ForEdges(faces, (a, b) => edges.Add((a, b)));
        ForEdges(faces, (a, b) =>
        {
            if (!edges.Contains((b, a)))
            {
                onBorder[a] = onBorder[b] = true;
            }
        });

        var (fromFile, kept, there) = (new int[positions.Length], new List<Vector3>(), new Dictionary<Vector3, int>());
        for (var v = 0; v < positions.Length; v++)
        {
            if (onBorder[v] && there.TryGetValue(positions[v], out var same))
            {
                fromFile[v] = same;
                continue;
            }

            fromFile[v] = kept.Count;
            if (onBorder[v])
            {
                there.Add(positions[v], kept.Count);
            }

            kept.Add(positions[v]);
        }

        return (fromFile, [.. kept]);
    }

    private static void ForEdges(int[] faces, Action<int, int> edge)
    {
        for (var f = 0; f < faces.Length; f += 4)
        {
            var corners = faces[f + 3] < 0 ? 3 : 4;
            for (var c = 0; c < corners; c++)
            {
                edge(faces[f + c], faces[f + ((c + 1) % corners)]);
            }
        }
    }
}
