using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>
/// φ of a batch as <see cref="PinholeCamera"/> means it: P = R·X + t looks along −Z, x = cx + f·P.x/(−P.z), y = cy − f·P.y/(−P.z), square pixels.
/// </summary>
/// <param name="Rotation">R, [B, 3, 3].</param>
/// <param name="Translation">t, [B, 3], mm.</param>
/// <param name="LogFocal">ln f, [B], f in pixels of the crop.</param>
/// <param name="Principal">(cx, cy), [B, 2], pixels of the crop; takes no gradient.</param>
public sealed record CameraTensors(Tensor Rotation, Tensor Translation, Tensor LogFocal, Tensor Principal)
{
    /// <summary>
    /// Rotations from six numbers: the first two rows, made orthonormal by Gram and Schmidt (Zhou et al., CVPR 2019). Chosen before axis and angle
    /// or Euler angles because every rotation has a continuous neighbourhood of such numbers, which is what a network can learn, and none has a
    /// singular derivative; (1 0 0 0 1 0) is the identity.
    /// </summary>
    /// <param name="six">[B, 6]; neither half zero, nor one along the other.</param>
    /// <returns>[B, 3, 3], proper rotations.</returns>
    public static Tensor RotationOf(Tensor six)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (six.narrow(1, 0, 3), six.narrow(1, 3, 3));
        var first = Unit(a);
        var second = Unit(b - (first * (first * b).sum(1, keepdim: true)));

        // first × second, by columns: torch's cross differs between versions in its default dimension.
        var (p, q) = (first.unbind(1), second.unbind(1));
        var third = stack([(p[1] * q[2]) - (p[2] * q[1]), (p[2] * q[0]) - (p[0] * q[2]), (p[0] * q[1]) - (p[1] * q[0])], 1);
        return stack([first, second, third], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Known cameras of one batch.</summary>
    /// <exception cref="ArgumentException">A camera's pixels are not square.</exception>
    public static CameraTensors From(IReadOnlyList<PinholeCamera> cameras)
    {
        if (cameras.FirstOrDefault(c => Math.Abs((c.Fx / c.Fy) - 1) > 1e-3) is { } odd)
        {
            throw new ArgumentException($"A camera has Fx {odd.Fx:F1} and Fy {odd.Fy:F1}; only square pixels are meant here.");
        }

        long n = cameras.Count;
        return new CameraTensors(
            tensor(cameras.SelectMany(c => c.Rotation).Select(v => (float)v).ToArray(), [n, 3, 3]),
            tensor(cameras.SelectMany(c => new[] { c.Translation.X, c.Translation.Y, c.Translation.Z }).ToArray(), [n, 3]),
            tensor(cameras.Select(c => (float)Math.Log(c.Fx)).ToArray(), [n]),
            tensor(cameras.SelectMany(c => new[] { (float)c.Cx, (float)c.Cy }).ToArray(), [n, 2]));
    }

    /// <summary>One row as a camera.</summary>
    public PinholeCamera Pinhole(int row)
    {
        using var scope = NewDisposeScope();
        float[] Row(Tensor t) => t.detach().select(0, row).contiguous().data<float>().ToArray();
        var (r, t, f, p) = (Row(Rotation), Row(Translation), Math.Exp(Row(LogFocal)[0]), Row(Principal));
        return new PinholeCamera(f, f, p[0], p[1], [.. r.Select(v => (double)v)], new Vector3(t[0], t[1], t[2]));
    }

    /// <summary>Some rows; gradients pass.</summary>
    public CameraTensors Rows(long start, long count) =>
        new(Rotation.narrow(0, start, count), Translation.narrow(0, start, count), LogFocal.narrow(0, start, count), Principal.narrow(0, start, count));

    private static Tensor Unit(Tensor v) => v / (v * v).sum(1, keepdim: true).clamp_min(1e-12).sqrt();
}
