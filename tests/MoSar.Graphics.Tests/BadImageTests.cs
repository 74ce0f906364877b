using MoSar.Testing;

namespace MoSar.Graphics.Tests;

/// <summary>Every kind of bad picture has its code and a message that names the file.</summary>
public sealed class BadImageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void MissingFile() => Expect("missing.png", "file-missing", "There is no file '{0}'.");

    [Fact]
    public void Folder()
    {
        Directory.CreateDirectory(_folder.File("d.png"));
        Expect("d.png", "file-is-folder", "'{0}' is a folder, not a picture.");
    }

    [Fact]
    public void ZeroBytes()
    {
        File.WriteAllBytes(_folder.File("e.png"), []);
        Expect("e.png", "image-empty", "'{0}' is empty (0 bytes).");
    }

    [Theory]
    [InlineData("hello, this is a text and no picture")]
    [InlineData("\u0089PNG but not really")]
    [InlineData("<svg/>")]
    public void NotAnImage(string content)
    {
        File.WriteAllText(_folder.File("t.jpg"), content);
        Expect("t.jpg", "image-unknown", "'{0}' is not a picture that can be read.");
    }

    public static TheoryData<string> Formats => ["png", "jpeg", "tiff", "openexr", "hdr"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Truncated(string format)
    {
        var image = Pictures.Textured(160, 120);
        var bytes = format switch
        {
            "png" => ImageFile.EncodePng(image),
            "jpeg" => ImageFile.EncodeJpeg(image),
            _ => NativeImage.Encode(format, image, format == "tiff" ? NativeImage.KindByte : format == "openexr" ? NativeImage.KindHalf : NativeImage.KindFloat, 0),
        };
        foreach (var share in new[] { 0.02, 0.1, 0.5, 0.9, 0.99, 1 - (1.0 / bytes.Length) })
        {
            File.WriteAllBytes(_folder.File("t." + format), bytes[..(int)(bytes.Length * share)]);
            var e = Assert.Throws<MoSarException>(() => ImageFile.ReadPhotograph(_folder.File("t." + format)));
            Assert.True(e.Code == "image-truncated", $"{share}: {e.Code}: {e.Message}");
            Assert.Contains("t." + format + "' is truncated: the ", e.Message);
        }
    }

    [Theory]
    [InlineData("FFD8FFDA0004000012FF0033FFD9", true)] // data byte, then the end
    [InlineData("FFD8FFDA00040000FF0012FF00FFD9", true)] // a stuffed byte, then the end
    [InlineData("FFD8FFDA0004000012FF0033FFFFD9", true)] // a fill byte before the end
    [InlineData("FFD8FFDA0004000012FFD9AABBCC", true)] // something after the end, as phones append it
    [InlineData("FFD8FFE10006FFD90000FFDA0004000012FF0033FF", false)] // a thumbnail's end only
    [InlineData("FFD8FFDA0004000012FF0033", false)]
    [InlineData("FFD8FFDA00", false)]
    public void JpegEndIsFoundWhereverItLies(string hex, bool complete)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(complete, ImageFormat.Recognise(bytes)!.IsComplete(bytes));
    }

    [Fact]
    public void EveryPortraitOfTheDataIsComplete()
    {
        var folder = SharedData.Find("portraits");
        if (folder is null)
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*.*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".jpg" or ".png"))
        {
            var bytes = File.ReadAllBytes(file);
            Assert.True(ImageFormat.Recognise(bytes)?.IsComplete(bytes), file);
        }
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    public void BrokenInTheMiddle(string format)
    {
        var bytes = format == "png" ? ImageFile.EncodePng(Pictures.Textured(160, 120)) : ImageFile.EncodeJpeg(Pictures.Textured(160, 120));

        // A marker that belongs nowhere, or a chunk whose checksum is wrong.
        for (var i = bytes.Length / 2; i < (bytes.Length / 2) + 40; i++)
        {
            bytes[i] = (byte)(i % 2 == 0 ? 0xFF : 0xC4);
        }

        File.WriteAllBytes(_folder.File("b." + format), bytes);
        var e = Assert.Throws<MoSarException>(() => ImageFile.ReadPhotograph(_folder.File("b." + format)));

        // A JPEG's segments have lengths only, no checksums: a wrong one leads past the end, which looks like a truncation.
        Assert.Contains(e.Code, format == "jpeg" ? new[] { "image-broken", "image-truncated" } : ["image-broken"]);
        Assert.Contains("b." + format, e.Message);
        Assert.True(format == "jpeg" || e.Message.Contains("' is a broken PNG file: the checksum of the IDAT chunk at byte ", StringComparison.Ordinal), e.Message);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(63, 200)]
    public void TooSmallForAPhotograph(int width, int height)
    {
        ImageFile.WritePng(_folder.File("s.png"), Pictures.Textured(width, height));
        Expect("s.png", "image-too-small", $"'{{0}}' is {width}×{height} pixels; a photograph needs at least 64 on each side.");
        Assert.Equal(width, ImageFile.Read(_folder.File("s.png")).Width);
    }

    [Fact]
    public void AbsurdlyWide()
    {
        ImageFile.WritePng(_folder.File("w.png"), new Image(30_000, 64, 1));
        Expect("w.png", "image-too-large", "'{0}' is 30000×64 pixels; the limits are 20,000 a side and 120 megapixels.");
    }

    [Fact]
    public void TooManyPixelsAreRefusedBeforeTheyAreDecoded()
    {
        // A header that promises 19,000 × 19,000: nothing of that size is ever allocated.
        var png = ImageFile.EncodePng(new Image(64, 64, 1));
        (png[16], png[17], png[18], png[19], png[20], png[21], png[22], png[23]) = (0, 0, 74, 56, 0, 0, 74, 56);
        var crc = Checksums.Crc("IHDR"u8, png.AsSpan(16, 13));
        (png[29], png[30], png[31], png[32]) = ((byte)(crc >> 24), (byte)(crc >> 16), (byte)(crc >> 8), (byte)crc);
        File.WriteAllBytes(_folder.File("h.png"), png);
        var e = Assert.Throws<MoSarException>(() => ImageFile.Read(_folder.File("h.png")));
        Assert.Equal("image-too-large", e.Code);
    }

    [Fact]
    public void EnvironmentsMustBeTwiceAsWideAsHigh()
    {
        ImageFile.WriteHdr(_folder.File("q.hdr"), Pictures.Textured(64, 64));
        var e = Assert.Throws<MoSarException>(() => EnvironmentMap.Read(_folder.File("q.hdr")));
        Assert.Equal("environment-shape", e.Code);
    }

    private void Expect(string name, string code, string message)
    {
        var path = _folder.File(name);
        var e = Assert.Throws<MoSarException>(() => ImageFile.ReadPhotograph(path));
        Assert.Equal((code, string.Format(null, message, path)), (e.Code, e.Message));
        Assert.NotNull(e.Remedy);
    }
}
