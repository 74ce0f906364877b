using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>Makes the levels of a template by quadric simplification of its mean head.</summary>
internal static class PyramidBuilder
{
    /// <summary>Levels below the full one, and the factor between them (CoMA, Ranjan et al. 2018).</summary>
    public const int Depth = 4, Factor = 4;

    /// <param name="mean">V positions, exactly mirror-symmetric.</param>
    /// <param name="faces">4 indices a face, −1 pads a triangle.</param>
    /// <param name="mirror">V indices.</param>
    /// <param name="regions">The painted regions: they say where errors count less.</param>
    public static MeshPyramid Build(Vector3[] mean, int[] faces, int[] mirror, IReadOnlyDictionary<string, float[]> regions)
    {
        var simplifier = new QuadricSimplifier(mean, SymmetricTriangles(mean, faces, mirror), mirror, Importance(regions, mean.Length));
        var levels = new List<MeshLevel> { Full(mean.Length, simplifier.Mesh, faces) };
        var steps = new List<MeshStep>();
        for (var k = 1; k <= Depth; k++)
        {
            simplifier.Reduce((int)(mean.Length / Math.Pow(Factor, k)));
            var level = Taken(simplifier.Mesh, mean.Length);
            steps.Add(UpSampling.Between(levels[^1], level, simplifier.Mesh, mean, mirror));
            levels.Add(level);
        }

        return new MeshPyramid(levels, steps);
    }

    /// <summary>Each edge of triangles once, the smaller index first, in rising order.</summary>
    public static int[] EdgesOf(int[] corners, int cornersPerFace)
    {
        var edges = new SortedSet<(int A, int B)>();
        for (var f = 0; f < corners.Length; f += cornersPerFace)
        {
            var count = corners[f + cornersPerFace - 1] < 0 ? cornersPerFace - 1 : cornersPerFace;
            for (var k = 0; k < count; k++)
            {
                var (a, b) = (corners[f + k], corners[f + ((k + 1) % count)]);
                edges.Add(a < b ? (a, b) : (b, a));
            }
        }

        return [.. edges.SelectMany(e => (int[])[e.A, e.B])];
    }

    private static MeshLevel Full(int vertexCount, ContractedMesh mesh, int[] faces) =>
        new() { Vertices = [.. Enumerable.Range(0, vertexCount)], Triangles = mesh.Triangles(), Edges = EdgesOf(faces, 4) };

    private static MeshLevel Taken(ContractedMesh mesh, int vertexCount)
    {
        int[] vertices = [.. Enumerable.Range(0, vertexCount).Where(mesh.IsLeft)];
        var place = new int[vertexCount];
        for (var i = 0; i < vertices.Length; i++)
        {
            place[vertices[i]] = i;
        }

        int[] triangles = [.. mesh.Triangles().Select(v => place[v])];
        return new MeshLevel { Vertices = vertices, Triangles = triangles, Edges = EdgesOf(triangles, 3) };
    }

    /// <summary>What nobody sees, or what is smooth and large, may be coarse.</summary>
    private static float[] Importance(IReadOnlyDictionary<string, float[]> regions, int vertexCount)
    {
        var result = new float[vertexCount];
        Array.Fill(result, 1f);
        foreach (var (region, factor) in new[] { ("scalp", 0.15f), ("neck", 0.15f), ("ears", 0.3f), ("eyeballs", 0.1f), ("mouth_socket", 0.1f), ("eye_sockets", 0.1f) })
        {
            if (regions.TryGetValue(region, out var weights))
            {
                for (var v = 0; v < vertexCount; v++)
                {
                    result[v] *= 1 - (weights[v] * (1 - factor));
                }
            }
        }

        return result;
    }

    /// <summary>Quads along their shorter diagonal: a choice that a quad and its mirror image make alike.</summary>
    private static int[] SymmetricTriangles(Vector3[] mean, int[] faces, int[] mirror)
    {
        var result = new List<int>(faces.Length * 3 / 2);
        for (var f = 0; f < faces.Length; f += 4)
        {
            var (a, b, c, d) = (faces[f], faces[f + 1], faces[f + 2], faces[f + 3]);
            if (d < 0)
            {
                result.AddRange([a, b, c]);
                continue;
            }

            var (ac, bd) = (Vector3.DistanceSquared(mean[a], mean[c]), Vector3.DistanceSquared(mean[b], mean[d]));
            var isFirst = ac != bd ? ac < bd : Math.Min(Canonical(a), Canonical(c)) < Math.Min(Canonical(b), Canonical(d));
            result.AddRange(isFirst ? [a, b, c, a, c, d] : [a, b, d, b, c, d]);
        }

        return [.. result];

        int Canonical(int v) => Math.Min(v, mirror[v]);
    }
}
