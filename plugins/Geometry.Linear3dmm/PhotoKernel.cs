using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>The camera as the photo term sees it: HeadPose's parameters, in crop pixels.</summary>
internal readonly record struct PhotoPose(float[] Rotation, float Tx, float Ty, float Scale, float Curvature, float Cx, float Cy);

/// <summary>
/// L_photo of Eq. 1 and all its derivatives in one pass over the vertices: normals, Lambertian shading by 3rd-order spherical harmonics,
/// projection, a bilinear sample of the picture, robust ℓ1 of sRGB-encoded colours. One pass replaces some forty tensor operations, and
/// its sums run in a fixed order, so that a fit repeats bit for bit.
/// </summary>
internal sealed class PhotoKernel
{
    /// <summary>Below this difference ℓ1 is rounded off, so that its derivative is continuous.</summary>
    private const float Soft = 0.01f;

    // Ŷᵢ = Yᵢ / Y₀₀ for bands 0–2: polynomials in the normal.
    private const float Root3 = 1.7320508f, Root15 = 3.8729833f, HalfRoot5 = 1.1180340f;

    private readonly FaceSubset _subset;
    private readonly Vector3[] _normal;
    private readonly float[] _normalLength;
    private readonly Vector3[] _dNormal;

    public PhotoKernel(FaceSubset subset)
    {
        _subset = subset;
        (_normal, _dNormal) = (new Vector3[subset.Count], new Vector3[subset.Count]);
        _normalLength = new float[subset.Count];
        (PositionGradient, AlbedoGradient) = (new float[3 * subset.Count], new float[3 * subset.Count]);
        (LightGradient, PoseGradient, Residual) = (new float[27], new float[7], new float[subset.Count]);
    }

    /// <summary>∂L/∂ positions, 3n.</summary>
    public float[] PositionGradient { get; }

    /// <summary>∂L/∂ albedo, 3n.</summary>
    public float[] AlbedoGradient { get; }

    /// <summary>∂L/∂ light, [9, 3].</summary>
    public float[] LightGradient { get; }

    /// <summary>∂L/∂ (rotation vector, tx, ty, ln s, ln k).</summary>
    public float[] PoseGradient { get; }

    /// <summary>n unweighted residuals: mean over the channels of |difference|.</summary>
    public float[] Residual { get; }

    /// <summary>n unit normals in head space, after <see cref="Evaluate"/>.</summary>
    public ReadOnlySpan<Vector3> Normals => _normal;

    /// <summary>The nine Ŷᵢ of a unit normal.</summary>
    public static void Basis(Vector3 n, Span<float> y)
    {
        (y[0], y[1], y[2], y[3]) = (1, Root3 * n.Y, Root3 * n.Z, Root3 * n.X);
        (y[4], y[5]) = (Root15 * n.X * n.Y, Root15 * n.Y * n.Z);
        y[6] = HalfRoot5 * ((3 * n.Z * n.Z) - 1);
        (y[7], y[8]) = (Root15 * n.X * n.Z, Root15 / 2 * ((n.X * n.X) - (n.Y * n.Y)));
    }

    /// <summary>Weighted mean of the residuals; the gradients are left in the properties.</summary>
    /// <param name="positions">3n, head space about the pose's origin, mm.</param>
    /// <param name="albedo">3n, linear.</param>
    /// <param name="light">[9, 3]: shading S(n) = Σ eᵢ·Ŷᵢ(n).</param>
    /// <param name="weights">n, ≥ 0.</param>
    public double Evaluate(
        ReadOnlySpan<float> positions, ReadOnlySpan<float> albedo, ReadOnlySpan<float> light, in PhotoPose pose, PhotoTarget target, ReadOnlySpan<float> weights)
    {
        Array.Clear(PositionGradient);
        Array.Clear(AlbedoGradient);
        Array.Clear(_dNormal);
        Array.Clear(Residual);
        var points = MemoryMarshal.Cast<float, Vector3>(positions);
        ComputeNormals(points);
        Span<double> dLight = stackalloc double[27];
        Span<double> dPose = stackalloc double[7];
        dLight.Clear();
        dPose.Clear();
        double total = 0, weightSum = 1e-9;
        foreach (var w in weights)
        {
            weightSum += w;
        }

        for (var i = 0; i < points.Length; i++)
        {
            if (weights[i] > 0)
            {
                total += weights[i] * Vertex(i, points[i], albedo, light, pose, target, (float)(weights[i] / weightSum), dLight, dPose);
            }
        }

        NormalsBackward(points);
        for (var k = 0; k < 27; k++)
        {
            LightGradient[k] = (float)dLight[k];
        }

        for (var k = 0; k < 7; k++)
        {
            PoseGradient[k] = (float)dPose[k];
        }

        return total / weightSum;
    }

    private static float Encode(float linear) => linear <= 0.0031308f ? 12.92f * linear : (1.055f * MathF.Pow(linear, 1 / 2.4f)) - 0.055f;

    private static float EncodeSlope(float linear) => linear <= 0.0031308f ? 12.92f : 1.055f / 2.4f * MathF.Pow(linear, (1 / 2.4f) - 1);

    private double Vertex(
        int i, Vector3 p, ReadOnlySpan<float> albedo, ReadOnlySpan<float> light, in PhotoPose pose, PhotoTarget target, float weight, Span<double> dLight, Span<double> dPose)
    {
        var r = pose.Rotation;
        var q = new Vector3(
            (r[0] * p.X) + (r[1] * p.Y) + (r[2] * p.Z), (r[3] * p.X) + (r[4] * p.Y) + (r[5] * p.Z), (r[6] * p.X) + (r[7] * p.Y) + (r[8] * p.Z));
        var depth = 1 - (pose.Curvature * q.Z);
        var (u, v) = (pose.Scale * (q.X + pose.Tx) / depth, -pose.Scale * (q.Y + pose.Ty) / depth);
        var (x, y) = (pose.Cx + u - 0.5f, pose.Cy + v - 0.5f);
        var side = target.Side;
        if (!(x >= 0 && y >= 0 && x < side - 1 && y < side - 1))
        {
            return 0;
        }

        var (x0, y0) = ((int)x, (int)y);
        var (fx, fy) = (x - x0, y - y0);
        var n = _normal[i];
        Span<float> basis = stackalloc float[9];
        Basis(n, basis);
        Span<float> dShading = stackalloc float[3];
        double sum = 0;
        float dx = 0, dy = 0;
        for (var c = 0; c < 3; c++)
        {
            var at = (c * side * side) + (y0 * side) + x0;
            var plane = target.Planes;
            var (a, b, d, e) = (plane[at], plane[at + 1], plane[at + side], plane[at + side + 1]);
            var (top, bottom) = (a + (fx * (b - a)), d + (fx * (e - d)));
            var seen = top + (fy * (bottom - top));
            var shading = 0f;
            for (var k = 0; k < 9; k++)
            {
                shading += light[(3 * k) + c] * basis[k];
            }

            // Light cannot be negative, and a picture cannot be brighter than white: beyond either there is no gradient.
            var lit = Math.Max(shading, 0.02f);
            var linear = Math.Max(albedo[(3 * i) + c], 0.002f) * lit;
            var difference = Math.Min(Encode(linear), 1) - seen;
            var smooth = MathF.Sqrt((difference * difference) + (Soft * Soft));
            sum += smooth - Soft;
            var slope = weight / 3 * difference / smooth;
            dx -= slope * (((1 - fy) * (b - a)) + (fy * (e - d)));
            dy -= slope * (bottom - top);
            if (linear < 1)
            {
                var dLinear = slope * EncodeSlope(linear);
                AlbedoGradient[(3 * i) + c] = albedo[(3 * i) + c] > 0.002f ? dLinear * lit : 0;
                dShading[c] = shading > 0.02f ? dLinear * Math.Max(albedo[(3 * i) + c], 0.002f) : 0;
            }
        }

        Residual[i] = (float)(sum / 3);
        for (var k = 0; k < 9; k++)
        {
            for (var c = 0; c < 3; c++)
            {
                dLight[(3 * k) + c] += dShading[c] * basis[k];
            }
        }

        _dNormal[i] = ShadingSlope(n, light, dShading);
        Camera(i, q, depth, u, v, dx, dy, pose, dPose);
        return sum / 3;
    }

    private static Vector3 ShadingSlope(Vector3 n, ReadOnlySpan<float> light, ReadOnlySpan<float> dShading)
    {
        Span<float> g = stackalloc float[9];
        for (var k = 0; k < 9; k++)
        {
            g[k] = (light[3 * k] * dShading[0]) + (light[(3 * k) + 1] * dShading[1]) + (light[(3 * k) + 2] * dShading[2]);
        }

        return new Vector3(
            (Root3 * g[3]) + (Root15 * ((g[4] * n.Y) + (g[7] * n.Z) + (g[8] * n.X))),
            (Root3 * g[1]) + (Root15 * ((g[4] * n.X) + (g[5] * n.Z) - (g[8] * n.Y))),
            (Root3 * g[2]) + (Root15 * ((g[5] * n.Y) + (g[7] * n.X))) + (6 * HalfRoot5 * g[6] * n.Z));
    }

    private void Camera(int i, Vector3 q, float depth, float u, float v, float dx, float dy, in PhotoPose pose, Span<double> dPose)
    {
        var dq = new Vector3(
            pose.Scale / depth * dx,
            -pose.Scale / depth * dy,
            pose.Curvature / depth * ((u * dx) + (v * dy)));

        // Y turns by δw × Y, so ∂L/∂w = Y × ∂L/∂Y.
        var turn = Vector3.Cross(q, dq);
        dPose[0] += turn.X;
        dPose[1] += turn.Y;
        dPose[2] += turn.Z;
        dPose[3] += dq.X;
        dPose[4] += dq.Y;
        dPose[5] += (u * dx) + (v * dy);
        dPose[6] += pose.Curvature * q.Z / depth * ((u * dx) + (v * dy));
        var r = pose.Rotation;
        PositionGradient[3 * i] += (r[0] * dq.X) + (r[3] * dq.Y) + (r[6] * dq.Z);
        PositionGradient[(3 * i) + 1] += (r[1] * dq.X) + (r[4] * dq.Y) + (r[7] * dq.Z);
        PositionGradient[(3 * i) + 2] += (r[2] * dq.X) + (r[5] * dq.Y) + (r[8] * dq.Z);
    }

    /// <summary>Area-weighted vertex normals.</summary>
    private void ComputeNormals(ReadOnlySpan<Vector3> points)
    {
        Array.Clear(_normal);
        var t = _subset.Triangles;
        for (var k = 0; k < t.Length; k += 3)
        {
            var face = Vector3.Cross(points[t[k + 1]] - points[t[k]], points[t[k + 2]] - points[t[k]]);
            _normal[t[k]] += face;
            _normal[t[k + 1]] += face;
            _normal[t[k + 2]] += face;
        }

        for (var i = 0; i < _normal.Length; i++)
        {
            var length = MathF.Max(_normal[i].Length(), 1e-12f);
            _normalLength[i] = length;
            _normal[i] /= length;
        }
    }

    /// <summary>Carries ∂L/∂ unit normals on to the positions.</summary>
    private void NormalsBackward(ReadOnlySpan<Vector3> points)
    {
        for (var i = 0; i < _normal.Length; i++)
        {
            _dNormal[i] = (_dNormal[i] - (Vector3.Dot(_dNormal[i], _normal[i]) * _normal[i])) / _normalLength[i];
        }

        var gradient = MemoryMarshal.Cast<float, Vector3>(PositionGradient.AsSpan());
        var t = _subset.Triangles;
        for (var k = 0; k < t.Length; k += 3)
        {
            var (a, b, c) = (t[k], t[k + 1], t[k + 2]);
            var g = _dNormal[a] + _dNormal[b] + _dNormal[c];
            var (ab, ac) = (points[b] - points[a], points[c] - points[a]);
            var (db, dc) = (Vector3.Cross(ac, g), Vector3.Cross(g, ab));
            gradient[a] -= db + dc;
            gradient[b] += db;
            gradient[c] += dc;
        }
    }
}
