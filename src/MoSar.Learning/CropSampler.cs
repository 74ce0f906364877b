using System.Numerics;

namespace MoSar.Learning;

/// <summary>
/// Cuts a square out of a photograph for a network. Output pixel (i, j) shows crop coordinates ((i + ½)/side, (j + ½)/side), so a point
/// found at crop coordinates (u, v) is at <see cref="FaceCrop.ToPixel"/>(u, v) without any half-pixel to add. Each output pixel is the
/// mean of enough bilinear samples for the reduction; beyond the picture its edge repeats.
/// </summary>
public static class CropSampler
{
    /// <summary>Most samples along each axis of an output pixel: enough for faces of 2,000 pixels in crops of 128.</summary>
    private const int MaximumTaps = 16;

    private const int CurveSteps = 4096;

    private static readonly float[] Curve = MakeCurve();

    /// <summary>sRGB-encoded values in [−1, 1], planes R, G, B of side × side: one NCHW item.</summary>
    /// <param name="image">H×W×3 linear.</param>
    /// <param name="crop">Where.</param>
    /// <param name="side">Pixels of the result along each axis.</param>
    /// <param name="target">3·side·side values.</param>
    public static void Sample(Image image, FaceCrop crop, int side, Span<float> target)
    {
        var taps = Math.Clamp((int)MathF.Ceiling(crop.Size / side), 1, MaximumTaps);
        var (sin, cos) = MathF.SinCos(crop.Roll);
        var step = crop.Size / side;
        var right = new Vector2(cos, sin) * step;
        var down = new Vector2(-sin, cos) * step;
        var corner = crop.ToPixel(Vector2.Zero);
        var plane = side * side;
        for (var j = 0; j < side; j++)
        {
            for (var i = 0; i < side; i++)
            {
                var sum = Vector3.Zero;
                for (var t = 0; t < taps * taps; t++)
                {
                    var u = i + (((t % taps) + 0.5f) / taps);
                    var v = j + (((t / taps) + 0.5f) / taps);
                    sum += Bilinear(image, corner + (u * right) + (v * down));
                }

                sum /= taps * taps;
                var at = (j * side) + i;
                target[at] = Encode(sum.X);
                target[plane + at] = Encode(sum.Y);
                target[(2 * plane) + at] = Encode(sum.Z);
            }
        }
    }

    /// <summary>A linear value as the networks see it: sRGB's curve, [0, 1] → [−1, 1].</summary>
    public static float Encode(float linear) => Curve[(int)(MathF.Sqrt(Math.Clamp(linear, 0, 1)) * (CurveSteps - 1))];

    /// <param name="image">H×W×3.</param>
    /// <param name="p">Continuous pixels: the middle of pixel (i, j) is (i + ½, j + ½).</param>
    public static Vector3 Bilinear(Image image, Vector2 p)
    {
        float x = Math.Clamp(p.X - 0.5f, 0, image.Width - 1), y = Math.Clamp(p.Y - 0.5f, 0, image.Height - 1);
        int x0 = (int)x, y0 = (int)y;
        int x1 = Math.Min(x0 + 1, image.Width - 1), y1 = Math.Min(y0 + 1, image.Height - 1);
        float fx = x - x0, fy = y - y0;
        return Vector3.Lerp(
            Vector3.Lerp(image.Rgb(x0, y0), image.Rgb(x1, y0), fx),
            Vector3.Lerp(image.Rgb(x0, y1), image.Rgb(x1, y1), fx),
            fy);
    }

    /// <summary>Over the square root of the linear value, where sRGB's curve is nearly straight.</summary>
    private static float[] MakeCurve()
    {
        var curve = new float[CurveSteps];
        for (var i = 0; i < CurveSteps; i++)
        {
            var v = i / (CurveSteps - 1f);
            v *= v;
            var s = v <= 0.0031308f ? 12.92f * v : (1.055f * MathF.Pow(v, 1 / 2.4f)) - 0.055f;
            curve[i] = (2 * s) - 1;
        }

        return curve;
    }
}
