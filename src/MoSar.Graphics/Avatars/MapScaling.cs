namespace MoSar.Graphics;

/// <summary>Smaller copies of maps.</summary>
public static class MapScaling
{
    /// <summary>Halves a picture by 2×2 averages until its longer side is at most <paramref name="side"/>; the same instance when it already is.</summary>
    public static Image ReduceTo(Image image, int side)
    {
        while (Math.Max(image.Width, image.Height) > side)
        {
            image = Resample.Halve(image);
        }

        return image;
    }
}
