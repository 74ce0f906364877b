using System.Numerics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Baked.Tests;

/// <summary>Diffuse, displacement and specular on a sheet of skin of 64 mm, half a millimetre a texel.</summary>
public sealed class SkinMapTests
{
    private const int Size = 128;
    private static readonly Vector3 Skin = new(0.5f, 0.35f, 0.25f);

    [Fact]
    public void All_five_maps_come_with_the_textures_size_and_inside_their_ranges()
    {
        var random = new Random(1);
        var stage = new BakedMaps(new BakedMapsOptions());
        var maps = Run((_, _, _) => random.NextSingle() * 1.2f);
        Assert.Equal(stage.Makes.Select(d => d.Name).Order(), maps.All.Keys);
        foreach (var map in maps.All.Values)
        {
            Assert.Equal((Size, Size, map.Descriptor.Channels), (map.Pixels.Width, map.Pixels.Height, map.Pixels.Channels));
            Assert.All(map.Pixels.Pixels, v => Assert.InRange(v, map.Descriptor.Minimum, map.Descriptor.Maximum));
        }
    }

    [Fact]
    public void In_uniform_light_an_open_sheet_is_its_own_albedo()
    {
        var diffuse = Run((_, _, c) => Skin[c])["diffuse"].Pixels;
        Assert.All(Enumerable.Range(0, Size * Size), i => Assert.True((diffuse.Rgb(i % Size, i / Size) - Skin).Length() < 0.01f));
    }

    [Fact]
    public void Residual_light_is_divided_out()
    {
        var half = new ShLight([.. ShLight.Uniform.Coefficients.Select(c => c * new Vector3(0.5f, 0.8f, 1))]);
        var diffuse = Run((_, _, c) => Skin[c] * new Vector3(0.5f, 0.8f, 1)[c], light: half)["diffuse"].Pixels;
        Assert.True((diffuse.Rgb(64, 64) - Skin).Length() < 0.01f);
    }

    [Fact]
    public void Shine_is_taken_out_and_pigment_stays()
    {
        // A white glint of 0.2 at (40, 64); a darker spot of the same hue at (90, 64).
        static float Spot(float u, float v, float x) => MathF.Exp(-(((u - x) * (u - x)) + ((v - 0.5f) * (v - 0.5f))) * 3000);
        float Colour(float u, float v, int c) => (Skin[c] * (1 - (0.4f * Spot(u, v, 0.7f)))) + (0.2f * Spot(u, v, 0.31f));
        var with = Run(Colour, ("face", _ => 1))["diffuse"].Pixels;
        var without = Run(Colour, new BakedMapsOptions { HighlightRemoval = 0 }, ("face", _ => 1))["diffuse"].Pixels;
        Assert.True(without[39, 63, 2] > Skin.Z + 0.15f);
        Assert.True(with[39, 63, 2] < Skin.Z + 0.1f, $"{with[39, 63, 2]}");
        Assert.Equal(without[89, 63, 0], with[89, 63, 0], 0.01f);
    }

    [Fact]
    public void A_dark_furrow_is_deep_and_a_brow_is_not_relief()
    {
        static float Furrow(float u, float x) => MathF.Exp(-(u - x) * (u - x) * 64 * 64 / (2 * 0.5f * 0.5f));
        var relief = Run(
            (u, _, c) => Skin[c] * (1 - (0.15f * (Furrow(u, 0.3f) + Furrow(u, 0.75f)))),
            ("face", _ => 1),
            ("brows", uv => uv.X > 0.6f ? 1 : 0))["displacement"].Pixels;
        Assert.InRange(relief[38, 64, 0], -0.2f, -0.02f);
        Assert.True(MathF.Abs(relief[20, 64, 0]) < 0.005f);
        Assert.Equal(0, relief[95, 64, 0], 1e-4f);
    }

    [Fact]
    public void Unseen_skin_and_scalp_are_smooth()
    {
        var random = new Random(2);
        float Noise(float u, float v, int c) => Skin[c] * (0.85f + (0.3f * random.NextSingle()));
        Assert.Contains(Run(Noise, ("face", _ => 1))["displacement"].Pixels.Pixels, d => MathF.Abs(d) > 0.005f);
        Assert.All(Run(Noise, ("face", _ => 1), ("scalp", _ => 1))["displacement"].Pixels.Pixels, d => Assert.Equal(0, d));
        Assert.All(Run(Noise, null, null, 0, ("face", _ => 1))["displacement"].Pixels.Pixels, d => Assert.Equal(0, d));
    }

    [Fact]
    public void Nose_shines_more_than_cheek_and_lips_most()
    {
        var specular = Run(
            (_, _, c) => Skin[c],
            ("face", _ => 1),
            ("cheeks", uv => uv.X < 0.33f ? 1 : 0),
            ("nose", uv => uv.X is > 0.33f and < 0.66f ? 1 : 0),
            ("lips", uv => uv.X > 0.66f ? 1 : 0))["specular"].Pixels;
        var (cheek, nose, lips) = (specular[10, 64, 0], specular[64, 64, 0], specular[120, 64, 0]);
        Assert.True(cheek < nose && nose < lips);
        Assert.InRange(cheek, 0.02f, 0.03f);
        Assert.InRange(lips, 0.04f, 0.06f);
    }

    private static MapSet Run(Func<float, float, int, float> colour, params (string Name, Func<Vector2, float> Weight)[] regions) =>
        Run(colour, new BakedMapsOptions(), regions);

    private static MapSet Run(Func<float, float, int, float> colour, BakedMapsOptions options, params (string Name, Func<Vector2, float> Weight)[] regions) =>
        Run(colour, null, options, 1, regions);

    private static MapSet Run(Func<float, float, int, float> colour, ShLight light) => Run(colour, light, null, 1);

    private static MapSet Run(
        Func<float, float, int, float> colour, ShLight? light, BakedMapsOptions? options, float visibility, params (string Name, Func<Vector2, float> Weight)[] regions)
    {
        var mesh = TestHeads.Plane(64, 64, 64).WithRegions(regions);
        var texture = new NormalizedTexture(TestHeads.Paint(Size, 3, colour), light ?? ShLight.Uniform);
        var input = new MapInput(texture, TestHeads.Constant(Size, visibility), TestHeads.Reconstruct(mesh), MapSet.Empty);
        return new BakedMaps(options ?? new BakedMapsOptions()).Run(input, StageContext.None).Aggregate(MapSet.Empty, (set, map) => set.With(map));
    }
}
