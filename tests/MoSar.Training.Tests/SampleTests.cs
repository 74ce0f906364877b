using System.Numerics;
using MoSar.Faces;
using MoSar.Learning;
using MoSar.Testing;
using MoSar.Training.Data;
using MoSar.Training.Synthetic;

namespace MoSar.Training.Tests;

public sealed class SampleTests
{
    private static readonly FaceModel Model = FaceModel.Load(Repository.Folder("samples", "models", "face.safetensors"));

    [Fact]
    public void A_render_is_a_function_of_its_seed()
    {
        var atlas = new SkinAtlas(Model);
        var renderer = new SyntheticRenderer(Model, atlas, [PaintedSkin.Paint(atlas, new Random(3))], new Vector2[Landmarks.Count]);
        var (first, second) = (renderer.Render(11), renderer.Render(11));
        Assert.Equal(first.Rgba, second.Rgba);
        Assert.Equal(first.Points, second.Points);
        Assert.NotEqual(first.Rgba, renderer.Render(12).Rgba);
    }

    [Fact]
    public void A_renders_crop_is_its_middle_and_belongs_to_its_points()
    {
        var atlas = new SkinAtlas(Model);
        var renderer = new SyntheticRenderer(Model, atlas, [PaintedSkin.Paint(atlas, new Random(3))], new Vector2[Landmarks.Count]);
        for (var seed = 0; seed < 6; seed++)
        {
            var c = renderer.Render(seed);
            Assert.True(Vector2.Distance(c.Crop.Centre, new Vector2(Cutout.Side / 2f)) < 0.01f);
            Assert.Equal(Cutout.Side / Cutout.Margin, c.Crop.Size, 0.01f);
            Assert.Equal(FaceCrops.FromLandmarks(c.Points), c.Crop);
        }
    }

    /// <summary>A white dot painted at a known place must lie where the sample says its point is: a slip of half a pixel would show.</summary>
    [Fact]
    public void Points_of_a_sample_lie_where_the_picture_shows_them()
    {
        // Three soft dots stand for brows, chin and eyes; the coverage is full, so no background mixes in.
        var rgba = new byte[Cutout.Side * Cutout.Side * 4];
        var points = Enumerable.Range(0, Landmarks.Count).Select(i => new Vector2(104 + (25 * MathF.Sin(i)), 70 + (60 * (i % 17 / 16f)))).ToArray();
        points[30] = new Vector2(110.25f, 96.75f);
        for (var i = 0; i < Cutout.Side * Cutout.Side; i++)
        {
            var d = Vector2.DistanceSquared(new Vector2((i % Cutout.Side) + 0.5f, (i / Cutout.Side) + 0.5f), points[30]);
            rgba[4 * i] = rgba[(4 * i) + 1] = rgba[(4 * i) + 2] = (byte)(255 * MathF.Exp(-d / 18));
            rgba[(4 * i) + 3] = 255;
        }

        var crop = new FaceCrop(new Vector2(104, 104), 130, 0);
        var samples = new LandmarkSamples(new TrainingMaterial([new Cutout(rgba, points, crop)], [new Tile(1, 1, [0, 0, 0, 255])], [], []), realShare: 0);
        var checkedSamples = 0;
        for (var n = 0; n < 40; n++)
        {
            var s = samples.Draw(n);
            var side = 128;
            Vector2 sum = default;
            var total = 0f;
            var background = s.Planes.Take(side * side).Min();
            for (var i = 0; i < side * side; i++)
            {
                var w = MathF.Max(0, s.Planes[i] - background - 0.5f);
                sum += w * new Vector2((i % side) + 0.5f, (i / side) + 0.5f);
                total += w;
            }

            var wanted = new Vector2(s.Points[60], s.Points[61]) * side;

            // Noise, blocks and occluders move the mean; samples they spared must agree to a fifth of a pixel.
            if (total > 5 && Vector2.Distance(sum / total, wanted) < 0.2f)
            {
                checkedSamples++;
            }
        }

        Assert.True(checkedSamples >= 15, $"{checkedSamples} of 40 samples show the dot where it should be");
    }

    [Fact]
    public void A_locator_sample_marks_the_cell_of_each_face()
    {
        var atlas = new SkinAtlas(Model);
        var renderer = new SyntheticRenderer(Model, atlas, [PaintedSkin.Paint(atlas, new Random(3))], new Vector2[Landmarks.Count]);
        var samples = new LocatorSamples([renderer.Render(1), renderer.Render(2)], [Backgrounds.Painted(1)], []);
        var withFace = 0;
        for (var n = 0; n < 24; n++)
        {
            var s = samples.Draw(n);
            var faces = s.Heat.Count(h => h == 1);
            withFace += faces > 0 ? 1 : 0;
            Assert.InRange(faces, 0, 3);
            Assert.All(s.Planes, v => Assert.InRange(v, -1, 1));
            Assert.Equal(s.Planes, samples.Draw(n).Planes);
        }

        Assert.InRange(withFace, 10, 23);
    }

    [Fact]
    public void Blocks_with_no_quantisation_step_are_unchanged()
    {
        var random = new Random(5);
        var planes = Enumerable.Range(0, 3 * 16 * 16).Select(_ => random.NextSingle()).ToArray();
        var before = planes.ToArray();
        JpegBlocks.Quantise(planes, 16, 1e-6f);
        Assert.All(planes.Zip(before), p => Assert.Equal(p.Second, p.First, 1e-3f));
    }
}
