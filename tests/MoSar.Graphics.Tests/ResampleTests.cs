using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class ResampleTests
{
    // Linear in x and y: every sampler that is exact to half a pixel reproduces it inside the borders.
    private static Image Ramp(int width, int height)
    {
        var image = new Image(width, height, 3);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                (image[x, y, 0], image[x, y, 1], image[x, y, 2]) = (x + 0.5f, y + 0.5f, 1);
            }
        }

        return image;
    }

    public static TheoryData<string> Kinds => ["area", "bilinear", "bicubic", "lanczos"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ResizingKeepsPlaces(string kind)
    {
        var image = Ramp(120, 90);
        foreach (var (w, h) in new[] { (60, 45), (40, 30), (180, 100), (77, 91) })
        {
            var small = Resize(kind, image, w, h);
            for (var y = h / 6; y < h - (h / 6); y++)
            {
                for (var x = w / 6; x < w - (w / 6); x++)
                {
                    // Enlarging by area repeats pixels: right to half a pixel. Stretched kernels, sampled at pixels, are not exact for ramps.
                    var tolerance = kind == "area" && w > 60 ? 0.51f : kind is "lanczos" or "bilinear" ? 0.08f : kind == "area" ? 2e-3f : 0.01f;
                    Assert.Equal((x + 0.5f) * 120 / w, small[x, y, 0], tolerance);
                    Assert.Equal((y + 0.5f) * 90 / h, small[x, y, 1], tolerance);
                    Assert.Equal(1, small[x, y, 2], 1e-5f);
                }
            }
        }
    }

    [Fact]
    public void AreaKeepsTheMean()
    {
        var image = Pictures.Textured(97, 61);
        var small = Resample.Area(image, 13, 7);
        Assert.Equal(image.Pixels.Average(), small.Pixels.Average(), 1e-4f);
    }

    [Theory]
    [InlineData(7, 5, 3)]
    [InlineData(7, 5, 4)]
    [InlineData(1, 9, 3)]
    [InlineData(1, 1, 3)]
    public void TheLookupOfThreeChannelsIsTheGeneralOne(int width, int height, int channels)
    {
        // Four floats at a time inside, one by one at the end of the buffer.
        var random = new Random(1);
        var image = new Image(width, height, channels, [.. Enumerable.Range(0, width * height * channels).Select(_ => random.NextSingle())]);
        var expected = new float[channels];
        for (var i = 0; i < 2000; i++)
        {
            var at = new Vector2((random.NextSingle() * (width + 2)) - 1, (random.NextSingle() * (height + 2)) - 1);
            Resample.Bilinear(image, at, expected);
            Assert.True(Vector3.Distance(new Vector3(expected), Resample.Bilinear3(image, at)) < 1e-5f, $"{at}");
        }
    }

    [Fact]
    public void SinglePixelsAndLinesCanBeResized()
    {
        foreach (var kind in Kinds)
        {
            var big = Resize(kind, new Image(1, 1, 3, [1, 2, 3]), 5, 4);
            Assert.Equal(new Vector3(1, 2, 3), big.Rgb(4, 3));
        }
    }

    [Theory]
    [InlineData(100f, 64)] // 1.6 pixels a sample
    [InlineData(32f, 64)]  // enlarged
    [InlineData(180f, 16)] // 11 pixels a sample
    public void CropsAreHalfPixelExact(float size, int side)
    {
        var image = Ramp(301, 299);
        var crop = new FaceCrop(new Vector2(150.3f, 148.7f), size, 0.4f);
        var warped = CropSampler.Warp(image, crop, side);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var expected = crop.ToPixel(new Vector2(x + 0.5f, y + 0.5f) / side);
                Assert.True((new Vector2(warped[x, y, 0], warped[x, y, 1]) - expected).Length() < 2e-3f, $"{x},{y}: {warped.Rgb(x, y)} {expected}");
            }
        }

        var planes = new float[3 * side * side];
        CropSampler.WarpPlanar(image, crop, side, planes, srgb: false);
        Assert.Equal(warped[3, 2, 1], planes[(side * side) + (2 * side) + 3]);
    }

    [Fact]
    public void MinifiedCropsAreAntialiased()
    {
        // A checkerboard of single pixels: a tenth of its resolution shows grey, not a pattern.
        var image = new Image(400, 400, 3);
        for (var i = 0; i < 160000; i++)
        {
            image.Pixels.AsSpan(3 * i, 3).Fill(((i % 400) + (i / 400)) % 2);
        }

        var small = CropSampler.Warp(image, new FaceCrop(new Vector2(200), 380, 0.3f), 38);
        Assert.All(small.Pixels, v => Assert.InRange(v, 0.35f, 0.65f));
    }

    [Fact]
    public void OutsideThePictureTheEdgeContinues()
    {
        var image = Ramp(10, 10);
        var warped = CropSampler.Warp(image, new FaceCrop(new Vector2(-50, -50), 4, 0), 4);
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(new Vector3(0.5f, 0.5f, 1), warped.Rgb(i % 4, i / 4)));
        Assert.Equal(new Vector3(0.5f, 0.5f, 1), Resample.Bilinear3(image, new Vector2(float.NaN)));
    }

    [Fact]
    public void PyramidSamplesKeepPlaces()
    {
        var pyramid = new MipPyramid(Ramp(161, 127), 16);
        foreach (var footprint in new[] { 0.5f, 1f, 2f, 3.3f, 8f })
        {
            var s = pyramid.Sample(new Vector2(80.2f, 60.9f), footprint);
            Assert.True((new Vector2(s.X, s.Y) - new Vector2(80.2f, 60.9f)).Length() < 2e-3f, $"{footprint}: {s}");
        }
    }

    private static Image Resize(string kind, Image image, int w, int h) => kind switch
    {
        "area" => Resample.Area(image, w, h),
        "bilinear" => Resample.Bilinear(image, w, h),
        "bicubic" => Resample.Bicubic(image, w, h),
        _ => Resample.Lanczos(image, w, h),
    };
}
