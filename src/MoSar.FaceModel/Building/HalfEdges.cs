namespace MoSar.Faces.Building;

/// <summary>Connectivity questions on quad soups.</summary>
internal static class HalfEdges
{
    /// <summary>For every boundary vertex the next one along its face's own direction.</summary>
    public static Dictionary<int, int> Boundary(int[] quads)
    {
        var all = new HashSet<(int, int)>();
        for (var i = 0; i < quads.Length; i++)
        {
            all.Add((quads[i], quads[(i & ~3) | ((i + 1) & 3)]));
        }

        return all.Where(e => !all.Contains((e.Item2, e.Item1))).ToDictionary(e => e.Item1, e => e.Item2);
    }

    /// <summary>Edge neighbours of every vertex.</summary>
    public static int[][] Neighbours(int vertexCount, int[] quads)
    {
        var sets = new SortedSet<int>[vertexCount];
        for (var i = 0; i < quads.Length; i++)
        {
            int a = quads[i], b = quads[(i & ~3) | ((i + 1) & 3)];
            (sets[a] ??= []).Add(b);
            (sets[b] ??= []).Add(a);
        }

        return [.. sets.Select(s => s?.ToArray() ?? [])];
    }
}
