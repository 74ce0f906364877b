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
        var image = Pictures.Textured(301, 203, channels);
        using var folder = new TemporaryFolder();
        ImageFile.WritePng(folder.File("a.png"), image, bits, encoding);
        var back = encoding == ColourEncoding.Linear ? ImageFile.ReadData(folder.File("a.png")) : ImageFile.Read(folder.File("a.png"));
        Assert.True(Pictures.LargestDifference(image, back) <= tolerance * 1.01f);
    }
}
