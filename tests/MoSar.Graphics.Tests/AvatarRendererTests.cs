using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class AvatarRendererTests
{
    private static readonly Mesh Head = Bodies.Head();

    private static AvatarScene Scene() => new(
        Head.Positions, Head.Template.Triangles, Head.Template.Uvs, Head.Template.TriangleUvs, MapSet.Empty.With(new Map(WellKnownMaps.Diffuse, White())));

    [Fact]
    public void LightFromTheLeftOfThePersonBrightensTheRightOfThePicture()
    {
        var image = new AvatarRenderer(Scene()).Render(FromPlusX(), 0, new Matt(), "diffuse", 96);
        Assert.True(Brightness(image, 48, 72) > 3 * Brightness(image, 24, 48));
    }

    [Fact]
    public void YawTurnsTheLightAround()
    {
        // +90° carries what was at +X to where +Z goes: from +Z towards +X, so from +X to −Z, behind the head.
        var renderer = new AvatarRenderer(Scene());
        var behind = renderer.Render(FromPlusX(), 90, new Matt(), "diffuse", 96);
        var opposite = renderer.Render(FromPlusX(), 180, new Matt(), "diffuse", 96);
        var front = renderer.Render(FromPlusX(), -90, new Matt(), "diffuse", 96);
        Assert.True(Brightness(opposite, 24, 48) > 3 * Brightness(opposite, 48, 72));
        Assert.True(Brightness(front, 40, 56) > 3 * Brightness(behind, 40, 56));
    }

    [Fact]
    public void AWhiteHeadUnderUniformLightIsWhite()
    {
        // Radiance 1 from everywhere gives a white Lambertian surface radiance 1; the tone curve's image of 1 is what is shown.
        var sky = new EnvironmentMap(new Image(32, 16, 3, [.. Enumerable.Repeat(1f, 32 * 16 * 3)]));
        var image = new AvatarRenderer(Scene()).Render(sky, 0, new Matt(), "diffuse", 64);
        Assert.InRange(image.Rgb(32, 28).Y, ToneCurve.Apply(1f) - 0.01f, ToneCurve.Apply(1f) + 0.01f);
    }

    [Fact]
    public void ExposureDoesNotDependOnThePanoramasScaleOrHeading()
    {
        var light = FromPlusX();
        var gain = Exposure.Automatic(light);
        Assert.Equal(gain, 50 * Exposure.Automatic(light.Scaled(50)), gain * 1e-4f);
        Assert.Equal(gain, Exposure.Automatic(light.Turned(MathF.PI / 4)), gain * 1e-4f);

        // The brightest upright white surface is the one that faces the light: 1.05.
        var facing = SphericalHarmonics.Irradiance(light.Scaled(gain).ToSphericalHarmonics(2), Vector3.UnitX) / MathF.PI;
        Assert.Equal(1.05f, Vector3.Dot(facing, new Vector3(0.2126f, 0.7152f, 0.0722f)), 1e-3f);
        Assert.Equal(1, Exposure.Automatic(light.Scaled(0)));
    }

    [Fact]
    public void AnUnknownTermListsTheModels()
    {
        var error = Assert.Throws<MoSarException>(() => new AvatarRenderer(Scene()).Render(FromPlusX(), 0, new Matt(), "sheen", 32));
        Assert.Equal("unknown-shading-term", error.Code);
        Assert.Contains("diffuse", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-70)]
    [InlineData(140)]
    public void PortraitsHoldTheWholeHead(float azimuth)
    {
        var view = AvatarView.Portrait(Head.Positions, 200, azimuth);
        Assert.All(Head.Positions, p =>
        {
            var q = view.Camera.Project(p);
            Assert.True(q is { X: >= 0 and <= 200, Y: >= 0 and <= 200 } && view.Camera.ToCamera(p).Z < 0, $"{p} → {q}");
        });
    }

    [Fact]
    public void TheToneCurveIsSmoothAndBounded()
    {
        Assert.Equal(0.35f, ToneCurve.Apply(0.35f));
        var before = 0f;
        for (var x = 0.01f; x < 20; x += 0.01f)
        {
            var y = ToneCurve.Apply(x);
            Assert.True(y >= before && y <= 1 && y - before <= 0.0101f);
            before = y;
        }
    }

    [Fact]
    public void AFolderWithoutAMeshIsNoAvatar()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<MoSarException>(() => AvatarRenderer.Load(folder.Path));
        Assert.Equal("avatar-missing", error.Code);
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenMeshIsNamedByItsLine()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("maps"));
        ImageFile.WritePng(folder.File("maps/diffuse.png"), White());
        File.WriteAllText(folder.File("mesh.obj"), "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nf 1/1 2/1 9/1\n");
        var error = Assert.Throws<MoSarException>(() => AvatarRenderer.Load(folder.Path));
        Assert.Equal("avatar-broken", error.Code);
        Assert.Contains("mesh.obj:5", error.Message, StringComparison.Ordinal);
    }

    private static Image White() => new(8, 8, 3, [.. Enumerable.Repeat(1f, 8 * 8 * 3)]);

    private static EnvironmentMap FromPlusX()
    {
        var map = new EnvironmentMap(new Image(64, 32, 3));
        for (var y = 0; y < 32; y++)
        {
            for (var x = 0; x < 64; x++)
            {
                var value = map.Direction((x + 0.5f) / 64, (y + 0.5f) / 32).X > 0.8f ? 2f : 0f;
                new Vector3(value).CopyTo(map.Pixels.Pixels.AsSpan(((y * 64) + x) * 3, 3));
            }
        }

        return map;
    }

    // The mean over columns of the middle rows; the backdrop of a single term is nearly black.
    private static float Brightness(Image image, int left, int right)
    {
        var sum = 0f;
        for (var y = 32; y < 56; y++)
        {
            for (var x = left; x < right; x++)
            {
                sum += image.Rgb(x, y).Y;
            }
        }

        return sum / 24 / (right - left);
    }

    /// <summary>The simplest shading model: albedo times irradiance.</summary>
    private sealed class Matt : IShadingModel
    {
        public IReadOnlyList<string> Terms { get; } = ["diffuse"];

        public float[] Run(ShadingInput input, StageContext context)
        {
            var result = new float[input.Points.Count * 3];
            for (var i = 0; i < input.Points.Count; i++)
            {
                var irradiance = SphericalHarmonics.Irradiance(input.Light, new Vector3(input.Points.Normals.AsSpan(i * 3, 3)));
                (irradiance * new Vector3(input.Points.Albedo.AsSpan(i * 3, 3))).CopyTo(result.AsSpan(i * 3, 3));
            }

            return result;
        }

        public ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient) => throw new NotSupportedException();
    }
}
