using System.Numerics;
using MoSar.Graphics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

internal enum Material : byte
{
    Skin,
    Eye,
    Mouth,
    Hair,
    Cloth,
}

/// <summary>Everything of the picture as one list of triangles. Normals are per vertex; for hairs they hold the tangent instead.</summary>
internal sealed class Scene
{
    private readonly List<Vector3> _positions = [];
    private readonly List<Vector3> _normals = [];
    private readonly List<Vector3> _tints = [];
    private readonly List<int> _triangles = [];
    private readonly List<Material> _materials = [];

    public Vector3[] Positions => [.. _positions];

    public int[] Triangles => [.. _triangles];

    public int TriangleCount => _materials.Count;

    public Material MaterialOf(int triangle) => _materials[triangle];

    /// <summary>Normal and tint at a point of a triangle. The tint of skin carries its region weights, that of hair and cloth its albedo.</summary>
    public (Vector3 Normal, Vector3 Tint) At(int triangle, float u, float v)
    {
        int a = _triangles[triangle * 3], b = _triangles[(triangle * 3) + 1], c = _triangles[(triangle * 3) + 2];
        var w = 1 - u - v;
        return (Vector3.Normalize((w * _normals[a]) + (u * _normals[b]) + (v * _normals[c])), (w * _tints[a]) + (u * _tints[b]) + (v * _tints[c]));
    }

    public void AddMesh(Vector3[] positions, int[] triangles, Func<int, Material> material, Vector3[] tints)
    {
        var first = _positions.Count;
        _positions.AddRange(positions);
        _tints.AddRange(tints);
        _normals.AddRange(MeshNormals.AreaWeighted(positions, triangles));
        for (var t = 0; t < triangles.Length; t += 3)
        {
            _triangles.AddRange([first + triangles[t], first + triangles[t + 1], first + triangles[t + 2]]);
            _materials.Add(material(t / 3));
        }
    }

    /// <summary>A strand becomes a ribbon that faces the camera.</summary>
    public void AddStrand(Strand strand, Vector3 camera)
    {
        var first = _positions.Count;
        var points = strand.Points;
        for (var k = 0; k < points.Length; k++)
        {
            var tangent = Vector3.Normalize(points[Math.Min(k + 1, points.Length - 1)] - points[Math.Max(k - 1, 0)]);
            var across = Vector3.Cross(tangent, Vector3.Normalize(camera - points[k]));
            across = across.LengthSquared() < 1e-8f ? Vector3.UnitX : Vector3.Normalize(across);
            var t = k / (float)(points.Length - 1);
            var half = 0.5f * strand.Width * (1 - (0.75f * t * t));
            foreach (var side in (float[])[-1, 1])
            {
                _positions.Add(points[k] + (across * (half * side)));
                _normals.Add(tangent);
                _tints.Add(strand.Albedo);
            }

            if (k > 0)
            {
                var v = first + (2 * k);
                _triangles.AddRange([v - 2, v - 1, v, v - 1, v + 1, v]);
                _materials.Add(Material.Hair);
                _materials.Add(Material.Hair);
            }
        }
    }
}
