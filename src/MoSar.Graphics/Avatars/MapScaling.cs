namespace MoSar.Graphics;

/// <summary>Smaller copies of maps.</summary>
public static class MapScaling
{
    /// <summary>Halves a picture by averaging 2×2 until its longer side is at most <paramref name="side"/>; the same instance when it already is.</summary>
    public static Image ReduceTo(Image image, int side)
    {
        while (Math.Max(image.Width, image.Height) > side && image.Width > 1 && image.Height > 1)
        {
            image = Halve(image);
        }

        return image;
    }

    /// <summary>The average of every 2×2 block; an odd last row or column is dropped.</summary>
    public static Image Halve(Image image)
    {
        var (width, height, channels) = (image.Width / 2, image.Height / 2, image.Channels);
        var half = new Image(width, height, channels);
        Parallel.For(0, height, y =>
        {
            var top = image.Row(2 * y);
            var bottom = image.Row((2 * y) + 1);
            var row = half.Row(y);
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    var at = (2 * x * channels) + c;
                    row[(x * channels) + c] = 0.25f * (top[at] + top[at + channels] + bottom[at] + bottom[at + channels]);
                }
            }
        });
        return half;
    }
}
