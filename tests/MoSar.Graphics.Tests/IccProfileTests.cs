using System.Buffers.Binary;
using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class IccProfileTests
{
    // Display P3 and sRGB primaries, adapted to D50, by columns (r, g, b).
    private static readonly double[] P3 = [0.51512, 0.29198, 0.15710, 0.24120, 0.69225, 0.06657, -0.00105, 0.04189, 0.78407];
    private static readonly double[] Rec709 = [0.43607, 0.38515, 0.14307, 0.22249, 0.71687, 0.06061, 0.01392, 0.09708, 0.71410];

    [Fact]
    public void DisplayP3IsBroughtToRec709()
    {
        var profile = IccProfile.Parse(Make(P3, Srgb), 256)!;
        Assert.True((profile.ToLinear(255, 255, 255) - Vector3.One).Length() < 2e-3f);

        // P3's own red lies outside Rec.709: its red part is above 1, the others are cut at 0.
        var red = profile.ToLinear(255, 0, 0);
        Assert.Equal(1.2249f, red.X, 2e-3f);
        Assert.Equal(0, red.Y);

        // What P3 codes of a skin tone mean in Rec.709 (reference values by colour-science's matrices): redder than the same sRGB codes.
        var skin = profile.ToLinear(200, 150, 130);
        Assert.True(skin.X > Graphics.Srgb.ToLinear(200) && skin.Z < Graphics.Srgb.ToLinear(130));
    }

    [Fact]
    public void SrgbItselfNeedsNoProfile() => Assert.Null(IccProfile.Parse(Make(Rec709, Srgb), 256));

    [Theory]
    [InlineData(2.2)]
    [InlineData(1.8)]
    public void GammaCurvesAreFollowed(double gamma)
    {
        byte[] curve = [.. "curv"u8, 0, 0, 0, 0, 0, 0, 0, 1, (byte)(int)gamma, (byte)((gamma - (int)gamma) * 256)];
        var profile = IccProfile.Parse(Make(Rec709, curve), 256)!;
        Assert.Equal((float)Math.Pow(128 / 255.0, gamma), profile.ToLinear(128, 128, 128).Y, 2e-3f);
    }

    [Fact]
    public void DamagedProfilesAreIgnored()
    {
        var good = Make(P3, Srgb);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Null(IccProfile.Parse(good.AsSpan(0, length), 256));
        }

        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bad = (byte[])good.Clone();
            for (var k = 0; k < 4; k++)
            {
                bad[128 + random.Next(bad.Length - 128)] = (byte)random.Next(256);
            }

            // Any answer but an exception.
            _ = IccProfile.Parse(bad, 256);
        }
    }

    [Fact]
    public void AnEmbeddedProfileIsUsed()
    {
        using var folder = new TemporaryFolder();
        var image = new Image(70, 70, 3);
        Array.Fill(image.Pixels, 0.5f);
        for (var i = 0; i < image.Pixels.Length; i += 3)
        {
            image.Pixels[i] = 0.8f;
        }

        var jpeg = ImageFile.EncodeJpeg(image, 98);
        var icc = Make(P3, Srgb);
        byte[] head = [.. "ICC_PROFILE\0"u8, 1, 1];
        var size = 2 + head.Length + icc.Length;
        File.WriteAllBytes(folder.File("p3.jpg"), [.. jpeg[..2], 0xFF, 0xE2, (byte)(size >> 8), (byte)size, .. head, .. icc, .. jpeg[2..]]);
        File.WriteAllBytes(folder.File("plain.jpg"), jpeg);
        var (p3, plain) = (ImageFile.Read(folder.File("p3.jpg")).Rgb(30, 30), ImageFile.Read(folder.File("plain.jpg")).Rgb(30, 30));
        Assert.True(p3.X > plain.X + 0.03f, $"{p3} {plain}");
    }

    private static readonly byte[] Srgb = ParametricSrgb();

    private static byte[] ParametricSrgb()
    {
        var tag = new byte[12 + 20];
        "para"u8.CopyTo(tag);
        tag[9] = 3;
        double[] p = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
        for (var i = 0; i < 5; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(tag.AsSpan(12 + (4 * i)), (int)Math.Round(p[i] * 65536));
        }

        return tag;
    }

    private static byte[] Make(double[] primaries, byte[] curve)
    {
        var tags = new List<(string Name, byte[] Data)>();
        for (var c = 0; c < 3; c++)
        {
            var xyz = new byte[20];
            "XYZ "u8.CopyTo(xyz);
            for (var row = 0; row < 3; row++)
            {
                BinaryPrimitives.WriteInt32BigEndian(xyz.AsSpan(8 + (4 * row)), (int)Math.Round(primaries[(3 * row) + c] * 65536));
            }

            tags.Add(("rgb"[c] + "XYZ", xyz));
            tags.Add(("rgb"[c] + "TRC", curve));
        }

        var file = new byte[128 + 4 + (12 * tags.Count)];
        "RGB "u8.CopyTo(file.AsSpan(16));
        "acsp"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(128), tags.Count);
        var data = new List<byte>();
        for (var i = 0; i < tags.Count; i++)
        {
            var entry = file.AsSpan(132 + (12 * i));
            System.Text.Encoding.ASCII.GetBytes(tags[i].Name, entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], file.Length + data.Count);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], tags[i].Data.Length);
            data.AddRange(tags[i].Data);
        }

        return [.. file, .. data];
    }
}
