using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>What a person looks at while it trains: pictures above, the estimated heads drawn over them below.</summary>
internal static class ScenePicture
{
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
