using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Retargeting;
using MoSar.Graphics;

namespace MoSar.Plugins.Folders.Tests;

/// <summary>A data set whose topology is the template itself with its atlas lying on its side: every texel's place is known.</summary>
public sealed class TemplateAtlasTests : IDisposable
{
    private const int Size = 256;

    private readonly DataFolder folder = new();
    private readonly FaceTemplate template;

    public TemplateAtlasTests()
    {
        var model = FaceModel.Load(Path.Combine(AppContext.BaseDirectory, "samples", "face.safetensors"));
        template = model.Template;
        var skin = new byte[template.Triangles.Length / 3];
        var turned = new Mesh(template with { Id = "turned", Uvs = Array.ConvertAll(template.Uvs, t => new Vector2(1 - t.Y, t.X)) }, model.Mean);
        new AtlasCorrespondence(new AtlasSide(new Mesh(template, model.Mean), skin), new AtlasSide(turned, skin), new RegistrationQuality(1, 0, 0, 0, 1)).Save(folder.At("turned.safetensors"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TexturesComeInTheTemplatesAtlas()
    {
        folder.Picture("ffhq-uv/uv-maps/000001.png", Ramp((u, v) => new Vector3(v, 1 - u, 0.5f)));
        var source = new FfhqUvSource(new FfhqUvOptions { Folder = folder.At("ffhq-uv"), Correspondence = folder.At("turned.safetensors") });
        var sample = source.Load(0, CancellationToken.None);
        Assert.Equal(template.Id, sample.Atlas);
        Assert.Equal(["counterpart", "texture"], sample.Maps.All.Keys);

        // The ramp was the picture's own place turned round; carried, u and v are the template's.
        var (texture, counterpart) = (sample.Maps["texture"].Pixels, sample.Maps["counterpart"].Pixels);
        var raster = AtlasRaster.For(template, Size);
        Assert.True(raster.Covered.Average(t => counterpart.Pixels[t]) > 0.99f);
        var largest = raster.Covered.Where(t => counterpart.Pixels[t] > 0).Max(t => Vector2.Distance(
            new Vector2(Srgb.FromLinear(texture.Pixels[3 * t]), Srgb.FromLinear(texture.Pixels[(3 * t) + 1])), new Vector2(((t % Size) + 0.5f) / Size, ((t / Size) + 0.5f) / Size)));
        Assert.InRange(largest, 0, 0.02f);

        // An edited correspondence is another sample.
        Assert.Equal([folder.At("ffhq-uv/uv-maps/000001.png"), folder.At("turned.safetensors")], source.Items[0].Files);
    }

    [Fact]
    public void NormalsAreTurnedAndTheOtherMapsCarried()
    {
        foreach (var map in new[] { "ambient_occlusion", "diffuse", "specular", "translucency", "light_normalized" })
        {
            folder.Picture($"maps/000007/{map}.png", 0.25f, Size, Size);
        }

        // Leaning to the right there is leaning up here.
        folder.Picture("maps/000007/normal.png", Ramp((_, _) => new Vector3(0.8f, 0.5f, 0.9f)));
        var source = new FfhqUvIntrinsicsSource(new FfhqUvIntrinsicsOptions { Folder = folder.At("maps"), Correspondence = folder.At("turned.safetensors") });
        var sample = source.Load(0, CancellationToken.None);
        Assert.Equal(template.Id, sample.Atlas);
        Assert.Equal(7, sample.Maps.All.Count);
        var forehead = 3 * ((Size / 4 * Size) + (Size / 2));
        Assert.Equal([0, 0.6f, 0.8f], sample.Maps["normal"].Pixels.Pixels[forehead..(forehead + 3)].Select(v => MathF.Round(v, 2)));
        Assert.Equal(0.25f, sample.Maps["specular"].Pixels.Pixels[forehead / 3], 0.005f);
    }

    [Fact]
    public void AFileThatIsNoCorrespondenceIsSaidAtOnce()
    {
        folder.Picture("ffhq-uv/uv-maps/000001.png");
        var model = Path.Combine(AppContext.BaseDirectory, "samples", "face.safetensors");
        var e = Assert.Throws<MoSarException>(() => new FfhqUvSource(new FfhqUvOptions { Folder = folder.At("ffhq-uv"), Correspondence = model }));
        Assert.Equal("weights-mismatch", e.Code);
        Assert.Contains("mosar retarget", e.Remedy);
    }

    private static Image Ramp(Func<float, float, Vector3> value)
    {
        var image = new Image(Size, Size, 3);
        for (var i = 0; i < Size * Size; i++)
        {
            var codes = value(((i % Size) + 0.5f) / Size, ((i / Size) + 0.5f) / Size);
            codes.CopyTo(image.Pixels, 3 * i);
        }

        return image;
    }
}
