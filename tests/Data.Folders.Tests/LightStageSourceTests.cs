using System.Globalization;
using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Learning.Data;

namespace MoSar.Plugins.Folders.Tests;

/// <summary>A light stage of one subject, written by hand in the published layout and read back.</summary>
public sealed class LightStageSourceTests : IDisposable
{
    private const int Side = 48;

    private static readonly string ModelFile = Path.Combine(AppContext.BaseDirectory, "samples", "face.safetensors");
    private static readonly FaceModel Model = FaceModel.Load(ModelFile);
    private static readonly PinholeCamera Camera = new(90, 90, 24, 25, [0.8, 0, 0.6, 0, 1, 0, -0.6, 0, 0.8], new Vector3(3, -20, -600));
    private static readonly Vector3[] Neutral = Model.Positions([0.5f, -1], []);

    private readonly DataFolder folder = new();

    public LightStageSourceTests()
    {
        folder.Text("lightstage.json", $$"""{"schema": "mosar/lightstage/1", "template": "{{Model.Template.Id}}", "faceGeometrySha256": "{{FaceGeometry.Sha256(ModelFile)}}"}""");
        folder.Text("subjects/s00001/subject.json", $$"""{"schema": "mosar/lightstage-subject/1", "id": "s00001", "template": "{{Model.Template.Id}}", "identity": [0.5, -1]}""");
        folder.Picture("subjects/s00001/maps/diffuse.png", 0.4f);
        folder.Picture("subjects/s00001/maps/specular.png", 0.028f, channels: 1);
        folder.Picture("subjects/s00001/maps/displacement.exr", -0.3f, channels: 1);
        ObjWriter.Write(folder.At("subjects/s00001/mesh.obj"), new Mesh(Model.Template, Neutral));
        View("stage_00");
        View("wild_000");
        folder.Picture("subjects/s00001/views/wild_000.mask.png", 1, Side, Side);
        folder.Picture("subjects/s00001/views/wild_000.position.exr", 12, Side, Side);
        folder.Picture("subjects/s00001/views/wild_000.normal.png", 0.5f, Side, Side);
        folder.Picture("subjects/s00001/views/wild_000.uv.exr", 0.5f, Side, Side);

        // What a killed run left: not there yet.
        folder.Text("subjects/.s00002.part/mesh.obj", "v 1 2");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AViewCarriesEverything()
    {
        var source = Open(new LightStageOptions { Folder = folder.Root, Model = ModelFile, Labels = true });
        Assert.Equal(["s00001/stage_00", "s00001/wild_000"], source.Items.Select(i => i.Id));
        Assert.All(source.Items, i => Assert.Equal("s00001", i.Subject));
        Assert.All(source.Items.SelectMany(i => i.Files), f => Assert.True(File.Exists(f), f));

        var sample = source.Load(1, CancellationToken.None);
        Assert.Equal((Side, Side), (sample.Photograph!.Width, sample.Mask!.Height));
        Assert.Equal(["diffuse", "displacement", "specular"], sample.Maps.All.Keys);
        Assert.Equal(0.4f, sample.Maps["diffuse"].Pixels.Pixels[0], 0.004f);
        Assert.Equal(0.028f, sample.Maps["specular"].Pixels.Pixels[0], 0.004f);
        Assert.Equal(-0.3f, sample.Maps["displacement"].Pixels.Pixels[0], 0.001f);
        Assert.Equal(Model.Template.Id, sample.Atlas);
        Assert.Equal(Camera with { Rotation = [] }, sample.Camera! with { Rotation = [] });
        Assert.Equal(Camera.Rotation, sample.Camera!.Rotation);
        Assert.Equal([0.5f, -1f], sample.Identity);
        Assert.Equal(0.7f, sample.Expression!["jawOpen"]);
        Assert.Equal(new EnvironmentReference("neon.hdr", 1.5f, 0.8f), sample.Light!.Environment);
        Assert.Equal(4, sample.Light.Harmonics!.Coefficients.Length);
        Assert.Equal(12, sample.Labels!.Position!.Pixels[0]);
        Assert.Equal(0, sample.Labels.Normal!.Pixels[0]);
        Assert.Equal(0.5f, sample.Labels.Uv!.Pixels[1]);

        // Mesh, expression, camera and landmarks are one thing.
        Assert.Same(source.Template, sample.Mesh!.Template);
        for (var i = 0; i < Landmarks.Count; i++)
        {
            Assert.True(Vector2.Distance(sample.Landmarks!.Points[i], sample.Camera.Project(Place(sample.Mesh.Positions, i))) < 0.01f);
            Assert.Equal(i % 3 != 0, sample.Landmarks.Visible[i]);
        }
    }

    [Fact]
    public void ARealStageMayHaveNoLabels()
    {
        var sample = Open(new LightStageOptions { Folder = folder.Root, Labels = true }).Load(0, CancellationToken.None);
        Assert.Null(sample.Mask);
        Assert.Null(sample.Labels);
        Assert.Null(sample.Mesh);
        Assert.NotNull(sample.Photograph);
    }

    [Fact]
    public void OptionsSayWhatIsRead()
    {
        Assert.Equal("s00001/stage_00", Assert.Single(Open(new LightStageOptions { Folder = folder.Root, Views = StageViews.Stage }).Items).Id);
        var wild = Open(new LightStageOptions { Folder = folder.Root, Views = StageViews.Wild, Maps = [] });
        Assert.Equal("s00001/wild_000", Assert.Single(wild.Items).Id);
        Assert.DoesNotContain(wild.Items[0].Files, f => f.Contains("maps") || f.EndsWith("mesh.obj", StringComparison.Ordinal) || f.EndsWith(".exr", StringComparison.Ordinal));
        var sample = wild.Load(0, CancellationToken.None);
        Assert.Empty(sample.Maps.All);
        Assert.NotNull(sample.Mask);
        Assert.Null(sample.Labels);

        var subjects = Open(new LightStageOptions { Folder = folder.Root, Views = StageViews.None, Model = ModelFile });
        Assert.Equal("s00001", Assert.Single(subjects.Items).Id);
        sample = subjects.Load(0, CancellationToken.None);
        Assert.Null(sample.Photograph);
        Assert.Equal(3, sample.Maps.All.Count);
        Assert.True(Vector3.Distance(Neutral[100], sample.Mesh!.Positions[100]) < 1e-4f);
        Assert.Equal("data-map-unknown", Assert.Throws<MoSarException>(() => Open(new LightStageOptions { Folder = folder.Root, Maps = ["difuse"] })).Code);
    }

    [Fact]
    public void OnlyDiffuseMustBeThere()
    {
        File.Delete(folder.At("subjects/s00001/maps/specular.png"));
        var source = Open(new LightStageOptions { Folder = folder.Root });
        Assert.Equal(["diffuse", "displacement"], source.Load(0, CancellationToken.None).Maps.All.Keys);
        File.Delete(folder.At("subjects/s00001/maps/diffuse.png"));
        Assert.Contains("diffuse.png", Assert.Throws<MoSarException>(() => source.Load(0, CancellationToken.None)).Message);
    }

    [Theory]
    [InlineData("views/wild_000.json", "{", "data-broken")]
    [InlineData("views/wild_000.json", "{\"image\": {\"width\": 48}}", "data-broken")]
    [InlineData("views/wild_000.json", "{\"image\": {\"width\": 50, \"height\": 48}}", "data-size")]
    [InlineData("views/wild_000.json", "{\"image\": {\"width\": 48, \"height\": 48}, \"expression\": {\"smirk\": 1}}", "data-expression")]
    [InlineData("subject.json", "[]", "data-broken")]
    [InlineData("mesh.obj", "v 1 2 3\nv 1 2\n", "data-mesh")]
    [InlineData("mesh.obj", "v 1 2 3\n", "data-mesh")]
    [InlineData("views/wild_000.mask.png", "", "image-empty")]
    public void WhatIsBrokenIsNamed(string file, string content, string code)
    {
        var path = folder.Text($"subjects/s00001/{file}", content);
        var source = Open(new LightStageOptions { Folder = folder.Root, Views = StageViews.Wild, Model = ModelFile });
        var e = Assert.Throws<MoSarException>(() => source.Load(0, CancellationToken.None));
        Assert.Equal(code, e.Code);
        Assert.Contains(code is "data-size" or "data-expression" ? "wild_000.png" : path, e.Message);
    }

    [Theory]
    [InlineData("""{"schema": "mosar/lightstage/9"}""", "data-schema")]
    [InlineData("""{"schema": "mosar/lightstage/1", "template": "other-head/1"}""", "data-template")]
    [InlineData("""{"schema": "mosar/lightstage/1", "faceGeometrySha256": "00"}""", "data-template")]
    [InlineData("nothing", "data-broken")]
    public void DataOfAnotherKindAreRefusedAtOnce(string header, string code)
    {
        folder.Text("lightstage.json", header);
        Assert.Equal(code, Assert.Throws<MoSarException>(() => Open(new LightStageOptions { Folder = folder.Root, Model = ModelFile })).Code);
    }

    [Fact]
    public void AStageWithoutWantedViewsSaysSo()
    {
        Directory.Delete(folder.At("subjects/s00001/views"), recursive: true);
        Assert.Contains("wild views", Assert.Throws<MoSarException>(() => Open(new LightStageOptions { Folder = folder.Root, Views = StageViews.Wild })).Message);
    }

    [Fact]
    public void AFaceCropFollowsTheLandmarks()
    {
        var source = Open(new LightStageOptions { Folder = folder.Root, Model = ModelFile, Labels = true });
        var prepared = SamplePreparation.Prepare(source.Load(1, CancellationToken.None), new DataOptions { Resolution = 64, MapResolution = 32, Crop = SampleCrop.Face, Margin = 1.25 });
        Assert.Equal((80, 32), (prepared.Photograph!.Width, prepared.Maps["diffuse"].Pixels.Width));
        var delivered = Augmentation.Apply(prepared, AugmentationDraw.None, 64);
        Assert.Equal(64, delivered.Photograph!.Width);
        for (var i = 0; i < Landmarks.Count; i++)
        {
            Assert.True(Vector2.Distance(delivered.Landmarks!.Points[i], delivered.Camera!.Project(Place(delivered.Mesh!.Positions, i))) < 0.02f);
        }

        // Upright, the face's height half of the square.
        var brows = (delivered.Landmarks!.Points[19] + delivered.Landmarks.Points[24]) / 2;
        Assert.InRange(delivered.Landmarks.Points[8].Y - brows.Y, 28, 36);
        Assert.Equal(brows.X, delivered.Landmarks.Points[8].X, 3f);
    }

    private static LightStageSource Open(LightStageOptions options) => new(options);

    private static Vector3 Place(Vector3[] positions, int landmark)
    {
        var (triangle, b) = Model.Template.Landmarks[landmark];
        var t = Model.Template.Triangles.AsSpan(3 * triangle, 3);
        return (b.X * positions[t[0]]) + (b.Y * positions[t[1]]) + (b.Z * positions[t[2]]);
    }

    private void View(string name)
    {
        var positions = (Vector3[])Neutral.Clone();
        var jaw = Model.Template.Expressions[Model.ExpressionIndex("jawOpen")].Offsets;
        for (var v = 0; v < positions.Length; v++)
        {
            positions[v] += 0.7f * jaw[v];
        }

        string Point(int i)
        {
            var p = Camera.Project(Place(positions, i));
            return string.Create(CultureInfo.InvariantCulture, $"[{p.X}, {p.Y}]");
        }

        folder.Picture($"subjects/s00001/views/{name}.png", 0.3f, Side, Side);
        folder.Text($"subjects/s00001/views/{name}.json", $$"""
            {
              "image": {"width": {{Side}}, "height": {{Side}}},
              "camera": {"fx": 90, "fy": 90, "cx": 24, "cy": 25, "rotation": [[0.8, 0, 0.6], [0, 1, 0], [-0.6, 0, 0.8]], "translation": [3, -20, -600]},
              "environment": {"name": "neon.hdr", "yaw": 1.5, "exposure": 0.8},
              "light": {"coefficients": [[1, 1, 1], [0, 0, 0], [0.5, 0.5, 0.5], [0, 0, 0]]},
              "expression": {"jawOpen": 0.7},
              "landmarks68": [{{string.Join(", ", Enumerable.Range(0, Landmarks.Count).Select(Point))}}],
              "landmarkVisible": [{{string.Join(", ", Enumerable.Range(0, Landmarks.Count).Select(i => i % 3 != 0 ? "true" : "false"))}}]
            }
            """);
    }
}
