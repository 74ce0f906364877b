using System.Numerics;

namespace MoSar.Training.Synthetic;

internal enum Material : byte
{
    Skin,
    Eye,
    Mouth,
    Shell,
    Strand,
    Frame,
    Teeth,
    Cloth,
}

/// <summary>Triangles that do not belong to the face model, in head space (mm): strands, spectacles, teeth, shoulders.</summary>
internal sealed class Props
{
    public List<Vector3> Positions { get; } = [];

    /// <summary>Per vertex: along and across the part it belongs to, and a value of the part itself; feeds the colour.</summary>
    public List<Vector3> Coordinates { get; } = [];

    public List<int> Triangles { get; } = [];

    public List<Material> Materials { get; } = [];

    /// <summary>A ribbon along a path: <paramref name="side"/> gives each point's half width vector.</summary>
    public void AddRibbon(ReadOnlySpan<Vector3> path, ReadOnlySpan<Vector3> side, Material material, float value)
    {
        var first = Positions.Count;
        for (var i = 0; i < path.Length; i++)
        {
            var along = i / (path.Length - 1f);
            Positions.Add(path[i] - side[i]);
            Positions.Add(path[i] + side[i]);
            Coordinates.Add(new Vector3(along, 0, value));
            Coordinates.Add(new Vector3(along, 1, value));
            if (i > 0)
            {
                var q = first + (2 * i);
                AddTriangle(q - 2, q - 1, q, material);
                AddTriangle(q, q - 1, q + 1, material);
            }
        }
    }

    /// <summary>A tube with a square section along a path.</summary>
    public void AddTube(ReadOnlySpan<Vector3> path, float radius, Material material, float value)
    {
        Span<Vector3> side = stackalloc Vector3[path.Length];
        Span<Vector3> shifted = stackalloc Vector3[path.Length];
        for (var face = 0; face < 4; face++)
        {
            for (var i = 0; i < path.Length; i++)
            {
                var tangent = Vector3.Normalize(path[Math.Min(i + 1, path.Length - 1)] - path[Math.Max(i - 1, 0)]);
                var reference = MathF.Abs(tangent.Z) < 0.8f ? Vector3.UnitZ : Vector3.UnitY;
                var u = Vector3.Normalize(Vector3.Cross(tangent, reference));
                var v = Vector3.Cross(tangent, u);
                var outward = face switch { 0 => u, 1 => v, 2 => -u, _ => -v };
                var width = face switch { 0 => v, 1 => -u, 2 => -v, _ => u };
                shifted[i] = path[i] + (radius * outward);
                side[i] = radius * width;
            }

            AddRibbon(shifted, side, material, value);
        }
    }

    /// <summary>Rings of equally many points, joined.</summary>
    public void AddLoft(IReadOnlyList<Vector3[]> rings, Material material)
    {
        var first = Positions.Count;
        var n = rings[0].Length;
        for (var r = 0; r < rings.Count; r++)
        {
            for (var i = 0; i < n; i++)
            {
                Positions.Add(rings[r][i]);
                Coordinates.Add(new Vector3(r / (rings.Count - 1f), i / (n - 1f), 0));
                if (r > 0 && i > 0)
                {
                    var q = first + (r * n) + i;
                    AddTriangle(q - n - 1, q - n, q, material);
                    AddTriangle(q - n - 1, q, q - 1, material);
                }
            }
        }
    }

    private void AddTriangle(int a, int b, int c, Material material)
    {
        Triangles.AddRange([a, b, c]);
        Materials.Add(material);
    }
}
