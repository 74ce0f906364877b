using System.Numerics;

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
        Sample(image, crop, side, (x, y, colour) => colour.CopyTo(result.Pixels, ((y * side) + x) * 3));
        return result;
    }

    /// <summary>The crop as three planes (CHW), as networks take it.</summary>
    /// <param name="planes">3·side·side values.</param>
    /// <param name="srgb">True: encoded with the sRGB curve, which suits networks better than linear light.</param>
    public static void WarpPlanar(Image image, FaceCrop crop, int side, Memory<float> planes, bool srgb = true) =>
        Sample(image, crop, side, (x, y, colour) =>
        {
            var span = planes.Span;
            var (at, plane) = ((y * side) + x, side * side);
            var c = srgb ? Srgb.FromLinear(colour) : colour;
            (span[at], span[at + plane], span[at + (2 * plane)]) = (c.X, c.Y, c.Z);
        });

    private static void Sample(Image image, FaceCrop crop, int side, Action<int, int, Vector3> put)
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
        Parallel.For(0, side, y =>
        {
            for (var x = 0; x < side; x++)
            {
                var sum = Vector3.Zero;
                for (var j = 0; j < grid; j++)
                {
                    for (var i = 0; i < grid; i++)
                    {
                        var uv = new Vector2(x + ((i + 0.5f) / grid), y + ((j + 0.5f) / grid)) / side;
                        sum += Resample.Bilinear3(source, crop.ToPixel(uv) * shrink);
                    }
                }

                put(x, y, sum / (grid * grid));
            }
        });
    }
}
