using System.Numerics;

namespace MoSar.LightStage;

/// <summary>Collects tubes, discs and ellipsoids into one mesh. Millimetres.</summary>
internal sealed class MeshParts
{
    private readonly List<Vector3> _positions = [];
    private readonly List<int> _triangles = [];

    public Vector3[] Positions => [.. _positions];

    public int[] Triangles => [.. _triangles];

    /// <summary>A tube with rounded ends along a path.</summary>
    /// <param name="radius">At each point of the path.</param>
    /// <param name="flat">Height over width of its cross-section; width lies across <paramref name="up"/>.</param>
    public void Tube(Vector3[] path, float[] radius, bool closed = false, float flat = 1, Vector3? up = null, int sides = 10)
    {
        var first = _positions.Count;
        var n = path.Length;
        for (var i = 0; i < n; i++)
        {
            var (before, after) = closed ? (path[(i + n - 1) % n], path[(i + 1) % n]) : (path[Math.Max(i - 1, 0)], path[Math.Min(i + 1, n - 1)]);
            var along = Vector3.Normalize(after - before);
            var across = Vector3.Cross(up ?? (MathF.Abs(along.Y) < 0.9f ? Vector3.UnitY : Vector3.UnitX), along);
            across = across.LengthSquared() > 1e-8f ? Vector3.Normalize(across) : new Frame(along).Right;
            var over = Vector3.Cross(along, across);
            for (var k = 0; k < sides; k++)
            {
                var (sin, cos) = MathF.SinCos(MathF.Tau * k / sides);
                _positions.Add(path[i] + (radius[i] * ((cos * across) + (flat * sin * over))));
            }
        }

        for (var i = 0; i < (closed ? n : n - 1); i++)
        {
            for (var k = 0; k < sides; k++)
            {
                var (a, b) = (first + (i * sides) + k, first + (i * sides) + ((k + 1) % sides));
                var (c, d) = (first + ((i + 1) % n * sides) + k, first + ((i + 1) % n * sides) + ((k + 1) % sides));
                _triangles.AddRange([a, b, c, b, d, c]);
            }
        }

        if (!closed)
        {
            Cap(first, path[0], path[0] - path[1], radius[0], sides, turned: true);
            Cap(first + ((n - 1) * sides), path[^1], path[^1] - path[^2], radius[^1], sides, turned: false);
        }
    }

    public void Ellipsoid(Vector3 centre, Vector3 x, Vector3 y, Vector3 z, int rows = 16, int columns = 24)
    {
        var first = _positions.Count;
        for (var j = 0; j <= rows; j++)
        {
            for (var i = 0; i < columns; i++)
            {
                var (sinT, cosT) = MathF.SinCos(MathF.PI * j / rows);
                var (sinP, cosP) = MathF.SinCos(MathF.Tau * i / columns);
                _positions.Add(centre + (sinT * cosP * x) + (cosT * y) + (sinT * sinP * z));
                if (j < rows)
                {
                    var (a, b) = (first + (j * columns) + i, first + (j * columns) + ((i + 1) % columns));
                    _triangles.AddRange([a, b, a + columns, b, b + columns, a + columns]);
                }
            }
        }
    }

    private void Cap(int ring, Vector3 centre, Vector3 outward, float radius, int sides, bool turned)
    {
        var top = _positions.Count;
        _positions.Add(centre + (0.8f * radius * Vector3.Normalize(outward)));
        for (var k = 0; k < sides; k++)
        {
            var (a, b) = (ring + k, ring + ((k + 1) % sides));
            _triangles.AddRange(turned ? [b, a, top] : [a, b, top]);
        }
    }
}
