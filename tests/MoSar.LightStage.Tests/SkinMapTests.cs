using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage.Skins;
using MoSar.Testing;
using MoSar.TestSupport;

namespace MoSar.LightStage.Tests;

public sealed class SkinMapTests
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));
    private static readonly SkinSpace Space = new(Model, 512);
    private static readonly Mesh Mean = new(Model.Template, Model.Mean);

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void TheFinishedMapHasTheToneThatWasDrawn(int number)
    {
        var skin = SkinParameters.Draw(3, number, Model.AlbedoCount);
        var maps = SkinMaker.Make(Space, skin, Mean);
        Assert.Equal(skin.Ita, SkinMaker.MeasuredIta(Space, maps["diffuse"].Pixels), 4f);
        Assert.Equal(["ambient_occlusion", "diffuse", "displacement", "normal", "specular", "translucency"], maps.All.Keys);
    }

    [Fact]
    public void AFurrowIsOneThingInAllMaps()
    {
        var old = new SkinParameters { Seed = 5, Ita = 45, Age = 80, Wrinkles = 1.4f, Pores = 0, BrowDensity = 0, Hair = new(0.02f), Iris = new(0.1f), Albedo = [] };
        var (aged, young) = (SkinMaker.Make(Space, old, Mean), SkinMaker.Make(Space, old with { Wrinkles = 0 }, Mean));
        var depth = Difference(aged, young, "displacement");
        var (face, n) = (Space.Region("face"), 0);
        float darker = 0, dimmer = 0, duller = 0;
        var (diffuse, open, shine) = (Difference(aged, young, "diffuse"), Difference(aged, young, "ambient_occlusion"), Difference(aged, young, "specular"));
        for (var k = 0; k < Space.Count; k++)
        {
            if (depth[Space.Atlas.Covered[k]] < -0.15f && face[k] > 0.9f)
            {
                n++;
                darker += diffuse[Space.Atlas.Covered[k]];
                dimmer += open[Space.Atlas.Covered[k]];
                duller += shine[Space.Atlas.Covered[k]];
            }
        }

        Assert.True(n > 100, $"{n} texels in furrows");
        Assert.True(darker / n < -0.005f && dimmer / n < -0.005f && duller / n < -0.001f, $"{darker / n} {dimmer / n} {duller / n}");

        // And the normals are those of the displacement, everywhere.
        Assert.Equal(ReliefNormals.Make(aged["displacement"].Pixels, Mean).Pixels, aged["normal"].Pixels.Pixels);
    }

    [Fact]
    public void BrowsAreDarkerThanTheForeheadAndSitAboveTheEyes()
    {
        // The landmarks lie on the upper edge: dark below, bare skin above, wherever this person's brows are.
        foreach (var raise in (float[])[-3, 0, 3])
        {
            var skin = new SkinParameters { Seed = 9, Ita = 50, BrowDensity = 1, BrowHeight = 9, BrowRaise = raise, BrowTail = raise, Hair = new(0.015f), Iris = new(0.1f) };
            var map = SkinMaker.Make(Space, skin, Mean)["diffuse"].Pixels;
            var marks = Brows.Landmarks(Space, skin);
            foreach (var brow in (int[])[18, 19, 20, 23, 24, 25])
            {
                var at = marks[brow].On(Model.Template, Model.Mean);
                Assert.InRange(at.Y - Space.Landmarks[brow].Y, raise - 0.7f, raise + 0.7f);
                var bare = Around(map, at + new Vector3(0, 14, 0));
                Assert.True(Around(map, at - new Vector3(0, 2.5f, 0)) < 0.65f * bare, $"below brow {brow} at {raise} mm");
                Assert.True(Around(map, at + new Vector3(0, 5, 0)) > 0.78f * bare, $"above brow {brow} at {raise} mm: {Around(map, at + new Vector3(0, 5, 0)):f3} beside {bare:f3}");
            }
        }
    }

    [Fact]
    public void TheSameParametersGiveTheSameBits()
    {
        var skin = SkinParameters.Draw(1, 4, Model.AlbedoCount);
        var (a, b) = (SkinMaker.Make(Space, skin, Mean), SkinMaker.Make(Space, skin, Mean));
        Assert.All(a.All, m => Assert.Equal(m.Value.Pixels.Pixels, b[m.Key].Pixels.Pixels));
    }

    [Theory]
    [InlineData(0.3f)]
    [InlineData(1.0f)]
    public void OcclusionInAGrooveIsThatOfItsWalls(float slope)
    {
        // An endless V-groove with walls of the elevation h leaves cos h of the cosine-weighted sky open at its bottom.
        const int size = 128;
        var sheet = TestHeads.Sheet(2, (s, t) => new Vector3((s - 0.5f) * size, (0.5f - t) * size, 0), (s, t) => new Vector2(s, t));
        var relief = new Image(size, size, 1);
        for (var i = 0; i < size * size; i++)
        {
            relief.Pixels[i] = slope * Math.Abs((i % size) - 64);
        }

        var open = ReliefOcclusion.Make(relief, sheet);
        Assert.Equal(MathF.Cos(MathF.Atan(slope)), open[64, 64, 0], 0.01f);
        Assert.Equal(1f, ReliefOcclusion.Make(new Image(size, size, 1), sheet)[64, 64, 0], 1e-6f);
    }

    private static float[] Difference(MapSet a, MapSet b, string map)
    {
        var (x, y) = (a[map].Pixels, b[map].Pixels);
        return [.. Enumerable.Range(0, x.Width * x.Height).Select(i => x.Pixels[i * x.Channels] - y.Pixels[i * x.Channels])];
    }

    // Mean green within 2.5 mm.
    private static float Around(Image map, Vector3 point)
    {
        var face = Space.Region("face");
        var near = Enumerable.Range(0, Space.Count).Where(k => face[k] > 0.3f && Vector3.Distance(Space.Rest[k] with { Z = 0 }, point with { Z = 0 }) < 2.5f);
        return near.Average(k => map.Pixels[(3 * Space.Atlas.Covered[k]) + 1]);
    }
}
