using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Graphics;

/// <summary>
/// Warps the square region of a <see cref="FaceCrop"/> to S×S: the centre of output pixel (i, j) is crop coordinate ((i+½)/S, (j+½)/S), half-pixel
/// exact (findings.md: half a pixel costs a landmark network 0.2–0.3 points). Outside the picture its edge pixels continue.
/// </summary>
public static class CropSampler
{
    /// <summary>The crop as S×S×3, linear.</summary>
    public static Image Warp(Image image, FaceCrop crop, int side)
    {
        var result = new Image(side, side, 3);
        Sample(image, crop, side, (y, colours) => MemoryMarshal.Cast<Vector3, float>(colours).CopyTo(result.Row(y)));
        return result;
    }

    /// <summary>The crop as three planes (CHW), as networks take it.</summary>
    /// <param name="planes">3·side·side values.</param>
    /// <param name="srgb">True: encoded with the sRGB curve, which suits networks better than linear light.</param>
    public static void WarpPlanar(Image image, FaceCrop crop, int side, Memory<float> planes, bool srgb = true) =>
        Sample(image, crop, side, (y, colours) =>
        {
            var span = planes.Span;
            var plane = side * side;
            for (var x = 0; x < side; x++)
            {
                var at = (y * side) + x;
                var c = srgb ? Srgb.FromLinear(colours[x]) : colours[x];
                (span[at], span[at + plane], span[at + (2 * plane)]) = (c.X, c.Y, c.Z);
            }
        });

    private delegate void RowSink(int y, ReadOnlySpan<Vector3> colours);

    private static void Sample(Image image, FaceCrop crop, int side, RowSink put)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        if (image.Channels != 3)
        {
            throw new ArgumentException($"A crop is taken from 3 channels, not {image.Channels}.", nameof(image));
        }

        // Halve until an output pixel is at most 2 pixels wide, then average a grid of bilinear samples within it: a box in the
        // output's own (rotated) frame. 2×2 samples a pixel width leave no gap between bilinear tents.
        var (source, scale, shrink) = (image, crop.Size / side, 1f);
        while (scale > 2 && Math.Min(source.Width, source.Height) > 1)
        {
            (source, scale, shrink) = (Resample.Halve(source), scale / 2, shrink / 2);
        }

        var grid = scale <= 1 ? 1 : 2;
        var (sin, cos) = MathF.SinCos(crop.Roll);
        Parallel.For(0, side, () => new Vector3[side], (y, _, row) =>
        {
            for (var x = 0; x < side; x++)
            {
                var sum = Vector3.Zero;
                for (var j = 0; j < grid; j++)
                {
                    for (var i = 0; i < grid; i++)
                    {
                        // FaceCrop.ToPixel with its sine and cosine taken once.
                        var d = ((new Vector2(x + ((i + 0.5f) / grid), y + ((j + 0.5f) / grid)) / side) - new Vector2(0.5f)) * crop.Size;
                        var pixel = crop.Centre + new Vector2((cos * d.X) - (sin * d.Y), (sin * d.X) + (cos * d.Y));
                        sum += Resample.Bilinear3(source, pixel * shrink);
                    }
                }

                row[x] = sum / (grid * grid);
            }

            put(y, row);
            return row;
        }, _ => { });
    }
}
