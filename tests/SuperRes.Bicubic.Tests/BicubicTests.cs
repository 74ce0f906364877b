namespace MoSar.Plugins.SuperRes.Tests;

public sealed class BicubicTests
{
    private static readonly MapDescriptor Height = new("height", 1, -100, 100, MapEncoding.Exr, "mm", "A test map.");

    private readonly BicubicSuperResolver _bicubic = new(new BicubicOptions());

    [Theory]
    [InlineData(1, 32, 128)]
    [InlineData(3, 32, 128)]
    [InlineData(2, 20, 33)]
    [InlineData(3, 17, 51)]
    public void Quadratic_surfaces_are_reproduced_exactly_away_from_the_border(int channels, int from, int to)
    {
        static double Surface(double u, double v, int c) => 3 + (2 * u) - (5 * v) + (4 * u * u) - (3 * u * v) + (c * v * v);
        var source = Make(from, channels, Surface);
        var got = Enlarge(Height with { Channels = channels }, source, to);
        var margin = 2 * to / from;
        for (var y = margin; y < to - margin; y++)
        {
            for (var x = margin; x < to - margin; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    Assert.Equal(Surface((x + 0.5) / to, (y + 0.5) / to, c), got[x, y, c], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void A_constant_stays_constant_up_to_the_corners()
    {
        var got = Enlarge(Height, Make(9, 1, (_, _, _) => 0.7), 64);
        Assert.All(got.Pixels, v => Assert.Equal(0.7f, v, 1e-6f));
    }

    [Fact]
    public void Overshoot_is_clamped_to_the_range()
    {
        var got = Enlarge(WellKnownMaps.AmbientOcclusion, Make(16, 1, (u, _, _) => u < 0.5 ? 0 : 1), 64);
        Assert.All(got.Pixels, v => Assert.InRange(v, 0f, 1f));
        var free = Enlarge(Height, Make(16, 1, (u, _, _) => u < 0.5 ? 0 : 1), 64);
        Assert.True(free.Pixels.Max() > 1.01f);
    }

    [Fact]
    public void Normals_keep_unit_length()
    {
        var random = new Random(1);
        var source = new Image(16, 16, 3);
        for (var i = 0; i < 256; i++)
        {
            var (x, y) = (random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
            (source.Pixels[3 * i], source.Pixels[(3 * i) + 1], source.Pixels[(3 * i) + 2]) = (x, y, MathF.Sqrt(1 - (x * x) - (y * y)));
        }

        var got = Enlarge(WellKnownMaps.Normal, source, 50);
        for (var i = 0; i < 2500; i++)
        {
            Assert.Equal(1f, got.Rgb(i % 50, i / 50).Length(), 1e-5f);
        }
    }

    [Fact]
    public void The_same_size_is_the_same_map()
    {
        var map = new Map(Height, new Image(8, 8, 1));
        Assert.Same(map, _bicubic.Run(new SuperResolutionInput(map, 8, map.Pixels), StageContext.None));
    }

    [Fact]
    public void Shrinking_is_refused()
    {
        var map = new Map(Height, new Image(8, 8, 1));
        var error = Assert.Throws<MoSarException>(() => _bicubic.Run(new SuperResolutionInput(map, 4, map.Pixels), StageContext.None));
        Assert.Equal("output-resolution-too-low", error.Code);
    }

    private Image Enlarge(MapDescriptor descriptor, Image source, int size) =>
        _bicubic.Run(new SuperResolutionInput(new Map(descriptor, source), size, source), StageContext.None).Pixels;

    private static Image Make(int size, int channels, Func<double, double, int, double> value)
    {
        var image = new Image(size, size, channels);
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            var (x, y) = (i / channels % size, i / channels / size);
            image.Pixels[i] = (float)value((x + 0.5) / size, (y + 0.5) / size, i % channels);
        }

        return image;
    }
}
