using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>Hash-based noise of space: no tables, no state, the same on every machine.</summary>
internal static class Noise
{
    /// <summary>In [0, 1), by cell and stream.</summary>
    public static float Hash(int x, int y, int z, uint stream) => LatticeHash.Unit(x, y, z, stream);

    /// <summary>Smooth value noise in [−1, 1].</summary>
    public static float Value(Vector3 p, uint stream = 0)
    {
        int x = (int)MathF.Floor(p.X), y = (int)MathF.Floor(p.Y), z = (int)MathF.Floor(p.Z);
        var f = p - new Vector3(x, y, z);
        f = f * f * f * ((f * ((f * 6) - new Vector3(15))) + new Vector3(10));
        static float Lerp(float a, float b, float t) => a + ((b - a) * t);
        var near = Lerp(Lerp(Hash(x, y, z, stream), Hash(x + 1, y, z, stream), f.X), Lerp(Hash(x, y + 1, z, stream), Hash(x + 1, y + 1, z, stream), f.X), f.Y);
        var far = Lerp(Lerp(Hash(x, y, z + 1, stream), Hash(x + 1, y, z + 1, stream), f.X), Lerp(Hash(x, y + 1, z + 1, stream), Hash(x + 1, y + 1, z + 1, stream), f.X), f.Y);
        return (2 * Lerp(near, far, f.Z)) - 1;
    }

    /// <summary>Octaves of <see cref="Value"/>, each half as strong and twice as fine; about in [−1, 1].</summary>
    public static float Fractal(Vector3 p, int octaves, uint stream = 0)
    {
        float sum = 0, weight = 0.5f;
        for (var i = 0; i < octaves; i++)
        {
            sum += weight * Value(p, stream + (uint)i);
            p *= 2.03f;
            weight *= 0.5f;
        }

        return sum;
    }

    /// <summary>Distance to the nearest of one random point a cell, and a random number of that point's.</summary>
    public static (float Distance, float Random) Cells(Vector3 p, uint stream)
    {
        int x = (int)MathF.Floor(p.X), y = (int)MathF.Floor(p.Y), z = (int)MathF.Floor(p.Z);
        var best = float.PositiveInfinity;
        var random = 0f;
        for (var k = z - 1; k <= z + 1; k++)
        {
            for (var j = y - 1; j <= y + 1; j++)
            {
                for (var i = x - 1; i <= x + 1; i++)
                {
                    var q = new Vector3(i + Hash(i, j, k, stream), j + Hash(i, j, k, stream + 1), k + Hash(i, j, k, stream + 2));
                    var d = Vector3.DistanceSquared(p, q);
                    if (d < best)
                    {
                        best = d;
                        random = Hash(i, j, k, stream + 3);
                    }
                }
            }
        }

        return (MathF.Sqrt(best), random);
    }
}

/// <summary>A small counter-based generator: every strand and sample has its own stream, whatever the order of threads.</summary>
internal struct Rng(uint stream)
{
    private uint _state = unchecked((stream * 0x9E3779B9u) + 0x7F4A7C15u);

    public float Next()
    {
        _state = unchecked((_state * 747796405u) + 2891336453u);
        var word = ((_state >> (int)((_state >> 28) + 4u)) ^ _state) * 277803737u;
        return ((word ^ (word >> 22)) >> 8) * (1f / 16777216f);
    }

    public float Range(float from, float to) => from + ((to - from) * Next());

    /// <summary>Roughly normal, mean 0, deviation 1.</summary>
    public float Normal() => (Next() + Next() + Next() + Next() - 2f) * 1.7320508f;
}

internal static class Curve
{
    public static float Smooth(float from, float to, float x)
    {
        var t = Math.Clamp((x - from) / (to - from), 0f, 1f);
        return t * t * (3 - (2 * t));
    }

    public static Vector3 Mix(Vector3 a, Vector3 b, float t) => a + ((b - a) * t);

    public static float Bump(Vector3 p, Vector3 centre, float radius) => MathF.Exp(-Vector3.DistanceSquared(p, centre) / (radius * radius));

    /// <summary>A point on the Catmull–Rom curve through the points; t in [0, 1] runs over all of them.</summary>
    public static Vector3 Along(ReadOnlySpan<Vector3> points, float t)
    {
        var at = Math.Clamp(t, 0f, 1f) * (points.Length - 1);
        var i = Math.Min((int)at, points.Length - 2);
        var f = at - i;
        var p0 = points[Math.Max(i - 1, 0)];
        var (p1, p2) = (points[i], points[i + 1]);
        var p3 = points[Math.Min(i + 2, points.Length - 1)];
        return 0.5f * ((2 * p1) + ((p2 - p0) * f) + (((2 * p0) - (5 * p1) + (4 * p2) - p3) * (f * f)) + (((3 * p1) - p0 - (3 * p2) + p3) * (f * f * f)));
    }

    /// <summary>The nearest point of an open polyline: its squared distance, and how far along it lies in [0, 1], each segment counting alike.</summary>
    public static (float DistanceSquared, float Along) Nearest(ReadOnlySpan<Vector3> line, Vector3 p)
    {
        var (best, at) = (float.PositiveInfinity, 0f);
        for (var i = 0; i + 1 < line.Length; i++)
        {
            var d = line[i + 1] - line[i];
            var t = Math.Clamp(Vector3.Dot(p - line[i], d) / MathF.Max(d.LengthSquared(), 1e-6f), 0, 1);
            var distance = Vector3.DistanceSquared(p, line[i] + (t * d));
            if (distance < best)
            {
                (best, at) = (distance, (i + t) / (line.Length - 1));
            }
        }

        return (best, at);
    }

    /// <summary>Signed distance to a closed polygon in the plane, negative inside.</summary>
    public static float PolygonDistance(ReadOnlySpan<Vector2> polygon, Vector2 p)
    {
        var best = float.PositiveInfinity;
        var inside = false;
        for (int i = 0, j = polygon.Length - 1; i < polygon.Length; j = i++)
        {
            var (a, b) = (polygon[i], polygon[j]);
            var edge = b - a;
            var along = Math.Clamp(Vector2.Dot(p - a, edge) / MathF.Max(edge.LengthSquared(), 1e-9f), 0f, 1f);
            best = MathF.Min(best, Vector2.DistanceSquared(p, a + (along * edge)));
            if ((a.Y > p.Y) != (b.Y > p.Y) && p.X < (edge.X * (p.Y - a.Y) / edge.Y) + a.X)
            {
                inside = !inside;
            }
        }

        return inside ? -MathF.Sqrt(best) : MathF.Sqrt(best);
    }
}
