namespace MoSar.Graphics;

/// <summary>The focal length in pixels from EXIF.</summary>
internal static class ExifFocal
{
    // The 24×36 mm frame's diagonal: CIPA DCG-001 compares diagonals, and so do phones with their 4:3 sensors.
    private const double FrameDiagonal = 43.2666;

    /// <summary>Null when the file says nothing usable.</summary>
    internal static double? InPixels(in NativeImage.Info info)
    {
        double width = info.Width, height = info.Height;
        if (info.Focal35 is > 3 and < 3000)
        {
            return info.Focal35 / FrameDiagonal * Math.Sqrt((width * width) + (height * height));
        }

        // Focal length over pixel pitch; the pitch belongs to the camera's own size, the file may have been scaled since.
        var unit = info.FocalPlaneUnit switch { 3 => 10.0, 4 => 1.0, _ => 25.4 };
        if (info is { FocalMillimetres: > 0.5f, FocalPlaneResolution: > 0 } && info.ExifWidth > 0)
        {
            var pixels = info.FocalMillimetres * info.FocalPlaneResolution / unit * width / info.ExifWidth;
            var ratio = pixels / Math.Max(width, height);
            return ratio is > 0.1 and < 50 ? pixels : null;
        }

        return null;
    }
}
