using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>What a parallel lamp sees of a scene.</summary>
internal sealed class ShadowMap
{
    /// <summary>Millimetres that a point may lie behind what the map saw and still be lit: hides the map's coarseness.</summary>
    private const float Bias = 3.5f;

    private readonly TriangleBuffer buffer;
    private readonly Vector3 u, v, w, origin;
    private readonly float scale;

    public ShadowMap(int size, Vector3 direction, Scene scene)
    {
        w = direction;
        u = Vector3.Normalize(Vector3.Cross(MathF.Abs(w.Y) < 0.9f ? Vector3.UnitY : Vector3.UnitX, w));
        v = Vector3.Cross(w, u);
        var head = scene.Camera.AsSpan(0, scene.Template.VertexCount);
        foreach (var p in head)
        {
            origin += p / head.Length;
        }

        // 190 mm around the head's centre holds head, hair and what throws shadows on them.
        scale = size / 380f;
        buffer = new TriangleBuffer(size, size);
        buffer.Clear();
        scene.Draw(buffer, [.. scene.Camera.Select(p => Map(p))]);
    }

    /// <summary>The part of the lamp that reaches a point, over 2×2 texels.</summary>
    public float Lit(Vector3 p)
    {
        var m = Map(p);
        float x = m.X - 0.5f, y = m.Y - 0.5f;
        int x0 = (int)MathF.Floor(x), y0 = (int)MathF.Floor(y);
        float fx = x - x0, fy = y - y0;
        return ((1 - fy) * (((1 - fx) * One(x0, y0, m.Z)) + (fx * One(x0 + 1, y0, m.Z)))) + (fy * (((1 - fx) * One(x0, y0 + 1, m.Z)) + (fx * One(x0 + 1, y0 + 1, m.Z))));
    }

    private Vector3 Map(Vector3 p)
    {
        var d = p - origin;
        return new Vector3((Vector3.Dot(d, u) * scale) + (buffer.Width * 0.5f), (Vector3.Dot(d, v) * scale) + (buffer.Height * 0.5f), Vector3.Dot(d, w));
    }

    private float One(int x, int y, float key) =>
        (uint)x >= (uint)buffer.Width || (uint)y >= (uint)buffer.Height || buffer.Key[(y * buffer.Width) + x] <= key + Bias ? 1 : 0;
}
