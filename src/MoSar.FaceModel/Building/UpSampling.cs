using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Hangs the vertices of a level on the triangles of the next coarser one: the closest point of those around the vertex that each was contracted
/// onto. Looking there only, no upper lip ever hangs on the lower one that it touches.
/// </summary>
internal static class UpSampling
{
    /// <param name="mesh">As contracted to the coarse level.</param>
    public static MeshStep Between(MeshLevel fine, MeshLevel coarse, ContractedMesh mesh, Vector3[] mean, int[] mirror)
    {
        var (finePlace, coarsePlace) = (Places(fine, mean.Length), Places(coarse, mean.Length));
        var (corners, weights) = (new int[3 * fine.Vertices.Length], new float[3 * fine.Vertices.Length]);
        foreach (var v in fine.Vertices.Where(v => v <= mirror[v]))
        {
            var (c, w) = mesh.IsLeft(v) ? ([v, v, v], new Vector3(1, 0, 0)) : Hang(v, mesh, mean, mirror);
            Put(v, c, w);
            if (mirror[v] != v)
            {
                Put(mirror[v], [.. c.Select(i => mirror[i])], w);
            }
        }

        return new MeshStep([.. coarse.Vertices.Select(v => finePlace[v])], corners, weights);

        void Put(int v, int[] c, Vector3 w)
        {
            for (var k = 0; k < 3; k++)
            {
                (corners[(3 * finePlace[v]) + k], weights[(3 * finePlace[v]) + k]) = (coarsePlace[c[k]], w[k]);
            }
        }
    }

    private static (int[] Corners, Vector3 Weights) Hang(int v, ContractedMesh mesh, Vector3[] mean, int[] mirror)
    {
        var survivor = mesh.Survivor(v);
        var (best, corners, weights) = (float.PositiveInfinity, Array.Empty<int>(), Vector3.Zero);
        foreach (var (a, b, c) in mesh.Neighbours(survivor).Prepend(survivor).SelectMany(mesh.Around))
        {
            // What lies on the midline hangs on the midline, else the two sides would differ.
            int[] t = mirror[v] != v ? [a, b, c] : [.. new[] { a, b, c }.Where(i => mirror[i] == i)];
            if (t.Length == 0)
            {
                continue;
            }

            t = [t[0], t[Math.Min(1, t.Length - 1)], t[^1]];
            var w = t[0] == t[2] ? new Vector3(1, 0, 0) : t[1] == t[2] ? OnEdge(mean[v], mean[t[0]], mean[t[1]]) : SurfaceProbe.ClosestOnTriangle(mean[v], mean[t[0]], mean[t[1]], mean[t[2]]);
            var distance = Vector3.DistanceSquared((w.X * mean[t[0]]) + (w.Y * mean[t[1]]) + (w.Z * mean[t[2]]), mean[v]);
            if (distance < best)
            {
                (best, corners, weights) = (distance, t, w);
            }
        }

        return (corners, weights);
    }

    private static Vector3 OnEdge(Vector3 p, Vector3 a, Vector3 b)
    {
        var t = Math.Clamp(Vector3.Dot(p - a, b - a) / Math.Max(Vector3.DistanceSquared(a, b), 1e-12f), 0, 1);
        return new Vector3(1 - t, t, 0);
    }

    private static int[] Places(MeshLevel level, int vertexCount)
    {
        var place = new int[vertexCount];
        Array.Fill(place, -1);
        for (var i = 0; i < level.Vertices.Length; i++)
        {
            place[level.Vertices[i]] = i;
        }

        return place;
    }
}
