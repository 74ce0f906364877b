using System.Numerics;
using System.Security.Cryptography;

namespace MoSar.Graphics.Tests;

public sealed class ImageFileTests
{
    [Theory]
    [InlineData(8, ColourEncoding.Linear, 1, 0.5f / 255)]
    [InlineData(8, ColourEncoding.Linear, 3, 0.5f / 255)]
    [InlineData(16, ColourEncoding.Linear, 3, 0.5f / 65535)]
    [InlineData(16, ColourEncoding.Srgb, 3, 0.5f / 65535 * 2.5f)]
    [InlineData(8, ColourEncoding.Srgb, 3, 0.5f / 255 * 2.5f)]
    public void PngKeepsValuesToHalfACode(int bits, ColourEncoding encoding, int channels, float tolerance)
    {
        // Large enough for several stripes, whose seams must not show.
        var image = Pictures.Textured(1301, 903, channels);
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(folder.File("a.png"), image, bits, encoding);
        var back = encoding == ColourEncoding.Linear ? ImageFile.ReadData(folder.File("a.png")) : ImageFile.Read(folder.File("a.png"));
        Assert.True(Pictures.LargestDifference(image, back) <= tolerance * 1.01f);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void SrgbPngSurvivesAnotherRoundUnchanged(int bits)
    {
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(folder.File("a.png"), Pictures.Textured(70, 90), bits);
        ImageFile.WritePng(folder.File("b.png"), ImageFile.Read(folder.File("a.png")), bits);
        Assert.Equal(File.ReadAllBytes(folder.File("a.png")), File.ReadAllBytes(folder.File("b.png")));
    }

    [Fact]
    public void EncodedBytesDependOnThePixelsOnly() =>
        Assert.Equal(SHA256.HashData(ImageFile.EncodePng(Pictures.Textured(1301, 903))), SHA256.HashData(ImageFile.EncodePng(Pictures.Textured(1301, 903))));

    [Fact]
    public void ValuesOutsideTheRangeAreClampedAndNanIsBlack()
    {
        var png = ImageFile.EncodePng(new Image(4, 1, 1, [-1, 2, float.NaN, 0.5f]), 8, ColourEncoding.Linear);
        Assert.Equal([0, 1, 0, 128 / 255f], ImageFile.Decode("x", png, ColourEncoding.Linear).Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void MapsAreWrittenAsTheirDescriptorSays()
    {
        using var folder = new TemporaryFolder();
        var normal = new Image(2, 1, 3, [0, 0, 1, -1, 1, 0]);
        ImageFile.Write(folder.File("n.png"), new Map(WellKnownMaps.Normal, normal));
        var back = ImageFile.ReadData(folder.File("n.png"));
        Assert.Equal([0.5, 0.5, 1, 0, 1, 0.5], back.Pixels.Select(v => Math.Round(v, 4)));
        var displacement = new Image(2, 1, 1, [-0.25f, 3.5f]);
        ImageFile.Write(folder.File("d.exr"), new Map(WellKnownMaps.Displacement, displacement));
        Assert.Equal(displacement.Pixels, ImageFile.ReadData(folder.File("d.exr")).Pixels);
    }

    [Fact]
    public void FloatFormatsKeepLight()
    {
        using var folder = new TemporaryFolder();
        var image = Pictures.Textured(80, 70);
        image[3, 4, 1] = 900;
        ImageFile.WriteExr(folder.File("a.exr"), image);
        Assert.True(Relative(image, ImageFile.Read(folder.File("a.exr"))) < 1 / 1024f);

        // RGBE shares the exponent of the largest channel, so the bright pixel is made grey first.
        image.Pixels.AsSpan(3 * ((4 * 80) + 3), 3).Fill(900);
        ImageFile.WriteHdr(folder.File("a.hdr"), image);
        Assert.True(Relative(image, ImageFile.Read(folder.File("a.hdr"))) < 0.02f);
        File.WriteAllBytes(folder.File("a.tif"), NativeImage.Encode("tiff", image, NativeImage.KindFloat, 0));
        Assert.Equal(0, Pictures.LargestDifference(image, ImageFile.Read(folder.File("a.tif"))));
    }

    [Theory]
    [InlineData(NativeImage.KindByte, 0.5f / 255)]
    [InlineData(NativeImage.KindUshort, 0.5f / 65535)]
    public void IntegerTiffIsSrgb(int kind, float tolerance)
    {
        using var folder = new TemporaryFolder();
        var image = Pictures.Textured(80, 70);
        File.WriteAllBytes(folder.File("a.tif"), NativeImage.Encode("tiff", image, kind, 0));
        var back = ImageFile.Read(folder.File("a.tif"));
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            Assert.Equal(image.Pixels[i], Srgb.FromLinear(back.Pixels[i]), tolerance * 1.02f);
        }
    }

    [Fact]
    public void CmykBecomesColour()
    {
        var image = ImageFile.Read(Path.Combine(AppContext.BaseDirectory, "Data", "cmyk.jpg"));
        var (red, grey) = (Srgb.FromLinear(image.Rgb(20, 48)), Srgb.FromLinear(image.Rgb(80, 48)));
        Assert.True((red - Vector3.UnitX).Length() < 0.05f, red.ToString());
        Assert.True((grey - new Vector3(0.5f)).Length() < 0.05f, grey.ToString());
    }

    [Fact]
    public void GreyIsSpreadAndAlphaComposited()
    {
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(folder.File("g.png"), Pictures.Textured(70, 70, 1));
        var grey = ImageFile.ReadPhotograph(folder.File("g.png")).Pixels;
        Assert.Equal((3, grey[5, 6, 0]), (grey.Channels, grey[5, 6, 2]));

        var clear = new Image(70, 70, 4);
        for (var i = 0; i < 70 * 70; i++)
        {
            clear.Pixels.AsSpan(4 * i, 4).Fill(1);
            clear.Pixels[(4 * i) + 3] = i < 70 ? 0 : i < 140 ? 0.2f : 1;
        }

        ImageFile.WritePng(folder.File("a.png"), clear);
        var over = ImageFile.ReadPhotograph(folder.File("a.png")).Pixels;
        Assert.Equal(0.18f, over[3, 0, 1], 1e-5f);
        Assert.Equal(0.2f + (0.8f * 0.18f), over[3, 1, 1], 1e-3f);
        Assert.Equal(1, over[3, 2, 1], 1e-5f);
        Assert.Equal(4, ImageFile.ReadData(folder.File("a.png")).Channels);
    }

    [Fact]
    public void OrientationTurnsThePictureUpright()
    {
        // Quarters of different brightness, stored as each orientation would store the same upright scene.
        var upright = new Image(96, 64, 3);
        for (var y = 0; y < 64; y++)
        {
            for (var x = 0; x < 96; x++)
            {
                upright.Pixels.AsSpan(((y * 96) + x) * 3, 3).Fill(((x < 48 ? 0 : 1) + (y < 32 ? 0 : 2)) / 4f);
            }
        }

        using var folder = new TemporaryFolder();
        for (ushort o = 1; o <= 8; o++)
        {
            // The inverse of 6 is 8; all others are their own.
            var stored = Orientation.Apply(upright, o == 6 ? 8 : o == 8 ? 6 : o);
            File.WriteAllBytes(folder.File("a.jpg"), Exif.Insert(ImageFile.EncodeJpeg(stored, 95), o, focal35: 50));
            var photo = ImageFile.ReadPhotograph(folder.File("a.jpg"));
            Assert.Equal((96, 64), (photo.Width, photo.Height));
            foreach (var (x, y) in new[] { (20, 10), (70, 10), (20, 50), (70, 50) })
            {
                Assert.Equal(upright[x, y, 0], photo.Pixels[x, y, 0], 0.02f);
            }

            Assert.Equal(50 / 43.2666 * Math.Sqrt((96 * 96) + (64 * 64)), photo.FocalLength!.Value, 1e-3);
        }
    }

    [Fact]
    public void PhotographsCarryNameHashAndNoFocalWithoutExif()
    {
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(folder.File("some.face.png"), Pictures.Textured(70, 90));
        var photo = ImageFile.ReadPhotograph(folder.File("some.face.png"));
        Assert.Equal(("some.face", (double?)null), (photo.Name, photo.FocalLength));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File("some.face.png")))), photo.Sha256);
    }

    private static float Relative(Image a, Image b)
    {
        var worst = 0f;
        for (var i = 0; i < a.Pixels.Length; i++)
        {
            worst = MathF.Max(worst, MathF.Abs(a.Pixels[i] - b.Pixels[i]) / a.Pixels[i]);
        }

        return worst;
    }
}
