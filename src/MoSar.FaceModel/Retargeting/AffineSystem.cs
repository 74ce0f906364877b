using System.Numerics;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// The normal equations of <see cref="NonRigidFit"/>, never written out: applied vertex by vertex and solved by conjugate gradients, preconditioned by
/// each vertex's own 4×4 block, which x, y and z share. Sums run in a fixed order, so that results repeat bit for bit.
/// </summary>
internal sealed class AffineSystem
{
    private const int MostIterations = 120;
    private const double Tolerance = 1e-3;
    private const int Chunk = 512;

    // Keeps the direction across a flat neighbourhood, which no edge measures, and parts without any pull definite.
    private const float Ridge = 1e-5f;

    private readonly Vector3[] _rest;
    private readonly int[] _start;
    private readonly int[] _neighbour;
    private readonly float[] _edgeWeight;
    private readonly int[] _firstPull;
    private readonly Pull[] _pulls;
    private readonly float _stiffness;
    private readonly float _difference;
    private readonly Matrix4x4[] _inverse;

    public AffineSystem(Vector3[] rest, int[] start, int[] neighbour, float[] edgeWeight, List<Pull> pulls, float stiffness, float difference)
    {
        (_rest, _start, _neighbour, _edgeWeight, _stiffness, _difference) = (rest, start, neighbour, edgeWeight, stiffness, difference);
        _pulls = [.. pulls.OrderBy(p => p.Vertex)];
        _firstPull = new int[rest.Length + 1];
        foreach (var pull in _pulls)
        {
            _firstPull[pull.Vertex + 1]++;
        }

        for (var v = 0; v < rest.Length; v++)
        {
            _firstPull[v + 1] += _firstPull[v];
        }

        _inverse = new Matrix4x4[rest.Length];
        For((from, to) =>
        {
            for (var v = from; v < to; v++)
            {
                _inverse[v] = InverseBlock(v);
            }
        });
    }

    /// <param name="x">The first guess; becomes the solution.</param>
    public void Solve(Affine[] x, CancellationToken cancellation)
    {
        var n = x.Length;
        Affine[] r = new Affine[n], z = new Affine[n], p = new Affine[n], ap = new Affine[n];
        Apply(x, ap);
        For((from, to) =>
        {
            for (var v = from; v < to; v++)
            {
                r[v] = Minus(RightSide(v), ap[v]);
                z[v] = Precondition(v, r[v]);
                p[v] = z[v];
            }
        });
        var rz = Dot(r, z);
        var enough = Tolerance * Tolerance * RightSideNorm();
        for (var k = 0; k < MostIterations && rz > enough; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            Apply(p, ap);
            var alpha = (float)(rz / Dot(p, ap));
            For((from, to) =>
            {
                for (var v = from; v < to; v++)
                {
                    x[v] = Plus(x[v], p[v], alpha);
                    r[v] = Plus(r[v], ap[v], -alpha);
                    z[v] = Precondition(v, r[v]);
                }
            });
            var next = Dot(r, z);
            var beta = (float)(next / rz);
            rz = next;
            For((from, to) =>
            {
                for (var v = from; v < to; v++)
                {
                    p[v] = Plus(z[v], p[v], beta);
                }
            });
        }
    }

    private void Apply(Affine[] x, Affine[] result) => For((from, to) =>
    {
        for (var v = from; v < to; v++)
        {
            var own = x[v];
            var sum = default(Affine);
            for (var k = _start[v]; k < _start[v + 1]; k++)
            {
                var other = x[_neighbour[k]];
                var e = _rest[_neighbour[k]] - _rest[v];
                var w = _edgeWeight[k];
                var there = (own.At(e) - other.Shift) * w;
                var back = (other.At(-e) - own.Shift) * w;
                sum.Shift += there - back;
                sum.X += (there * e.X) + (_difference * (own.X - other.X));
                sum.Y += (there * e.Y) + (_difference * (own.Y - other.Y));
                sum.Z += (there * e.Z) + (_difference * (own.Z - other.Z));
            }

            sum = Scale(sum, _stiffness);
            for (var k = _firstPull[v]; k < _firstPull[v + 1]; k++)
            {
                Pull(ref sum, _pulls[k].Offset, own.At(_pulls[k].Offset) * _pulls[k].Weight);
            }

            result[v] = Plus(sum, own, Ridge);
        }
    });

    private Affine RightSide(int vertex)
    {
        var sum = default(Affine);
        for (var k = _firstPull[vertex]; k < _firstPull[vertex + 1]; k++)
        {
            Pull(ref sum, _pulls[k].Offset, _pulls[k].Way * _pulls[k].Weight);
        }

        return sum;
    }

    private double RightSideNorm()
    {
        double sum = 0;
        for (var v = 0; v < _rest.Length; v++)
        {
            var b = RightSide(v);
            sum += Dot(b, Precondition(v, b));
        }

        return sum;
    }

    private Matrix4x4 InverseBlock(int v)
    {
        // Rows and columns: shift, x, y, z.
        Span<double> a = stackalloc double[16];
        a.Clear();
        Span<double> row = stackalloc double[4];
        for (var k = _start[v]; k < _start[v + 1]; k++)
        {
            var e = _rest[_neighbour[k]] - _rest[v];
            (row[0], row[1], row[2], row[3]) = (1, e.X, e.Y, e.Z);
            Square(a, row, _stiffness * _edgeWeight[k]);
            a[0] += _stiffness * _edgeWeight[k];
            for (var i = 1; i < 4; i++)
            {
                a[5 * i] += _stiffness * _difference;
            }
        }

        for (var k = _firstPull[v]; k < _firstPull[v + 1]; k++)
        {
            var o = _pulls[k].Offset;
            (row[0], row[1], row[2], row[3]) = (1, o.X, o.Y, o.Z);
            Square(a, row, _pulls[k].Weight);
        }

        for (var i = 0; i < 4; i++)
        {
            a[5 * i] += Ridge;
        }

        var block = new Matrix4x4(
            (float)a[0], (float)a[1], (float)a[2], (float)a[3], (float)a[4], (float)a[5], (float)a[6], (float)a[7],
            (float)a[8], (float)a[9], (float)a[10], (float)a[11], (float)a[12], (float)a[13], (float)a[14], (float)a[15]);
        return Matrix4x4.Invert(block, out var inverse) ? inverse : Matrix4x4.Identity;
    }

    private static void Square(Span<double> a, ReadOnlySpan<double> row, double weight)
    {
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                a[(4 * i) + j] += weight * row[i] * row[j];
            }
        }
    }

    private static void Pull(ref Affine sum, Vector3 offset, Vector3 value)
    {
        sum.Shift += value;
        sum.X += offset.X * value;
        sum.Y += offset.Y * value;
        sum.Z += offset.Z * value;
    }

    private Affine Precondition(int v, in Affine r)
    {
        ref readonly var m = ref _inverse[v];
        return new Affine
        {
            Shift = (m.M11 * r.Shift) + (m.M12 * r.X) + (m.M13 * r.Y) + (m.M14 * r.Z),
            X = (m.M21 * r.Shift) + (m.M22 * r.X) + (m.M23 * r.Y) + (m.M24 * r.Z),
            Y = (m.M31 * r.Shift) + (m.M32 * r.X) + (m.M33 * r.Y) + (m.M34 * r.Z),
            Z = (m.M41 * r.Shift) + (m.M42 * r.X) + (m.M43 * r.Y) + (m.M44 * r.Z),
        };
    }

    private void For(Action<int, int> range)
    {
        var n = _rest.Length;
        Parallel.For(0, (n + Chunk - 1) / Chunk, c => range(c * Chunk, Math.Min((c + 1) * Chunk, n)));
    }

    private static Affine Plus(in Affine a, in Affine b, float w) =>
        new() { Shift = a.Shift + (w * b.Shift), X = a.X + (w * b.X), Y = a.Y + (w * b.Y), Z = a.Z + (w * b.Z) };

    private static Affine Minus(in Affine a, in Affine b) => Plus(a, b, -1);

    private static Affine Scale(in Affine a, float w) => new() { Shift = a.Shift * w, X = a.X * w, Y = a.Y * w, Z = a.Z * w };

    private static double Dot(in Affine a, in Affine b) => Vector3.Dot(a.Shift, b.Shift) + Vector3.Dot(a.X, b.X) + Vector3.Dot(a.Y, b.Y) + Vector3.Dot(a.Z, b.Z);

    private static double Dot(Affine[] a, Affine[] b)
    {
        double sum = 0;
        for (var v = 0; v < a.Length; v++)
        {
            sum += Dot(a[v], b[v]);
        }

        return sum;
    }
}
