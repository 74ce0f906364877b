using System.Numerics;
using MoSar.Detect.OpenCv;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning;
using MoSar.Testing;
using MoSar.Training;

namespace MoSar.Detect.OpenCv.Tests;

public sealed class CascadeDetectorTests
{
    private static readonly string Samples = Repository.Folder("samples");

    [Fact]
    public void Finds_upright_synthetic_faces_where_they_are()
    {
        var model = FaceModel.Load(Path.Combine(Samples, "models", "face.safetensors"));
        using var detector = new CascadeDetector(new CascadeOptions());
        var found = 0;
        var pictures = SyntheticPicture.Make(model, Enumerable.Range(500, 8));
        foreach (var picture in pictures)
        {
            var faces = detector.Run(picture.Photograph, StageContext.None);
            var near = faces.Count(f => Vector2.Distance(f.Crop.Centre, picture.Crop.Centre) < 0.15f * picture.Crop.Size
                && MathF.Abs(MathF.Log(f.Crop.Size / picture.Crop.Size)) < 0.35f);
            found += near > 0 ? 1 : 0;
        }

        // It was made for photographs: of painted skins it takes most.
        Assert.True(found >= pictures.Count / 2, $"found {found} of {pictures.Count}");
    }

    [Fact]
    public void Finds_the_same_twice()
    {
        var model = FaceModel.Load(Path.Combine(Samples, "models", "face.safetensors"));
        using var detector = new CascadeDetector(new CascadeOptions());
        var picture = SyntheticPicture.Make(model, [501])[0].Photograph;
        Assert.Equal(detector.Run(picture, StageContext.None), detector.Run(picture, StageContext.None));
    }

    [Fact]
    public void Largest_face_comes_first()
    {
        var model = FaceModel.Load(Path.Combine(Samples, "models", "face.safetensors"));
        var two = SyntheticPicture.Make(model, [500, 502], side: 300, size: 0.55f);
        var small = SyntheticPicture.Make(model, [500], side: 300, size: 0.3f)[0];
        var wide = new Image(600, 300, 3);
        Paste(small.Photograph.Pixels, wide, 0);
        Paste(two[1].Photograph.Pixels, wide, 300);
        using var detector = new CascadeDetector(new CascadeOptions());
        var faces = detector.Run(new Photograph("two", "", wide, null, ""), StageContext.None);
        Assert.True(faces.Count >= 2, $"{faces.Count} faces");
        Assert.True(faces.Zip(faces.Skip(1)).All(p => p.First.Crop.Size >= p.Second.Crop.Size));
        Assert.True(faces[0].Crop.Centre.X > 300);
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(1, 1)]
    [InlineData(400, 19)]
    public void A_flat_picture_has_no_face(int width, int height)
    {
        using var detector = new CascadeDetector(new CascadeOptions());
        Assert.Empty(detector.Run(new Photograph("flat", "", new Image(width, height, 3), null, ""), StageContext.None));
    }

    [Fact]
    public void A_missing_cascade_is_named_with_its_package()
    {
        var error = Assert.Throws<MoSarException>(() => new CascadeDetector(new CascadeOptions { Cascade = "nowhere/face.xml" }));
        Assert.Equal("cascade-missing", error.Code);
        Assert.Equal("No face cascade 'nowhere/face.xml'.", error.Message);
        Assert.Contains("opencv-data", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_cascade_is_refused()
    {
        var path = Path.Combine(Path.GetTempPath(), $"mosar-cascade-{Guid.NewGuid():N}.xml");
        File.WriteAllText(path, "<opencv_storage><other/></opencv_storage>");
        try
        {
            var error = Assert.Throws<MoSarException>(() => new CascadeDetector(new CascadeOptions { Cascade = path }));
            Assert.Equal("cascade-broken", error.Code);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Every frontal portrait, and how far the converted box is from the crop of the hand-placed points.</summary>
    [Fact]
    public void Finds_the_held_out_portraits()
    {
        if (SharedData.Find("portraits") is not { } folder)
        {
            return;
        }

        using var detector = new CascadeDetector(new CascadeOptions());
        foreach (var portrait in PortraitSet.Load(folder).Where(p => p.HeldOut && p.TemPath is not null).Take(6))
        {
            var faces = detector.Run(ImageFile.ReadPhotograph(portrait.ImagePath), StageContext.None);
            var points = TemPoints.Load(portrait.TemPath!);
            var at = points.ToMultiPie();
            var truth = FaceCrops.FromBrowsAndChin((at[19] + at[20] + at[21] + at[22] + at[23] + at[24]) / 6, points.JawContour[4]);
            Assert.True(faces.Count == 1, $"{portrait.Name}: {faces.Count} faces");
            Assert.True(Vector2.Distance(faces[0].Crop.Centre, truth.Centre) < 0.1f * truth.Size, portrait.Name);
            Assert.InRange(faces[0].Crop.Size / truth.Size, 0.75f, 1.33f);
        }
    }

    private static void Paste(Image from, Image into, int left)
    {
        for (var y = 0; y < from.Height; y++)
        {
            from.Row(y).CopyTo(into.Row(y)[(3 * left)..]);
        }
    }
}
