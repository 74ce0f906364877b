using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>What a person looks at while it trains: pictures above, the estimated heads drawn over them below.</summary>
internal static class ScenePicture
{
    /// <summary>The crops with points drawn upon them, bright ones nearer.</summary>
    /// <param name="images">[B, 3, H, W], linear.</param>
    /// <param name="points">[B, K, 3], parts of the side.</param>
    /// <returns>2H×2BW, linear.</returns>
    public static Image DrawPoints(Tensor images, Tensor points)
    {
        const int Scale = 2;
        using var scope = NewDisposeScope();
        var (rows, height, width) = ((int)images.shape[0], (int)images.shape[2], (int)images.shape[3]);
        var pixels = images.contiguous().data<float>().ToArray();
        var places = points.detach().contiguous().data<float>().ToArray();
        var count = (int)points.shape[1];
        var result = new Image(Scale * rows * width, Scale * height, 3);
        for (var row = 0; row < rows; row++)
        {
            for (var y = 0; y < Scale * height; y++)
            {
                for (var x = 0; x < Scale * width; x++)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        Set(result, (Scale * row * width) + x, y, c, 0.5f * pixels[(((((row * 3) + c) * height) + (y / Scale)) * width) + (x / Scale)]);
                    }
                }
            }

            for (var k = 0; k < count; k++)
            {
                var at = 3 * ((row * count) + k);
                var (x, y) = ((int)(Scale * width * places[at]), (int)(Scale * height * places[at + 1]));
                if (x >= 0 && y >= 0 && x < Scale * width && y < Scale * height)
                {
                    var near = Math.Clamp(0.5f + (3 * places[at + 2]), 0.1f, 1);
                    Set(result, (Scale * row * width) + x, y, 0, 1 - near);
                    Set(result, (Scale * row * width) + x, y, 1, near);
                    Set(result, (Scale * row * width) + x, y, 2, near);
                }
            }
        }

        return result;
    }

    /// <param name="images">[B, 3, H, W], linear.</param>
    /// <returns>2H×BW, linear.</returns>
    public static Image Draw(Tensor images, IReadOnlyDictionary<string, Tensor> estimates)
    {
        using var scope = NewDisposeScope();
        var shape = images.shape;
        var (rows, height, width) = ((int)shape[0], (int)shape[2], (int)shape[3]);
        var pixels = images.contiguous().data<float>().ToArray();
        var projected = estimates["projected"].detach().contiguous().data<float>().ToArray();
        var colours = estimates["colours"].detach().contiguous().data<float>().ToArray();
        var visible = estimates["visible"].detach().contiguous().data<float>().ToArray();
        var count = visible.Length / rows;
        var result = new Image(rows * width, 2 * height, 3);
        for (var row = 0; row < rows; row++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        var value = pixels[(((((row * 3) + c) * height) + y) * width) + x];
                        Set(result, (row * width) + x, y, c, value);
                        Set(result, (row * width) + x, height + y, c, 0.3f * value);
                    }
                }
            }

            for (var v = 0; v < count; v++)
            {
                var at = (row * count) + v;
                var (x, y) = ((int)MathF.Floor(projected[2 * at]), (int)MathF.Floor(projected[(2 * at) + 1]));
                if (visible[at] > 0 && x >= 0 && y >= 0 && x < width && y < height)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        Set(result, (row * width) + x, height + y, c, colours[(3 * at) + c]);
                    }
                }
            }
        }

        return result;
    }

    private static void Set(Image image, int x, int y, int channel, float value) => image.Pixels[(((y * image.Width) + x) * 3) + channel] = Math.Clamp(value, 0, 1);
}
