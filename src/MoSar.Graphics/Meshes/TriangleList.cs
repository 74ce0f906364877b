namespace MoSar.Graphics;

/// <summary>Checks on index lists.</summary>
internal static class TriangleList
{
    /// <exception cref="ArgumentException">The length is no multiple of 3 or an index is not below the count.</exception>
    internal static void Check(int count, ReadOnlySpan<int> triangles)
    {
        if (triangles.Length % 3 != 0)
        {
            throw new ArgumentException($"{triangles.Length} indices are no whole triangles.");
        }

        foreach (var i in triangles)
        {
            if ((uint)i >= (uint)count)
            {
                throw new ArgumentException($"Vertex index {i} is outside 0..{count - 1}.");
            }
        }
    }
}
