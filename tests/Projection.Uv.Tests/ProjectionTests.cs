using System.Numerics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Projection.Tests;

public sealed class ProjectionTests
{
    [Fact]
    public void Each_texel_takes_the_colour_of_the_pixel_it_projects_to()
    {
        // A plane of 300 mm at 600 mm before a camera of 1000 pixels focal length covers 500 pixels around (500, 500).
        var pixels = TestHeads.Paint(1000, 3, (u, v, c) => c == 0 ? u : c == 1 ? v : 0.5f);
        var result = Run(pixels, new UvProjectionOptions());
        foreach (var (x, y) in new[] { (20, 20), (64, 64), (100, 30) })
        {
            var (u, v) = ((x + 0.5f) / 128, (y + 0.5f) / 128);
            var want = new Vector3(0.25f + (u / 2), 0.25f + (v / 2), 0.5f);
            Assert.True((result.Texture.Rgb(x, y) - want).Length() < 0.003f);
            Assert.Equal(1, result.Visibility[x, y, 0], 1e-3f);
        }
    }

    [Fact]
    public void Grazing_limits_in_the_wrong_order_are_refused()
    {
        var error = Assert.Throws<MoSarException>(() => new UvProjection(new UvProjectionOptions { GrazingZero = 0.6, GrazingFull = 0.5 }));
        Assert.Equal("grazing-order", error.Code);
        Assert.Contains("0.6", error.Message, StringComparison.Ordinal);
    }

    private static PartialTexture Run(Image pixels, UvProjectionOptions options)
    {
        var reconstruction = TestHeads.Reconstruct(TestHeads.Plane(300, 300));
        return new UvProjection(options).Run(new ProjectionInput(new Photograph("test", "test.png", pixels, null, string.Empty), reconstruction, 128), StageContext.None);
    }
}
