using MoSar.Graphics;
using MoSar.Learning.Data;

namespace MoSar.Plugins.Folders.Tests;

public sealed class FolderSourceTests : IDisposable
{
    private static readonly string[] Intrinsics = ["ambient_occlusion", "diffuse", "normal", "specular", "translucency", "light_normalized"];

    private readonly DataFolder folder = new();

    /// <summary>Each source, on a folder.</summary>
    public static TheoryData<string> Sources => ["images", "ffhq-uv", "ffhq-uv-intrinsics", "environments", "lightstage"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Sources))]
    public void AFolderThatIsNotThereSaysWhatWasLookedForAndWhere(string source)
    {
        var e = Assert.Throws<MoSarException>(() => Open(source, folder.At("nowhere")));
        Assert.Equal("data-folder-missing", e.Code);
        Assert.Contains($"'{folder.At("nowhere")}'", e.Message);
        Assert.Contains("It should hold", e.Message);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void AnEmptyFolderSaysSo(string source)
    {
        var e = Assert.Throws<MoSarException>(() => Open(source, folder.Root));
        Assert.Equal("data-layout", e.Code);
        Assert.Contains($"'{folder.Root}' does not hold", e.Message);
        Assert.EndsWith("It is empty.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void AnotherLayoutSaysWhatIsThere(string source)
    {
        folder.Text("readme.txt", "unpack me");
        folder.Text("archive.zip", "PK");
        var e = Assert.Throws<MoSarException>(() => Open(source, folder.Root));
        Assert.Equal("data-layout", e.Code);
        Assert.EndsWith("There are: archive.zip, readme.txt.", e.Message);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void AFileIsNoFolder(string source)
    {
        var e = Assert.Throws<MoSarException>(() => Open(source, folder.Text("file.txt", "x")));
        Assert.Equal("data-folder-missing", e.Code);
        Assert.Contains("is a file", e.Message);
    }

    [Fact]
    public void PhotographsOfNestedFolders()
    {
        folder.Picture("01000/01001.png");
        folder.Picture("00000/00002.png", 0.5f);
        folder.Picture("00000/00001.png");
        folder.Picture(".hidden/00003.png");
        folder.Text("00000/notes.txt", "not a picture");
        var source = Open("images", folder.Root);
        Assert.Equal(["00000/00001", "00000/00002", "01000/01001"], source.Items.Select(i => i.Id));
        Assert.Equal(source.Items.Select(i => i.Id), source.Items.Select(i => i.Subject));
        Assert.Equal(folder.At("00000/00002.png"), Assert.Single(source.Items[1].Files));
        var sample = source.Load(1, CancellationToken.None);
        Assert.Equal(("00000/00002", 64, 3), (sample.Id, sample.Photograph!.Width, sample.Photograph.Channels));
        Assert.Null(sample.Landmarks);
    }

    [Fact]
    public void APatternTellsWhomAPhotographShows()
    {
        folder.Picture("london/001_03.png");
        folder.Picture("london/001_08.png");
        folder.Picture("london/002_03.png");
        var source = new ImagesSource(new ImagesOptions { Folder = folder.Root, Subject = "([0-9]+)_[0-9]+$" });
        Assert.Equal(["001", "001", "002"], source.Items.Select(i => i.Subject));

        var e = Assert.Throws<MoSarException>(() => new ImagesSource(new ImagesOptions { Folder = folder.Root, Subject = "^([a-z])_" }));
        Assert.Contains("does not find a subject in 'london/001_03'", e.Message);
        Assert.Equal("data-subject-pattern", Assert.Throws<MoSarException>(() => new ImagesSource(new ImagesOptions { Folder = folder.Root, Subject = "(" })).Code);
    }

    [Fact]
    public void LandmarksThatLieBesideThePhotographs()
    {
        var (a, none) = (folder.Picture("a.png"), folder.Picture("x/none.png"));
        float[] points = [.. Enumerable.Range(0, 136).Select(i => i / 4f)];
        var entries = new Dictionary<string, FoundLandmarks>
        {
            ["a.png"] = new(FoundLandmarks.HashOf(a), 64, 64, 2, points),
            ["x/none.png"] = new(FoundLandmarks.HashOf(none), 64, 64, 0, null, "no face was found"),
        };
        new PhotographLandmarks("fake", entries).Write(folder.At("landmarks.json"));
        var source = Open("images", folder.Root);
        Assert.Equal("a", Assert.Single(source.Items).Id);
        var landmarks = source.Load(0, CancellationToken.None).Landmarks!;
        Assert.Equal((68, new System.Numerics.Vector2(33.5f, 33.75f)), (landmarks.Points.Count, landmarks.Points[67]));
        Assert.All(landmarks.Visible, Assert.True);

        // Elsewhere, and with other points: another key of the cache.
        points[0] = 7;
        new PhotographLandmarks("fake", entries).Write(folder.At("elsewhere.json"));
        var other = new ImagesSource(new ImagesOptions { Folder = folder.Root, Landmarks = folder.At("elsewhere.json") });
        Assert.NotEqual(source.Items[0].Labels, other.Items[0].Labels);

        folder.Picture("b.png");
        var e = Assert.Throws<MoSarException>(() => Open("images", folder.Root));
        Assert.Equal("landmarks-incomplete", e.Code);
        Assert.Equal($"'{folder.At("landmarks.json")}' has no entry for 1 of 3 photographs in '{folder.Root}': b.png.", e.Message);

        File.Delete(folder.At("b.png"));
        folder.Picture("a.png", 0.7f);
        e = Assert.Throws<MoSarException>(() => source.Load(0, CancellationToken.None));
        Assert.Equal(("landmarks-stale", $"'{a}' is not the photograph whose landmarks were found: it was changed since."), (e.Code, e.Message));

        folder.Text("landmarks.json", """{"schema": "mosar/landmarks/2"}""");
        e = Assert.Throws<MoSarException>(() => Open("images", folder.Root));
        Assert.Equal("landmarks-file", e.Code);
        Assert.Contains("its schema is 'mosar/landmarks/2'", e.Message);
    }

    [Fact]
    public void TwoPicturesOfOneName()
    {
        folder.Picture("a.png");
        File.Copy(folder.At("a.png"), folder.At("a.jpg"));
        Assert.Contains("'a' twice: a.jpg and a.png", Assert.Throws<MoSarException>(() => Open("images", folder.Root)).Message);
    }

    [Fact]
    public void ABrokenPictureIsFoundWhenItIsLoadedAndNamed()
    {
        var path = folder.Picture("a.png");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);
        var source = Open("images", folder.Root);
        var e = Assert.Throws<MoSarException>(() => source.Load(0, CancellationToken.None));
        Assert.Equal("image-truncated", e.Code);
        Assert.Contains(path, e.Message);
    }

    [Fact]
    public void TexturesOfFfhqUv()
    {
        // Archives unpack with a folder each or without.
        folder.Picture("ffhq-uv/uv-maps/000/000001_diffuse.png", 0.5f);
        folder.Picture("ffhq-uv/uv-maps/000000.png");
        folder.Text("ffhq-uv/meta-info.json", "{}");
        var source = Open("ffhq-uv", folder.At("ffhq-uv"));
        Assert.Equal(["000/000001_diffuse", "000000"], source.Items.Select(i => i.Id));
        Assert.Equal(["000001_diffuse", "000000"], source.Items.Select(i => i.Subject));
        var sample = source.Load(0, CancellationToken.None);
        Assert.Equal("hifi3d", sample.Atlas);
        Assert.Equal(0.5f, sample.Maps["texture"].Pixels.Pixels[0], 0.005f);
        Assert.Null(sample.Photograph);

        // Named one level too high or too low: what should have been there is said.
        Assert.Contains("uv-maps/", Assert.Throws<MoSarException>(() => Open("ffhq-uv", folder.Root)).Message);
        folder.Text("packed/uv-maps/000.zip", "PK");
        Assert.Contains("unpack 000.zip", Assert.Throws<MoSarException>(() => Open("ffhq-uv", folder.At("packed"))).Message);
    }

    [Fact]
    public void TexturesAreSquare()
    {
        var path = folder.Picture("uv-maps/1.png", width: 64, height: 32);
        var e = Assert.Throws<MoSarException>(() => Open("ffhq-uv", folder.Root).Load(0, CancellationToken.None));
        Assert.Equal("map-shape", e.Code);
        Assert.Contains($"'{path}' is 64×32", e.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ffhq-uv-intrinsics-0/")]
    public void MapsOfFfhqUvIntrinsics(string archive)
    {
        foreach (var id in new[] { "000007", "000012" })
        {
            foreach (var map in Intrinsics)
            {
                folder.Picture($"{archive}{id}/{map}.png", map == "normal" ? 0.5f : 0.25f);
            }
        }

        var normal = new Image(64, 64, 3);
        for (var i = 0; i < normal.Pixels.Length; i += 3)
        {
            (normal.Pixels[i], normal.Pixels[i + 1], normal.Pixels[i + 2]) = (0.8f, 0.5f, 0.9f);
        }

        folder.Picture($"{archive}000007/normal.png", normal);
        var source = Open("ffhq-uv-intrinsics", folder.Root);
        Assert.Equal([$"{archive}000007", $"{archive}000012"], source.Items.Select(i => i.Id));
        Assert.Equal(["000007", "000012"], source.Items.Select(i => i.Subject));
        Assert.Equal(6, source.Items[0].Files.Count);
        var maps = source.Load(0, CancellationToken.None).Maps;
        Assert.Equal(Intrinsics.Order(StringComparer.Ordinal), maps.All.Keys);
        Assert.Equal(1, maps["ambient_occlusion"].Pixels.Channels);
        Assert.Equal(0.25f, maps["ambient_occlusion"].Pixels.Pixels[0], 0.005f);
        Assert.Equal(0.25f, maps["diffuse"].Pixels.Pixels[0], 0.005f);
        Assert.Equal([0.6f, 0f, 0.8f], maps["normal"].Pixels.Pixels[..3].Select(v => MathF.Round(v, 2)));

        // Half an item is a corrupt item, not another data set.
        File.Delete(folder.At($"{archive}000012/specular.png"));
        source = Open("ffhq-uv-intrinsics", folder.Root);
        var e = Assert.Throws<MoSarException>(() => source.Load(1, CancellationToken.None));
        Assert.Equal("file-missing", e.Code);
        Assert.Contains("000012/specular.png", e.Message);

        // Unless nobody asks for that map.
        source = new FfhqUvIntrinsicsSource(new FfhqUvIntrinsicsOptions { Folder = folder.Root, Maps = ["diffuse", "normal"] });
        Assert.Equal(["diffuse", "normal"], source.Load(1, CancellationToken.None).Maps.All.Keys);
        Assert.Contains("translucency", Assert.Throws<MoSarException>(() => new FfhqUvIntrinsicsSource(new FfhqUvIntrinsicsOptions { Folder = folder.Root, Maps = ["difuse"] })).Remedy);
    }

    [Fact]
    public void EnvironmentsKeepTheirBrightness()
    {
        folder.Picture("studio.exr", 40, 32, 16);
        folder.Picture("city/noon.hdr", 1000, 32, 16);
        folder.Picture("city/photo.png");
        var source = Open("environments", folder.Root);
        Assert.Equal(["city/noon.hdr", "studio.exr"], source.Items.Select(i => i.Id));
        var panorama = source.Load(0, CancellationToken.None).Light!.Panorama!;
        Assert.Equal((32, 16), (panorama.Width, panorama.Height));
        Assert.Equal(1000, panorama.Pixels[0], 4.0);

        folder.Picture("square.exr", 1, 16, 16);
        source = Open("environments", folder.Root);
        Assert.Equal("environment-shape", Assert.Throws<MoSarException>(() => source.Load(1, CancellationToken.None)).Code);
    }

    internal static IDatasetSource Open(string source, string at) => source switch
    {
        "images" => new ImagesSource(new ImagesOptions { Folder = at }),
        "ffhq-uv" => new FfhqUvSource(new FfhqUvOptions { Folder = at }),
        "ffhq-uv-intrinsics" => new FfhqUvIntrinsicsSource(new FfhqUvIntrinsicsOptions { Folder = at }),
        "environments" => new EnvironmentsSource(new EnvironmentsOptions { Folder = at }),
        _ => new LightStageSource(new LightStageOptions { Folder = at }),
    };
}
