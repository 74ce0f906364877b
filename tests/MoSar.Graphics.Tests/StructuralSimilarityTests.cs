namespace MoSar.Graphics.Tests;

public sealed class StructuralSimilarityTests
{
    [Fact]
    public void ItIsScikitImagesNumber()
    {
        // Data/make_ssim.py prints these.
        var (a, b, disc) = (new Image(64, 48, 3), new Image(64, 48, 3), new float[64 * 48]);
        for (var y = 0; y < 48; y++)
        {
            for (var x = 0; x < 64; x++)
            {
                disc[(y * 64) + x] = ((x - 30) * (x - 30)) + ((y - 20) * (y - 20)) < 225 ? 1 : 0;
                for (var c = 0; c < 3; c++)
                {
                    a[x, y, c] = (float)(0.5 + (0.4 * Math.Sin((0.3 * x) + (0.2 * y) + c)));
                    b[x, y, c] = (float)(a[x, y, c] + (0.1 * Math.Sin((0.011 * x * y) + (2 * c))));
                }
            }
        }

        Assert.Equal(0.9159922369, StructuralSimilarity.Mean(a, b), 1e-5);
        Assert.Equal(0.9266609383, StructuralSimilarity.Mean(a, b, mask: disc), 1e-5);
        Assert.Equal(1, StructuralSimilarity.Mean(a, a), 1e-6);
        Assert.Throws<ArgumentException>(() => StructuralSimilarity.Mean(a, new Image(64, 48, 1)));
    }
}
