namespace MoSar.Graphics.Tests;

/// <summary>Small test pictures, the same in every run.</summary>
internal static class Pictures
{
    /// <summary>Smooth colours with a little noise; values in (0, 1).</summary>
    public static Image Textured(int width, int height, int channels = 3, int seed = 1)
    {
        var random = new Random(seed);
        var image = new Image(width, height, channels);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    image[x, y, c] = 0.5f + (0.3f * MathF.Sin((0.011f * x * (c + 1)) + (0.017f * y))) + (0.05f * random.NextSingle());
                }
            }
        }

        return image;
    }

    public static float LargestDifference(Image a, Image b)
    {
        Assert.Equal((a.Width, a.Height, a.Channels), (b.Width, b.Height, b.Channels));
        var largest = 0f;
        for (var i = 0; i < a.Pixels.Length; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(a.Pixels[i] - b.Pixels[i]));
        }

        return largest;
    }
}
