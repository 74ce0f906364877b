using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;
using MoSar.Locating;
using MoSar.Testing;
using MoSar.Training;

namespace MoSar.Locating.Tests;

public sealed class FaceLocatorTests
{
    private static readonly string Weights = Repository.Folder("samples", "models", "locator.safetensors");

    private static FaceModel Model => FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Theory]
    [InlineData(0.25f, 0)]
    [InlineData(0.5f, 0)]
    [InlineData(0.5f, 0.6f)]
    [InlineData(0.5f, -0.6f)]
    [InlineData(0.8f, 0.2f)]
    public void Finds_rendered_faces_at_any_size_and_roll(float size, float roll)
    {
        using var locator = new FaceLocator(new LocatorOptions { Weights = Weights });
        var found = 0;
        var pictures = SyntheticPicture.Make(Model, Enumerable.Range(800, 5), size: size, roll: roll);
        foreach (var picture in pictures)
        {
            found += locator.Run(picture.Photograph, StageContext.None).Any(f =>
                Vector2.Distance(f.Crop.Centre, picture.Crop.Centre) < 0.1f * picture.Crop.Size
                && MathF.Abs(MathF.Log(f.Crop.Size / picture.Crop.Size)) < 0.25f
                && MathF.Abs(f.Crop.Roll - picture.Crop.Roll) < 0.25f) ? 1 : 0;
        }

        Assert.True(found >= pictures.Count - 1, $"found {found} of {pictures.Count}");
    }

    [Fact]
    public void Painted_pictures_without_a_face_have_few_false_alarms()
    {
        using var locator = new FaceLocator(new LocatorOptions { Weights = Weights });
        var alarms = Enumerable.Range(0, 12).Sum(i => locator.Run(SyntheticPicture.Empty(i), StageContext.None).Count);
        Assert.True(alarms <= 1, $"{alarms} false alarms in 12 pictures");
    }

    [Fact]
    public void Finds_the_same_twice_and_the_largest_first()
    {
        using var locator = new FaceLocator(new LocatorOptions { Weights = Weights });
        var small = SyntheticPicture.Make(Model, [803], side: 300, size: 0.35f)[0].Photograph.Pixels;
        var large = SyntheticPicture.Make(Model, [801], side: 300, size: 0.65f)[0].Photograph.Pixels;
        var wide = new Image(600, 300, 3);
        for (var y = 0; y < 300; y++)
        {
            small.Row(y).CopyTo(wide.Row(y));
            large.Row(y).CopyTo(wide.Row(y)[900..]);
        }

        var photograph = new Photograph("two", "", wide, null, "");
        var faces = locator.Run(photograph, StageContext.None);
        Assert.True(faces.Count >= 2, $"{faces.Count} faces");
        Assert.True(faces[0].Crop.Centre.X > 300 && faces[0].Crop.Size > faces[1].Crop.Size);
        Assert.Equal(faces, locator.Run(photograph, StageContext.None));
    }

    [Fact]
    public void Missing_and_truncated_weights_are_named()
    {
        Assert.Contains("nowhere.safetensors", Assert.Throws<MoSarException>(() => new FaceLocator(new LocatorOptions { Weights = "nowhere.safetensors" })).Message, StringComparison.Ordinal);
        var path = Path.Combine(Path.GetTempPath(), $"mosar-{Guid.NewGuid():N}.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(Weights)[..50_000]);
        try
        {
            Assert.Contains(path, Assert.Throws<MoSarException>(() => new FaceLocator(new LocatorOptions { Weights = path })).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Finds_held_out_tilted_and_near_portraits()
    {
        if (SharedData.Find("portraits") is not { } folder)
        {
            return;
        }

        using var locator = new FaceLocator(new LocatorOptions { Weights = Weights });
        var missed = PortraitSet.Load(folder)
            .Where(p => p.Collection is "lisa" or "zoom" || (p.HeldOut && p.Person % 3 == 0))
            .Where(p => locator.Run(ImageFile.ReadPhotograph(p.ImagePath), StageContext.None).Count == 0)
            .Select(p => p.Name);
        Assert.Empty(missed);
    }
}
