using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Landmarking;
using MoSar.Learning;
using MoSar.Testing;
using MoSar.Training;
using TorchSharp;
using Xunit.Abstractions;

namespace MoSar.Landmarking.Tests;

public sealed class HeatmapLandmarksTests(ITestOutputHelper output)
{
    private static readonly string Weights = Repository.Folder("samples", "models", "landmarks.safetensors");

    private static FaceModel Model => FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Fact]
    public void Finds_the_points_of_rendered_faces_from_a_careless_crop()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        var errors = new List<float>();
        foreach (var picture in SyntheticPicture.Make(Model, Enumerable.Range(700, 6)))
        {
            // A detector that is off by 8 % and 15 % too large.
            var crop = new FaceCrop(picture.Crop.Centre + (new Vector2(0.08f, -0.05f) * picture.Crop.Size), picture.Crop.Size * 1.15f, 0);
            var found = detector.Run(new LandmarkInput(picture.Photograph, crop), StageContext.None);
            var unit = Vector2.Distance(picture.Points[36], picture.Points[45]);
            errors.Add(Enumerable.Range(17, 51).Average(i => Vector2.Distance(found.Points[i], picture.Points[i]) / unit));
        }

        Assert.True(errors.Average() < 0.04f, $"{100 * errors.Average():f2} % of the eyes' distance");
    }

    [Fact]
    public void A_turned_picture_has_turned_points()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        var upright = SyntheticPicture.Make(Model, [702])[0];
        var turned = SyntheticPicture.Make(Model, [702], roll: 0.5f)[0];
        foreach (var picture in new[] { upright, turned })
        {
            var found = detector.Run(new LandmarkInput(picture.Photograph, picture.Crop with { Roll = 0 }), StageContext.None);
            var unit = Vector2.Distance(picture.Points[36], picture.Points[45]);
            var error = Enumerable.Range(17, 51).Average(i => Vector2.Distance(found.Points[i], picture.Points[i]) / unit);
            Assert.True(error < 0.05f, $"{100 * error:f2} % at a roll of {picture.Crop.Roll:f2}");
        }
    }

    /// <summary>A detector's roll that is off by 120°: the network says that it is lost, and begins again upright.</summary>
    [Fact]
    public void A_crop_that_misleads_is_not_the_only_one()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        foreach (var picture in SyntheticPicture.Make(Model, [704, 705]))
        {
            var found = detector.Run(new LandmarkInput(picture.Photograph, picture.Crop with { Roll = 2.1f }), StageContext.None);
            var unit = Vector2.Distance(picture.Points[36], picture.Points[45]);
            var error = Enumerable.Range(17, 51).Average(i => Vector2.Distance(found.Points[i], picture.Points[i]) / unit);
            Assert.True(error < 0.06f, $"{100 * error:f2} %");
        }
    }

    [Fact]
    public void A_mirrored_picture_has_mirrored_points()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights, Passes = 1 });
        var picture = SyntheticPicture.Make(Model, [703])[0];
        var pixels = picture.Photograph.Pixels;
        var mirror = new Image(pixels.Width, pixels.Height, 3);
        for (var y = 0; y < pixels.Height; y++)
        {
            for (var x = 0; x < pixels.Width; x++)
            {
                pixels.Rgb(x, y).CopyTo(mirror.Pixels, 3 * ((y * pixels.Width) + pixels.Width - 1 - x));
            }
        }

        var crop = picture.Crop with { Roll = 0 };
        var found = detector.Run(new LandmarkInput(picture.Photograph, crop), StageContext.None);
        var other = detector.Run(
            new LandmarkInput(picture.Photograph with { Pixels = mirror }, crop with { Centre = new Vector2(pixels.Width - crop.Centre.X, crop.Centre.Y) }), StageContext.None);
        var pairs = Landmarks.Mirror;
        for (var i = 0; i < Landmarks.Count; i++)
        {
            // Averaging over the mirror image makes this exact up to rounding; a half-pixel slip would show as half a pixel.
            var expected = new Vector2(pixels.Width - other.Points[pairs[i]].X, other.Points[pairs[i]].Y);
            Assert.True(Vector2.Distance(expected, found.Points[i]) < 0.05f, $"point {i}: {found.Points[i]} and {expected}");
        }
    }

    [Fact]
    public void Gives_the_same_points_twice()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        var picture = SyntheticPicture.Make(Model, [704])[0];
        var input = new LandmarkInput(picture.Photograph, picture.Crop);
        Assert.Equal(detector.Run(input, StageContext.None).Points, detector.Run(input, StageContext.None).Points);
    }

    [Fact]
    public void Confidence_falls_where_nothing_can_be_seen()
    {
        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        var picture = SyntheticPicture.Make(Model, [705])[0];
        var seen = detector.Run(new LandmarkInput(picture.Photograph, picture.Crop), StageContext.None);
        var grey = new Photograph("grey", "", new Image(400, 400, 3), null, "");
        var unseen = detector.Run(new LandmarkInput(grey, picture.Crop), StageContext.None);
        Assert.All(seen.Confidence, c => Assert.InRange(c, 0, 1));
        Assert.True(unseen.Confidence.Average() < 0.7f * seen.Confidence.Average(), $"{unseen.Confidence.Average():f2} blind, {seen.Confidence.Average():f2} seeing");
    }

    [Fact]
    public void Missing_weights_are_named()
    {
        var error = Assert.Throws<MoSarException>(() => new HeatmapLandmarks(new HeatmapOptions { Weights = "nowhere/landmarks.safetensors" }));
        Assert.Contains("nowhere/landmarks.safetensors", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void Truncated_weights_are_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():N}.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(Weights)[..100_000]);
        try
        {
            var error = Assert.Throws<MoSarException>(() => new HeatmapLandmarks(new HeatmapOptions { Weights = path }));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The figures of the model card: dotnet test tests/Landmarks.Heatmap.Tests --filter Held_out --logger "console;verbosity=detailed".
    /// The first crop comes from hand-placed points, shifted and enlarged; the whole program's figures are those of the evaluation.
    /// </summary>
    [Fact]
    public void Held_out_people_are_found_as_well_as_the_model_card_says()
    {
        if (SharedData.Find("portraits") is not { } folder)
        {
            return;
        }

        using var detector = new HeatmapLandmarks(new HeatmapOptions { Weights = Weights });
        foreach (var set in PortraitSet.Load(folder).Where(p => p.HeldOut && p.TemPath is not null).GroupBy(p => p.Collection))
        {
            var errors = new List<float>();
            foreach (var portrait in set)
            {
                var points = TemPoints.Load(portrait.TemPath!);
                var at = points.ToMultiPie();
                var crop = FaceCrops.FromBrowsAndChin((at[20] + at[23]) / 2, points.JawContour[4]);
                crop = new FaceCrop(crop.Centre + (new Vector2(0.05f, 0.05f) * crop.Size), 1.1f * crop.Size, 0);
                var found = detector.Run(new LandmarkInput(ImageFile.ReadPhotograph(portrait.ImagePath), crop), StageContext.None);
                errors.Add(LandmarkError.Mean(found.Points, points));
            }

            output.WriteLine($"{set.Key}: {errors.Average():f2} % over {errors.Count} people");
            Assert.True(errors.Average() < 1.9f, $"{set.Key}: {errors.Average():f2} %");
        }
    }
}
