using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.LightStage;

/// <summary>
/// A function of direction on a square: the octahedron |x|+|y|+|z| = 1 unfolded, +Z in the middle, −Z in the four corners. No pole, nearly even
/// texels and no trigonometry at a lookup. Stored with a border of one texel that continues the picture across its folds.
/// </summary>
internal sealed class OctahedralMap
{
    private readonly int _pitch;

    /// <param name="side">Texels along each side, without the border.</param>
    public OctahedralMap(int side)
    {
        (Side, _pitch) = (side, side + 2);
        Texels = new Vector3[_pitch * _pitch];
    }

    public int Side { get; }

    /// <summary>(Side+2)² values, border included.</summary>
    public Vector3[] Texels { get; }

    public ref Vector3 this[int x, int y] => ref Texels[((y + 1) * _pitch) + x + 1];

    /// <summary>The point of [0, 1]² that shows a direction (of any length).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector2 Point(Vector3 d)
    {
        var scale = 1 / (MathF.Abs(d.X) + MathF.Abs(d.Y) + MathF.Abs(d.Z));
        var (x, y) = (d.X * scale, d.Y * scale);
        if (d.Z < 0)
        {
            (x, y) = (MathF.CopySign(1 - MathF.Abs(y), x), MathF.CopySign(1 - MathF.Abs(x), y));
        }

        return new Vector2((x * 0.5f) + 0.5f, (y * 0.5f) + 0.5f);
    }

    /// <summary>The direction of a point of [0, 1]² as a point of the octahedron, not of unit length.</summary>
    public static Vector3 OnOctahedron(Vector2 point)
    {
        var (x, y) = ((2 * point.X) - 1, (2 * point.Y) - 1);
        var z = 1 - MathF.Abs(x) - MathF.Abs(y);
        return z >= 0 ? new Vector3(x, y, z) : new Vector3(MathF.CopySign(1 - MathF.Abs(y), x), MathF.CopySign(1 - MathF.Abs(x), y), z);
    }

    /// <summary>The solid angle of a texel: dω = dx·dy/r³ with r the distance of the octahedron's point. Sums to 4π but for the quadrature's error.</summary>
    public static float SolidAngle(int side, int x, int y)
    {
        var r = OnOctahedron(new Vector2((x + 0.5f) / side, (y + 0.5f) / side)).Length();
        return 4f / (side * side) / (r * r * r);
    }

    /// <summary>The texel that holds a direction: y·Side + x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Texel(Vector3 d)
    {
        var p = Point(d) * Side;
        return (Math.Min((int)p.Y, Side - 1) * Side) + Math.Min((int)p.X, Side - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector3 Bilinear(Vector3 d)
    {
        var p = (Point(d) * Side) + new Vector2(0.5f);
        var (x, y) = (Math.Min((int)p.X, Side), Math.Min((int)p.Y, Side));
        var (fx, fy) = (p.X - x, p.Y - y);
        var i = (y * _pitch) + x;
        var top = Vector3.Lerp(Texels[i], Texels[i + 1], fx);
        return Vector3.Lerp(top, Vector3.Lerp(Texels[i + _pitch], Texels[i + _pitch + 1], fx), fy);
    }

    /// <summary>Half the side: averages weighted by solid angle, so that no light is lost.</summary>
    public OctahedralMap Halved()
    {
        var half = new OctahedralMap(Side / 2);
        for (var y = 0; y < half.Side; y++)
        {
            for (var x = 0; x < half.Side; x++)
            {
                var (sum, solid) = (Vector3.Zero, 0f);
                for (var k = 0; k < 4; k++)
                {
                    var (i, j) = ((2 * x) + (k & 1), (2 * y) + (k >> 1));
                    var w = SolidAngle(Side, i, j);
                    sum += this[i, j] * w;
                    solid += w;
                }

                half[x, y] = sum / solid;
            }
        }

        half.Fold();
        return half;
    }

    /// <summary>Fills the border: beyond an edge the picture goes on along the same edge, mirrored about the edge's middle.</summary>
    public void Fold()
    {
        var last = Side - 1;
        for (var i = 0; i < Side; i++)
        {
            this[-1, i] = this[0, last - i];
            this[Side, i] = this[last, last - i];
            this[i, -1] = this[last - i, 0];
            this[i, Side] = this[last - i, last];
        }

        // All four corners show −Z.
        (this[-1, -1], this[Side, Side]) = (this[last, last], this[0, 0]);
        (this[Side, -1], this[-1, Side]) = (this[0, last], this[last, 0]);
    }
}
