using System.Buffers.Binary;
using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// A matrix-and-curves RGB profile (ICC.1:2010, 6.3.4.3), as phones (Display P3) and cameras (Adobe RGB) embed them: without it their
/// skin is read too pale. Other profiles are left alone, as sRGB.
/// </summary>
internal sealed class IccProfile
{
    // sRGB's primaries adapted to the profile connection space's D50 by Bradford, inverted: XYZ (D50) → linear Rec.709.
    private static readonly double[] FromPcs =
    [
        3.1338561, -1.6168667, -0.4906146,
        -0.9787684, 1.9161415, 0.0334540,
        0.0719453, -0.2289914, 1.4052427,
    ];

    private readonly float[][] _curves;
    private readonly float[] _matrix;

    private IccProfile(float[][] curves, float[] matrix) => (_curves, _matrix) = (curves, matrix);

    /// <summary>Null when there is no profile, it is not of this kind, it is damaged, or it is sRGB itself.</summary>
    internal static IccProfile? Parse(ReadOnlySpan<byte> icc, int codes)
    {
        if (icc.Length < 132 || !icc.Slice(16, 4).SequenceEqual("RGB "u8) || !icc.Slice(36, 4).SequenceEqual("acsp"u8))
        {
            return null;
        }

        var curves = new float[3][];
        var columns = new double[9];
        for (var c = 0; c < 3; c++)
        {
            var letter = (byte)"rgb"[c];
            if (Curve(Tag(icc, [letter, .. "TRC"u8]), codes) is not { } curve || !Column(Tag(icc, [letter, .. "XYZ"u8]), columns, c))
            {
                return null;
            }

            curves[c] = curve;
        }

        var matrix = new float[9];
        for (var i = 0; i < 9; i++)
        {
            var row = 3 * (i / 3);
            matrix[i] = (float)((FromPcs[row] * columns[i % 3]) + (FromPcs[row + 1] * columns[3 + (i % 3)]) + (FromPcs[row + 2] * columns[6 + (i % 3)]));
        }

        var profile = new IccProfile(curves, matrix);
        return profile.IsSrgb() ? null : profile;
    }

    /// <summary>Codes to linear Rec.709; colours outside its gamut get negative parts, which are cut.</summary>
    internal Vector3 ToLinear(int r, int g, int b)
    {
        var (x, y, z) = (_curves[0][r], _curves[1][g], _curves[2][b]);
        var m = _matrix;
        return Vector3.Max(Vector3.Zero, new Vector3(
            (m[0] * x) + (m[1] * y) + (m[2] * z),
            (m[3] * x) + (m[4] * y) + (m[5] * z),
            (m[6] * x) + (m[7] * y) + (m[8] * z)));
    }

    // The many sRGB profiles differ in the last digits; within half an 8-bit code the exact curve is the better one.
    private bool IsSrgb()
    {
        var last = _curves[0].Length - 1;
        for (var i = 0; i <= 16; i++)
        {
            var code = last * i / 16;
            var exact = new Vector3(Srgb.ToLinear(code / (float)last));
            if ((Srgb.FromLinear(ToLinear(code, code, code)) - Srgb.FromLinear(exact)).Length() > 0.004f)
            {
                return false;
            }
        }

        return MathF.Abs(_matrix[0] - 1) + MathF.Abs(_matrix[4] - 1) + MathF.Abs(_matrix[8] - 1) + MathF.Abs(_matrix[1]) + MathF.Abs(_matrix[3]) < 0.01f;
    }

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> icc, ReadOnlySpan<byte> name)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(icc[128..]);
        for (var i = 0; i < count && 132 + (12 * i) + 12 <= icc.Length; i++)
        {
            var entry = icc.Slice(132 + (12 * i), 12);
            var (offset, size) = (BinaryPrimitives.ReadUInt32BigEndian(entry[4..]), BinaryPrimitives.ReadUInt32BigEndian(entry[8..]));
            if (entry[..4].SequenceEqual(name))
            {
                return offset + (ulong)size <= (ulong)icc.Length ? icc.Slice((int)offset, (int)size) : [];
            }
        }

        return [];
    }

    private static bool Column(ReadOnlySpan<byte> tag, double[] columns, int c)
    {
        if (tag.Length < 20 || !tag[..4].SequenceEqual("XYZ "u8))
        {
            return false;
        }

        for (var row = 0; row < 3; row++)
        {
            columns[(3 * row) + c] = Fixed(tag[(8 + (4 * row))..]);
        }

        return true;
    }

    private static float[]? Curve(ReadOnlySpan<byte> tag, int codes)
    {
        if (tag.Length < 12)
        {
            return null;
        }

        var table = new float[codes];
        if (tag[..4].SequenceEqual("para"u8))
        {
            return Parametric(tag, table);
        }

        var count = BinaryPrimitives.ReadUInt32BigEndian(tag[8..]);
        if (!tag[..4].SequenceEqual("curv"u8) || 12 + (2 * (ulong)count) > (ulong)tag.Length)
        {
            return null;
        }

        var gamma = count == 1 ? BinaryPrimitives.ReadUInt16BigEndian(tag[12..]) / 256.0 : 1;
        for (var i = 0; i < codes; i++)
        {
            var x = i / (codes - 1.0);
            if (count < 2)
            {
                table[i] = (float)Math.Pow(x, gamma);
                continue;
            }

            var at = x * (count - 1);
            var low = Math.Min((int)at, (int)count - 2);
            double a = BinaryPrimitives.ReadUInt16BigEndian(tag[(12 + (2 * low))..]), b = BinaryPrimitives.ReadUInt16BigEndian(tag[(14 + (2 * low))..]);
            table[i] = (float)((a + ((b - a) * (at - low))) / 65535);
        }

        return table;
    }

    // Types 0 to 4 of parametricCurveType: Y = (aX + b)^g + e above d, cX + f below.
    private static float[]? Parametric(ReadOnlySpan<byte> tag, float[] table)
    {
        var type = BinaryPrimitives.ReadUInt16BigEndian(tag[8..]);
        int[] sizes = [1, 3, 4, 5, 7];
        if (type > 4 || tag.Length < 12 + (4 * sizes[type]))
        {
            return null;
        }

        Span<double> p = stackalloc double[7];
        p.Clear();
        for (var i = 0; i < sizes[type]; i++)
        {
            p[i] = Fixed(tag[(12 + (4 * i))..]);
        }

        var (g, a, b, c, d, e, f) = type switch
        {
            0 => (p[0], 1.0, 0.0, 0.0, 0.0, 0.0, 0.0),
            1 => (p[0], p[1], p[2], 0.0, -p[2] / p[1], 0.0, 0.0),
            2 => (p[0], p[1], p[2], 0.0, -p[2] / p[1], p[3], p[3]),
            _ => (p[0], p[1], p[2], p[3], p[4], p[5], p[6]),
        };
        for (var i = 0; i < table.Length; i++)
        {
            var x = i / (table.Length - 1.0);
            table[i] = (float)(x >= d ? Math.Pow(Math.Max(0, (a * x) + b), g) + e : (c * x) + f);
        }

        return table;
    }

    private static double Fixed(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes) / 65536.0;
}
