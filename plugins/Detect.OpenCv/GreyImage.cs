namespace MoSar.Detect.OpenCv;

internal static class GreyImage
{
    /// <summary>
    /// 8-bit luma with sRGB's curve, reduced by exact area means so that its longer side is at most <paramref name="side"/>; never enlarged.
    /// </summary>
    public static (byte[] Grey, int Width, int Height) Reduce(Image image, int side)
    {
        var factor = Math.Max(1.0, Math.Max(image.Width, image.Height) / (double)side);
        var width = Math.Max(1, (int)Math.Round(image.Width / factor));
        var height = Math.Max(1, (int)Math.Round(image.Height / factor));

        // Columns first, one input row at a time: memory traffic is one pass over the picture.
        var sums = new double[width * height];
        var row = new double[width];
        double stepX = image.Width / (double)width, stepY = image.Height / (double)height;
        for (var y = 0; y < image.Height; y++)
        {
            ReduceRow(image, y, stepX, row);
            double top = y / stepY, bottom = (y + 1) / stepY;
            for (var target = (int)top; target < Math.Min(height, Math.Ceiling(bottom)); target++)
            {
                var weight = Math.Min(bottom, target + 1) - Math.Max(top, target);
                for (var x = 0; x < width; x++)
                {
                    sums[(target * width) + x] += weight * row[x];
                }
            }
        }

        var grey = new byte[sums.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = Encode(sums[i]);
        }

        return (grey, width, height);
    }

    private static void ReduceRow(Image image, int y, double step, double[] row)
    {
        Array.Clear(row);
        for (var x = 0; x < image.Width; x++)
        {
            var c = image.Rgb(x, y);
            var luma = (0.2126 * c.X) + (0.7152 * c.Y) + (0.0722 * c.Z);
            double left = x / step, right = (x + 1) / step;
            for (var target = (int)left; target < Math.Min(row.Length, Math.Ceiling(right)); target++)
            {
                row[target] += luma * (Math.Min(right, target + 1) - Math.Max(left, target));
            }
        }
    }

    private static byte Encode(double linear)
    {
        var v = Math.Clamp(linear, 0, 1);
        var s = v <= 0.0031308 ? 12.92 * v : (1.055 * Math.Pow(v, 1 / 2.4)) - 0.055;
        return (byte)Math.Round(255 * s);
    }
}
