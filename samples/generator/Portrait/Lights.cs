using System.Numerics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>A rectangular soft box that shines to one side.</summary>
internal sealed class SoftBox
{
    private readonly Vector3 _centre;
    private readonly Vector3 _u;
    private readonly Vector3 _v;
    private readonly Vector3 _normal;
    private readonly float _area;

    public SoftBox(Vector3 centre, Vector3 target, float halfWidth, float halfHeight, Vector3 radiance)
    {
        _centre = centre;
        _normal = Vector3.Normalize(target - centre);
        _u = Vector3.Normalize(Vector3.Cross(Vector3.UnitY, _normal)) * halfWidth;
        _v = Vector3.Normalize(Vector3.Cross(_normal, _u)) * halfHeight;
        _area = 4 * halfWidth * halfHeight;
        Radiance = radiance;
    }

    public Vector3 Radiance { get; }

    public Vector3 Towards(Vector3 from) => Vector3.Normalize(_centre - from);

    /// <summary>A point of the light for two numbers in [0, 1).</summary>
    public Vector3 Point(float a, float b) => _centre + (((2 * a) - 1) * _u) + (((2 * b) - 1) * _v);

    /// <summary>Irradiance a facing surface gets through one sample: radiance · area · cos / distance².</summary>
    public Vector3 Arriving(Vector3 at, Vector3 point)
    {
        var d = point - at;
        var square = d.LengthSquared();
        var cos = -Vector3.Dot(_normal, d) / MathF.Sqrt(square);
        return cos <= 0 ? Vector3.Zero : Radiance * (_area * cos / square);
    }

    /// <summary>What a mirror would show of it along a ray.</summary>
    public Vector3 Seen(Vector3 origin, Vector3 direction)
    {
        var facing = Vector3.Dot(direction, _normal);
        if (facing >= 0)
        {
            return Vector3.Zero;
        }

        var t = Vector3.Dot(_centre - origin, _normal) / facing;
        var p = origin + (t * direction) - _centre;
        var a = MathF.Abs(Vector3.Dot(p, _u) / _u.LengthSquared());
        var b = MathF.Abs(Vector3.Dot(p, _v) / _v.LengthSquared());
        return t > 0 ? Radiance * (Curve.Smooth(1.03f, 0.94f, a) * Curve.Smooth(1.03f, 0.94f, b)) : Vector3.Zero;
    }
}
