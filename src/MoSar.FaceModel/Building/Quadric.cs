using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>A sum of weighed squared distances to planes and points (Garland and Heckbert 1997): pᵀAp + 2bᵀp + c.</summary>
internal struct Quadric
{
    private double _xx, _xy, _xz, _yy, _yz, _zz, _x, _y, _z, _c;

    /// <param name="n">Unit.</param>
    public void AddPlane(Vector3 n, Vector3 through, double weight)
    {
        double a = n.X, b = n.Y, c = n.Z, d = -((a * through.X) + (b * through.Y) + (c * through.Z));
        _xx += weight * a * a;
        _xy += weight * a * b;
        _xz += weight * a * c;
        _yy += weight * b * b;
        _yz += weight * b * c;
        _zz += weight * c * c;
        _x += weight * a * d;
        _y += weight * b * d;
        _z += weight * c * d;
        _c += weight * d * d;
    }

    public void AddPoint(Vector3 p, double weight)
    {
        _xx += weight;
        _yy += weight;
        _zz += weight;
        _x -= weight * p.X;
        _y -= weight * p.Y;
        _z -= weight * p.Z;
        _c += weight * (((double)p.X * p.X) + ((double)p.Y * p.Y) + ((double)p.Z * p.Z));
    }

    public void Add(in Quadric other)
    {
        _xx += other._xx;
        _xy += other._xy;
        _xz += other._xz;
        _yy += other._yy;
        _yz += other._yz;
        _zz += other._zz;
        _x += other._x;
        _y += other._y;
        _z += other._z;
        _c += other._c;
    }

    public readonly double At(Vector3 p)
    {
        double x = p.X, y = p.Y, z = p.Z;
        return (_xx * x * x) + (_yy * y * y) + (_zz * z * z) + (2 * ((_xy * x * y) + (_xz * x * z) + (_yz * y * z) + (_x * x) + (_y * y) + (_z * z))) + _c;
    }
}
