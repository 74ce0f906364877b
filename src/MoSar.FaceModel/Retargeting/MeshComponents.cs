namespace MoSar.Faces.Retargeting;

/// <summary>The pieces of a mesh that hang together by shared vertices.</summary>
/// <param name="Component">V: the piece of each vertex.</param>
internal sealed record MeshComponents(int[] Component, int Count)
{
    public static MeshComponents Of(FaceTemplate template)
    {
        var parent = Enumerable.Range(0, template.VertexCount).ToArray();
        for (var t = 0; t < template.Triangles.Length; t += 3)
        {
            var root = Root(parent, template.Triangles[t]);
            parent[Root(parent, template.Triangles[t + 1])] = root;
            parent[Root(parent, template.Triangles[t + 2])] = root;
        }

        var (component, names) = (new int[parent.Length], new Dictionary<int, int>());
        for (var v = 0; v < parent.Length; v++)
        {
            var root = Root(parent, v);
            component[v] = names.TryGetValue(root, out var name) ? name : names[root] = names.Count;
        }

        return new MeshComponents(component, names.Count);
    }

    private static int Root(int[] parent, int v)
    {
        while (parent[v] != v)
        {
            v = parent[v] = parent[parent[v]];
        }

        return v;
    }
}
