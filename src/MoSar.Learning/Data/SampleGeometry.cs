using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Learning.Data;

/// <summary>A sample through another square of its picture: all that is in pixels follows. Head-space things and maps stay as they are.</summary>
public static class SampleGeometry
{
    /// <param name="sample">Has a photograph.</param>
    /// <param name="crop">The square, in the photograph's pixels.</param>
    /// <param name="side">Pixels of the new picture.</param>
    /// <exception cref="MoSarException"><c>sample-camera</c>: a turned crop of a camera whose pixels are not square.</exception>
    public static DatasetSample Crop(DatasetSample sample, FaceCrop crop, int side)
    {
        // Very often the picture has the wanted size already.
        return sample.Photograph is { } picture && picture.Width == side && crop == Whole(picture) ? sample : Resampled(sample, crop, side);
    }

    private static DatasetSample Resampled(DatasetSample sample, FaceCrop crop, int side) => sample with
    {
        Photograph = sample.Photograph is { } photograph ? Warp(photograph, crop, side) : null,
        Mask = sample.Mask is { } mask ? Blacken(Warp(mask, crop, side), mask, crop) : null,
        Labels = sample.Labels is { } l ? new PixelLabels(Nearest(l.Position, crop, side), Nearest(l.Normal, crop, side), Nearest(l.Uv, crop, side)) : null,
        Landmarks = sample.Landmarks is { } landmarks ? landmarks with { Points = [.. landmarks.Points.Select(p => crop.FromPixel(p) * side)] } : null,
        Camera = sample.Camera is { } camera ? Crop(camera, crop, side, sample.Id) : null,
    };

    private static PinholeCamera Crop(PinholeCamera camera, FaceCrop crop, int side, string owner)
    {
        if (crop.Roll != 0 && Math.Abs((camera.Fx / camera.Fy) - 1) > 1e-3)
        {
            throw new MoSarException(
                "sample-camera", $"'{owner}' has a camera with Fx {camera.Fx:F1} and Fy {camera.Fy:F1}; turned, it is no pinhole camera without skew.", "Do not rotate these data.");
        }

        var scale = side / (double)crop.Size;
        var centre = crop.FromPixel(new Vector2((float)camera.Cx, (float)camera.Cy)) * side;
        return camera.Rolled(crop.Roll) with { Fx = scale * camera.Fx, Fy = scale * camera.Fy, Cx = centre.X, Cy = centre.Y };
    }

    /// <summary>As <see cref="CropSampler"/>; whole pictures of twice the size, four times and so on are halved, which is the same and faster.</summary>
    private static Image Warp(Image image, FaceCrop crop, int side)
    {
        while (crop == Whole(image) && image.Width % 2 == 0 && image.Width >= 2 * side)
        {
            image = Resample.Halve(image);
            crop = Whole(image)!.Value;
        }

        return crop == Whole(image) && image.Width == side ? image : CropSampler.Warp(image, crop, side);
    }

    /// <summary>The crop that is all of a square picture; none for another one.</summary>
    private static FaceCrop? Whole(Image image) => image.Width == image.Height ? new FaceCrop(new Vector2(image.Width) / 2, image.Width, 0) : null;

    /// <summary>Labels are never mixed: halfway between nose and background there is neither.</summary>
    private static Image? Nearest(Image? labels, FaceCrop crop, int side)
    {
        if (labels is null)
        {
            return null;
        }

        var n = labels.Channels;
        var result = new Image(side, side, n);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var p = crop.ToPixel(new Vector2(x + 0.5f, y + 0.5f) / side);
                if (IsInside(labels, p))
                {
                    labels.Pixels.AsSpan((((int)p.Y * labels.Width) + (int)p.X) * n, n).CopyTo(result.Pixels.AsSpan(((y * side) + x) * n));
                }
            }
        }

        return result;
    }

    /// <summary>A photograph's edge continues, but nothing is known there: the mask is 0.</summary>
    private static Image Blacken(Image warped, Image source, FaceCrop crop)
    {
        for (var y = 0; y < warped.Height; y++)
        {
            for (var x = 0; x < warped.Width; x++)
            {
                if (!IsInside(source, crop.ToPixel(new Vector2(x + 0.5f, y + 0.5f) / warped.Width)))
                {
                    warped.Pixels.AsSpan(((y * warped.Width) + x) * warped.Channels, warped.Channels).Clear();
                }
            }
        }

        return warped;
    }

    private static bool IsInside(Image image, Vector2 p) => p.X >= 0 && p.Y >= 0 && p.X < image.Width && p.Y < image.Height;
}
