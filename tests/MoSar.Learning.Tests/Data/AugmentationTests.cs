using System.Numerics;
using MoSar.Graphics;
using MoSar.Graphics.Tests;
using MoSar.Learning.Data;

namespace MoSar.Learning.Tests.Data;

public sealed class AugmentationTests
{
    private static readonly DatasetSample Sample = RenderedSample.Make();

    public static TheoryData<float, float, float, float, bool> Draws => new()
    {
        { 1, 0, 1, 0, false },
        { 1, 0, 1, 0, true },
        { 1, 0.3f, 1, 0, false },
        { 1, -0.2f, 1, 0, true },
        { 1, 0, 1.15f, 0, false },
        { 1, 0, 1, 0.06f, false },
        { 1.3f, 0.15f, 0.9f, 0.03f, true },
        { 0.6f, -0.35f, 1.1f, 0, false },
    };

    [Theory]
    [MemberData(nameof(Draws))]
    public void TheLabelsStillRenderThePicture(float gain, float roll, float scale, float shift, bool flip)
    {
        const int Side = 160;
        var augmented = Augmentation.Apply(Sample, new AugmentationDraw(gain, roll, scale, flip) { Shift = new Vector2(shift, -0.5f * shift) }, Side);
        var truth = RenderedSample.Render(augmented, Side);
        Assert.Equal((Side, Side, 3), (augmented.Photograph!.Width, augmented.Photograph.Height, augmented.Photograph.Channels));

        // Landmarks: exactly where mesh and camera say, sides of the image kept.
        var expected = RenderedSample.LandmarkVertices.Select(v => augmented.Camera!.Project(augmented.Mesh!.Positions[v])).ToArray();
        Assert.All(expected.Zip(augmented.Landmarks!.Points), p => Assert.True(Vector2.Distance(p.First, p.Second) < 0.01f, $"{p.First} {p.Second}"));

        // Picture: what resampling leaves, and far less than what a wrong label makes.
        var inside = Inside(truth.Mask);
        var difference = Difference(augmented.Photograph, truth.Picture, inside);
        Assert.True(difference < 0.01, $"picture {difference:F4}");
        Assert.True(Difference(augmented.Mask!, truth.Mask, [.. Enumerable.Range(0, Side * Side)]) < 0.01, "mask");

        // Labels of a pixel: taken from the nearest one, so at most 0.71 of the old pixel away.
        var (positions, uvs, normals) = (augmented.Labels!.Position!, augmented.Labels.Uv!, augmented.Labels.Normal!);
        foreach (var i in inside)
        {
            var (x, y) = (i % Side, i / Side);
            var at = augmented.Camera!.Project(positions.Rgb(x, y));
            Assert.True(Vector2.Distance(at, new Vector2(x + 0.5f, y + 0.5f)) < 0.72f * scale + 0.01f, $"position at {x}, {y}: {at}");
        }

        Assert.True(Difference(uvs, truth.Uv, inside) < 0.004, $"uv {Difference(uvs, truth.Uv, inside):F5}");
        Assert.True(Difference(normals, truth.Normal, inside) < 0.02, $"normal {Difference(normals, truth.Normal, inside):F5}");
    }

    [Fact]
    public void EveryLabelMattersToThatTest()
    {
        // Each carried label replaced by the one before the flip: the comparison above must notice.
        var flipped = Augmentation.Apply(Sample, new AugmentationDraw(1, 0, 1, true), RenderedSample.Side);
        DatasetSample[] forgotten =
        [
            flipped with { Camera = Sample.Camera },
            flipped with { Mesh = Sample.Mesh },
            flipped with { Maps = flipped.Maps.With(Sample.Maps["diffuse"]) },
            flipped with { Maps = flipped.Maps.With(Sample.Maps["normal"]) },
            flipped with { Maps = flipped.Maps.With(flipped.Maps["normal"] with { Pixels = Reversed(Sample.Maps["normal"].Pixels) }) },
            flipped with { Light = Sample.Light },
        ];
        Assert.All(forgotten, f =>
        {
            var truth = RenderedSample.Render(f, RenderedSample.Side);
            var difference = Difference(f.Photograph!, truth.Picture, Inside(truth.Mask));
            Assert.True(difference > 0.015, $"{difference:F4}");
        });
    }

    [Fact]
    public void AFlipSwapsLandmarksVisibilityAndExpressionsAndDropsIdentity()
    {
        var flipped = Augmentation.Apply(Sample, new AugmentationDraw(1, 0, 1, true), RenderedSample.Side);
        Assert.Equal(RenderedSample.Side - Sample.Landmarks!.Points[45].X, flipped.Landmarks!.Points[36].X, 4);
        Assert.Equal(Landmarks.Mirror.Select(i => Sample.Landmarks.Visible[i]), flipped.Landmarks.Visible);
        Assert.Equal(0.5f, flipped.Expression!["mouthSmileRight"]);
        Assert.Equal(0.1f, flipped.Expression["jawOpen"]);
        Assert.Null(flipped.Identity);
        Assert.Equal(new EnvironmentReference("studio.hdr", -0.4f, 2, true), flipped.Light!.Environment);
        Assert.Equal((Sample.Id, Sample.Subject, Sample.Atlas), (flipped.Id, flipped.Subject, flipped.Atlas));
    }

    [Fact]
    public void TwoFlipsAreNone()
    {
        var twice = SampleMirror.Of(SampleMirror.Of(Sample));
        Assert.Equal(Sample.Photograph!.Pixels, twice.Photograph!.Pixels);
        Assert.Equal(Sample.Labels!.Position!.Pixels, twice.Labels!.Position!.Pixels);
        Assert.Equal(Sample.Landmarks!.Points.Select(Rounded), twice.Landmarks!.Points.Select(Rounded));
        Assert.Equal(Sample.Mesh!.Positions, twice.Mesh!.Positions);
        Assert.Equal(Sample.Camera!.Rotation, twice.Camera!.Rotation);
        Assert.Equal(Sample.Light!.Harmonics!.Coefficients, twice.Light!.Harmonics!.Coefficients);
        Assert.Equal(Sample.Maps["normal"].Pixels.Pixels, twice.Maps["normal"].Pixels.Pixels);

        static Vector2 Rounded(Vector2 p) => new(MathF.Round(p.X, 3), MathF.Round(p.Y, 3));
    }

    [Fact]
    public void MirroredLightShinesFromTheOtherSide()
    {
        var light = Lights.Random(8);
        var mirrored = SampleMirror.Of(light);
        var random = new Random(3);
        for (var i = 0; i < 50; i++)
        {
            var d = Lights.Direction(random);
            Assert.True(Vector3.Distance(SphericalHarmonics.Radiance(light, d), SphericalHarmonics.Radiance(mirrored, d * new Vector3(-1, 1, 1))) < 1e-4f);
        }
    }

    [Fact]
    public void AMirroredPanoramaTurnedBackIsTheMirroredSurroundings()
    {
        var random = new Random(4);
        var panorama = new Image(16, 8, 3, [.. Enumerable.Range(0, 16 * 8 * 3).Select(_ => random.NextSingle())]);
        var flipped = SampleMirror.Of(new DatasetSample { Id = "e", Subject = "e", Light = new SampleLight(Environment: new EnvironmentReference("e", 0.7f, 1), Panorama: panorama) });
        var before = new EnvironmentMap(panorama, 0.7f);
        var after = new EnvironmentMap(flipped.Light!.Panorama!, flipped.Light.Environment!.Yaw);
        for (var i = 0; i < 50; i++)
        {
            var d = Lights.Direction(random);
            Assert.True(Vector3.Distance(before.Radiance(d), after.Radiance(d * new Vector3(-1, 1, 1))) < 1e-3f);
        }
    }

    [Fact]
    public void BrightnessIsLightNotAlbedoAndClipsAtWhite()
    {
        var bright = Augmentation.Apply(Sample, new AugmentationDraw(4, 0, 1, false), RenderedSample.Side);
        Assert.Equal(1, bright.Photograph!.Pixels.Max());
        Assert.Equal(4 * Sample.Light!.Harmonics!.Coefficients[0], bright.Light!.Harmonics!.Coefficients[0]);
        Assert.Equal(8, bright.Light.Environment!.Exposure);
        Assert.Same(Sample.Maps, bright.Maps);
    }

    [Fact]
    public void WhatATurnedPictureUncoversIsUnknown()
    {
        var everywhere = Sample with { Mask = Filled(Sample.Mask!, 1) };
        var turned = Augmentation.Apply(everywhere, new AugmentationDraw(1, MathF.PI / 4, 1, false), RenderedSample.Side);
        Assert.Equal(0, turned.Mask![0, 0, 0]);
        Assert.Equal(1, turned.Mask[RenderedSample.Side / 2, RenderedSample.Side / 2, 0]);
    }

    [Fact]
    public void ACameraWithOblongPixelsIsNotTurned()
    {
        var oblong = Sample with { Camera = Sample.Camera! with { Fy = 1.2 * Sample.Camera.Fy } };
        Assert.Equal("sample-camera", Assert.Throws<MoSarException>(() => Augmentation.Apply(oblong, new AugmentationDraw(1, 0.1f, 1, false), 64)).Code);
        Assert.Equal(1.2, Augmentation.Apply(oblong, new AugmentationDraw(1, 0, 1.1f, true), 64).Camera!.Fy / Augmentation.Apply(oblong, new AugmentationDraw(1, 0, 1.1f, true), 64).Camera!.Fx, 6);
    }

    [Fact]
    public void DrawsStayInTheirRangesAndDependOnTheSeedAlone()
    {
        var options = new AugmentationOptions { Brightness = 0.5, Rotation = 20, Scale = 0.2, Flip = 0.25 };
        var draws = Enumerable.Range(0, 4000).Select(i => Augmentation.Draw(options, (ulong)i)).ToArray();
        Assert.Equal(draws, Enumerable.Range(0, 4000).Select(i => Augmentation.Draw(options, (ulong)i)));
        Assert.All(draws, d => Assert.True(d.Gain is > 0.707f and < 1.4143f && MathF.Abs(d.Roll) < 0.34907f && d.Scale is > 0.8f and < 1.2f));
        Assert.InRange(draws.Count(d => d.Flip), 900, 1100);
        Assert.True(draws.Max(d => d.Roll) > 0.34 && draws.Min(d => d.Roll) < -0.34);
        Assert.Equal(AugmentationDraw.None, Augmentation.Draw(new AugmentationOptions(), 5));
    }

    [Fact]
    public void NothingToDoCostsNothing() => Assert.Same(Sample, Augmentation.Apply(Sample, AugmentationDraw.None, RenderedSample.Side));

    /// <summary>Pixels whose neighbours are all wholly covered.</summary>
    private static int[] Inside(Image mask)
    {
        var side = mask.Width;
        bool Covered(int i) => mask.Pixels[3 * i] > 0.999f;
        return [.. Enumerable.Range(0, side * side).Where(i =>
            i % side is > 1 && i % side < side - 2 && i / side > 1 && i / side < side - 2
            && (from dy in Enumerable.Range(-2, 5) from dx in Enumerable.Range(-2, 5) select i + (dy * side) + dx).All(Covered))];
    }

    private static double Difference(Image a, Image b, int[] pixels) => pixels.Average(i => Vector3.Abs(new Vector3(a.Pixels.AsSpan(3 * i)) - new Vector3(b.Pixels.AsSpan(3 * i))) is var d ? (d.X + d.Y + d.Z) / 3 : 0);

    private static Image Filled(Image like, float value)
    {
        var image = new Image(like.Width, like.Height, like.Channels);
        Array.Fill(image.Pixels, value);
        return image;
    }

    private static Image Reversed(Image image)
    {
        var result = new Image(image.Width, image.Height, 3);
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                image.Rgb(image.Width - 1 - x, y).CopyTo(result.Pixels, ((y * image.Width) + x) * 3);
            }
        }

        return result;
    }
}
