namespace MoSar.Graphics;

/// <summary>EXIF orientation 1..8: how the stored rows and columns must be turned so that the picture stands upright.</summary>
internal static class Orientation
{
    internal static bool SwapsSides(int orientation) => orientation is >= 5 and <= 8;

    /// <summary>The upright picture; the same object for orientation 1.</summary>
    internal static Image Apply(Image image, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return image;
        }

        var (w, h, n) = (image.Width, image.Height, image.Channels);
        var (width, height) = SwapsSides(orientation) ? (h, w) : (w, h);
        var result = new Image(width, height, n);
        Parallel.For(0, height, y =>
        {
            var row = result.Row(y);
            for (var x = 0; x < width; x++)
            {
                // Where the upright pixel (x, y) is stored; the names say where the stored row 0 and column 0 lie in the scene.
                var (sx, sy) = orientation switch
                {
                    2 => (w - 1 - x, y),          // top, right
                    3 => (w - 1 - x, h - 1 - y),  // bottom, right
                    4 => (x, h - 1 - y),          // bottom, left
                    5 => (y, x),                  // left, top
                    6 => (y, h - 1 - x),          // right, top
                    7 => (w - 1 - y, h - 1 - x),  // right, bottom
                    _ => (w - 1 - y, x),          // left, bottom
                };
                image.Pixels.AsSpan(((sy * w) + sx) * n, n).CopyTo(row[(x * n)..]);
            }
        });
        return result;
    }
}
