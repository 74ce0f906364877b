using System.Numerics;
using MoSar.Graphics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Completion.Tests;

public sealed class CompletionTests
{
    private const int Size = 128;

    [Fact]
    public void Seen_texels_are_untouched_and_every_other_one_is_filled()
    {
        var random = new Random(1);
        var partial = Partial((_, _, _) => random.NextSingle(), (u, v) => u > 0.3f && v is > 0.2f and < 0.7f ? random.NextSingle() : 0);
        var result = Complete(partial, TestHeads.Sphere(90));
        for (var i = 0; i < Size * Size; i++)
        {
            if (partial.Visibility.Pixels[i] >= 0.3f)
            {
                Assert.Equal(partial.Texture.Rgb(i % Size, i / Size), result.Rgb(i % Size, i / Size));
            }

            Assert.True(result.Rgb(i % Size, i / Size).Length() > 0);
        }
    }

    [Fact]
    public void What_is_hidden_on_one_side_comes_from_the_other()
    {
        // Spots on the seen side appear mirrored on the hidden one.
        static float Spots(float u, float v) => 0.3f + (0.2f * MathF.Sin(60 * u) * MathF.Sin(40 * v));
        var result = Complete(Partial((u, v, _) => Spots(u, v), (u, _) => u > 0.45f ? 1 : 0), TestHeads.Plane(200, 200));
        for (var y = 4; y < Size; y += 9)
        {
            for (var x = 4; x < 0.4f * Size; x += 7)
            {
                Assert.Equal(Spots(1 - ((x + 0.5f) / Size), (y + 0.5f) / Size), result[x, y, 0], 0.02f);
            }
        }
    }

    [Fact]
    public void The_mirror_image_joins_without_a_seam_in_colour()
    {
        // The seen strip left of the middle is lit half as bright again as its twin on the right.
        var result = Complete(Partial((u, _, _) => u < 0.5f ? 0.6f : 0.4f, (u, _) => u > 0.35f ? 1 : 0), TestHeads.Plane(200, 200));
        var border = (int)(0.35f * Size);
        for (var y = 8; y < Size - 8; y += 10)
        {
            Assert.Equal(result[border + 2, y, 0], result[border - 3, y, 0], 0.02f);
        }
    }

    [Fact]
    public void Where_nothing_is_seen_the_models_own_colour_stands()
    {
        var result = Complete(Partial((_, _, _) => 0, (_, _) => 0), TestHeads.Plane(200, 200));
        Assert.All(result.Pixels, v => Assert.Equal(0.5f, v, 1e-4f));
    }

    [Fact]
    public void Far_from_anything_seen_the_photographs_tone_prevails_over_the_models()
    {
        // The person is darker and redder than the model's grey 0.5; only the face's middle is seen.
        var tone = new Vector3(0.36f, 0.2f, 0.15f);
        var mesh = TestHeads.Sphere(90).WithRegions(("face", uv => uv.X is > 0.3f and < 0.7f ? 1 : 0));
        var result = Complete(Partial((_, _, c) => tone[c], (u, v) => u is > 0.3f and < 0.7f && v is > 0.2f and < 0.8f ? 1 : 0), mesh);
        foreach (var (x, y) in new[] { (5, 64), (120, 40), (64, 5), (30, 120), (20, 64) })
        {
            Assert.True((result.Rgb(x, y) - tone).Length() < 0.02f, $"{result.Rgb(x, y)}");
        }
    }

    [Fact]
    public void A_collar_on_the_neck_is_not_skin()
    {
        var skin = new Vector3(0.5f, 0.33f, 0.25f);
        var mesh = TestHeads.Plane(200, 200).WithRegions(("face", uv => uv.Y < 0.5f ? 1 : 0), ("neck", uv => uv.Y < 0.5f ? 0 : 1));
        var partial = Partial((_, v, c) => v > 0.8f ? new Vector3(0.2f, 0.3f, 0.8f)[c] : skin[c], (_, _) => 1);
        var collar = (Size / 2, (int)(0.9f * Size));
        var kept = Complete(partial, mesh, new MirrorCompletionOptions { RejectClothing = false }).Rgb(collar.Item1, collar.Item2);
        var mended = Complete(partial, mesh).Rgb(collar.Item1, collar.Item2);
        Assert.Equal(0.8f, kept.Z, 1e-5f);
        Assert.True((mended - skin).Length() < 0.05f, $"{mended}");
        Assert.Equal(skin.X, Complete(partial, mesh)[Size / 2, (int)(0.65f * Size), 0], 1e-5f);
    }

    [Fact]
    public void Gutters_repeat_the_chart()
    {
        var mesh = TestHeads.Sheet(8, (s, t) => new Vector3(s * 100, -t * 100, 0), (s, t) => new Vector2(0.25f + (s / 2), 0.25f + (t / 2)));
        var result = Complete(Partial((_, _, _) => 0.3f, (_, _) => 1), mesh);
        Assert.All(result.Pixels, v => Assert.Equal(0.3f, v, 1e-5f));
    }

    private static Image Complete(PartialTexture partial, Mesh mesh, MirrorCompletionOptions? options = null) =>
        new MirrorCompletion(options ?? new MirrorCompletionOptions()).Run(new CompletionInput(partial, TestHeads.Reconstruct(mesh)), StageContext.None);

    private static PartialTexture Partial(Func<float, float, int, float> colour, Func<float, float, float> visibility)
    {
        var seen = TestHeads.Paint(Size, 1, (u, v, _) => visibility(u, v));
        var texture = TestHeads.Paint(Size, 3, colour);
        for (var i = 0; i < texture.Pixels.Length; i++)
        {
            texture.Pixels[i] *= seen.Pixels[i / 3] > 0 ? 1 : 0;
        }

        return new PartialTexture(texture, seen);
    }
}
