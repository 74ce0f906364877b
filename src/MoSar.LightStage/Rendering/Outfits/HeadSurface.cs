using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>The skin as a surface to grow hair on: by direction from the head's middle, or seen from the front. Millimetres.</summary>
internal sealed class HeadSurface
{
    private const int Rows = 360;
    private const int Columns = 720;

    private readonly RayScene _rays;
    private readonly Vector3[] _positions;
    private readonly int[] _triangles;
    private readonly float[] _radius;

    public HeadSurface(RayScene rays, Vector3[] positions, int[] triangles, Vector3 centre)
    {
        (_rays, _positions, _triangles, Centre) = (rays, positions, triangles, centre);
        var directions = new Vector3[Rows * Columns];
        for (var i = 0; i < directions.Length; i++)
        {
            var (sinT, cosT) = MathF.SinCos(((i / Columns) + 0.5f) * MathF.PI / Rows);
            var (sinP, cosP) = MathF.SinCos((i % Columns) * MathF.Tau / Columns);
            directions[i] = new Vector3(sinT * sinP, cosT, sinT * cosP);
        }

        // From outside, so that what counts is the outermost surface, not an ear canal or the mouth.
        var origins = directions.Select(d => centre + (400 * d)).ToArray();
        var hits = rays.Closest(origins, [.. directions.Select(d => -d)]);
        _radius = [.. hits.Distance.Select(t => float.IsFinite(t) ? 400 - t : 80)];
    }

    public Vector3 Centre { get; }

    public Vector3 At(Vector3 direction)
    {
        var y = Math.Clamp((MathF.Acos(Math.Clamp(direction.Y, -1, 1)) / MathF.PI * Rows) - 0.5f, 0, Rows - 1.001f);
        var x = MathF.Atan2(direction.X, direction.Z) / MathF.Tau * Columns;
        x = x < 0 ? x + Columns : x;
        var (x0, y0) = ((int)x % Columns, (int)y);
        var (fx, fy) = (x - MathF.Floor(x), y - y0);
        float R(int j, int i) => _radius[(j * Columns) + (i % Columns)];
        var radius = float.Lerp(float.Lerp(R(y0, x0), R(y0, x0 + 1), fx), float.Lerp(R(y0 + 1, x0), R(y0 + 1, x0 + 1), fx), fy);
        return Centre + (radius * direction);
    }

    /// <summary>The points and normals that (x, y) positions show from the front; null beside the head.</summary>
    public (Vector3 Point, Vector3 Normal)? Front(Vector2 at)
    {
        var origin = new Vector3(at, 400);
        var hits = _rays.Closest([origin], [-Vector3.UnitZ]);
        if (hits.Triangle[0] < 0)
        {
            return null;
        }

        var t = hits.Triangle[0] * 3;
        var (a, b, c) = (_positions[_triangles[t]], _positions[_triangles[t + 1]], _positions[_triangles[t + 2]]);
        return (origin - new Vector3(0, 0, hits.Distance[0]), Vector3.Normalize(Vector3.Cross(b - a, c - a)));
    }
}
