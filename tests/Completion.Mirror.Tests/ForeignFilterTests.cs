using System.Numerics;
using MoSar.TestSupport;

namespace MoSar.Plugins.Completion.Tests;

/// <summary>
/// A flat head of 200 × 200 mm: scalp, face (from v = 0.15 to 0.6), and neck; a beard may grow from v = 0.42 on. Painted in skin, with something on it.
/// </summary>
public sealed class ForeignFilterTests
{
    private const int Size = 128;
    private static readonly Vector3 Skin = new(0.5f, 0.33f, 0.25f);
    private static readonly Vector3 Black = new(0.02f, 0.018f, 0.02f);

    [Fact]
    public void A_strap_and_all_below_it_is_taken_back()
    {
        var shirt = new Vector3(0.9f);
        Vector3 Paint(float u, float v) => MathF.Abs(v - 0.75f - (0.2f * u)) < 0.02f ? Black : v > 0.8f + (0.2f * u) ? shirt : Skin;
        foreach (var (u, v) in new[] { (0.2f, 0.79f), (0.2f, 0.9f), (0.7f, 0.89f), (0.7f, 0.97f) })
        {
            AssertNear(Skin, Complete(Paint, u, v), 0.06f);
            Assert.NotEqual(Skin, Kept(Paint, u, v));
        }

        Assert.Equal(Skin, Complete(Paint, 0.5f, 0.7f));
    }

    [Fact]
    public void Hair_on_the_side_of_a_cheek_goes_and_leaves_no_shadow()
    {
        // Its rim is blurred over two texels.
        Vector3 Paint(float u, float v) => Vector3.Lerp(Black, Skin, Math.Clamp((Vector2.Distance(new(u, v), new(0.9f, 0.42f)) - 0.07f) / 0.02f, 0, 1));
        Assert.True(Kept(Paint, 0.9f, 0.42f).X < 0.1f);
        for (var u = 0.75f; u < 1; u += 0.02f)
        {
            AssertNear(Skin, Complete(Paint, u, 0.42f), 0.03f);
        }
    }

    [Fact]
    public void A_mole_stays_where_a_lock_of_its_colour_goes()
    {
        static Func<float, float, Vector3> Spot(float radius) => (u, v) => Vector2.Distance(new(u, v), new(0.85f, 0.42f)) < radius ? new Vector3(0.08f, 0.05f, 0.04f) : Skin;
        Assert.Equal(0.08f, Complete(Spot(0.015f), 0.85f, 0.42f).X, 1e-5f);
        AssertNear(Skin, Complete(Spot(0.05f), 0.85f, 0.42f), 0.03f);
    }

    [Fact]
    public void A_dark_jaw_is_a_beard_if_the_chin_is_dark_too_and_else_hair()
    {
        var dark = new Vector3(0.12f, 0.08f, 0.06f);
        static bool Jaw(float u, float v) => v is > 0.46f and < 0.6f && MathF.Abs(u - 0.5f) > 0.3f;
        static bool Chin(float u, float v) => v is > 0.46f and < 0.6f;
        Assert.Equal(dark, Complete((u, v) => Chin(u, v) ? dark : Skin, 0.9f, 0.53f));
        Assert.Equal(dark, Complete((u, v) => Chin(u, v) ? dark : Skin, 0.5f, 0.53f));
        AssertNear(Skin, Complete((u, v) => Jaw(u, v) ? dark : Skin, 0.9f, 0.53f), 0.04f);
    }

    [Fact]
    public void Dark_skin_stays_under_any_light_and_the_wall_behind_it_goes()
    {
        // Lit from the right: three times as bright there as on the left.
        var skin = new Vector3(0.06f, 0.035f, 0.025f);
        Vector3 Lit(float u) => skin * (0.5f + u);
        Vector3 Paint(float u, float v) => u > 0.94f ? new Vector3(0.7f) : Lit(u);
        foreach (var (u, v) in new[] { (0.03f, 0.4f), (0.1f, 0.5f), (0.5f, 0.4f), (0.85f, 0.3f), (0.85f, 0.55f), (0.2f, 0.8f) })
        {
            var texel = (int)(u * Size);
            AssertNear(Lit((texel + 0.5f) / Size), Complete(Paint, u, v), 1e-5f);
        }

        AssertNear(Lit(0.97f), Complete(Paint, 0.97f, 0.45f), 0.03f);
    }

    [Fact]
    public void A_scalp_half_seen_is_wholly_haired_and_the_face_beside_it_is_not()
    {
        var hair = new Vector3(0.1f, 0.07f, 0.05f);
        static float Seen(float u, float v) => v < 0.4f && u < 0.4f ? 0 : 1;
        Vector3 Paint(float u, float v) => v < 0.15f ? hair : Skin;
        var result = Run(Paint, Seen, new MirrorCompletionOptions { Mirror = false });
        AssertNear(hair, result.Rgb(At(0.1f), At(0.04f)), 0.03f);
        AssertNear(Skin, result.Rgb(At(0.1f), At(0.37f)), 0.06f);
        Assert.Equal(hair, result.Rgb(At(0.8f), At(0.1f)));
    }

    [Fact]
    public void Features_are_never_doubted()
    {
        var brow = new Vector3(0.03f, 0.02f, 0.02f);
        Vector3 Paint(float u, float v) => Brow(u, v) ? brow : Skin;
        Assert.Equal(brow, Complete(Paint, 0.8f, 0.3f));
    }

    private static bool Brow(float u, float v) => MathF.Abs(MathF.Abs(u - 0.5f) - 0.25f) < 0.12f && MathF.Abs(v - 0.3f) < 0.03f;

    private static int At(float uv) => (int)(uv * Size);

    private static void AssertNear(Vector3 expected, Vector3 actual, float tolerance) =>
        Assert.True((expected - actual).Length() < tolerance, $"{actual} is not {expected}");

    private static Vector3 Complete(Func<float, float, Vector3> paint, float u, float v) => Run(paint, (_, _) => 1, new MirrorCompletionOptions()).Rgb(At(u), At(v));

    private static Vector3 Kept(Func<float, float, Vector3> paint, float u, float v) =>
        Run(paint, (_, _) => 1, new MirrorCompletionOptions { RejectClothing = false }).Rgb(At(u), At(v));

    private static Image Run(Func<float, float, Vector3> paint, Func<float, float, float> seen, MirrorCompletionOptions options)
    {
        var mesh = TestHeads.Plane(200, 200, 64).WithRegions(
            ("scalp", uv => uv.Y < 0.15f ? 1 : 0),
            ("face", uv => uv.Y is >= 0.15f and < 0.6f ? 1 : 0),
            ("stubble", uv => uv.Y is >= 0.42f and < 0.6f ? 1 : 0),
            ("brows", uv => Brow(uv.X, uv.Y) ? 1 : 0),
            ("neck", uv => uv.Y >= 0.6f ? 1 : 0));
        var partial = new PartialTexture(
            TestHeads.Paint(Size, 3, (u, v, c) => seen(u, v) > 0 ? paint(u, v)[c] : 0), TestHeads.Paint(Size, 1, (u, v, _) => seen(u, v)));
        return new MirrorCompletion(options).Run(new CompletionInput(partial, TestHeads.Reconstruct(mesh)), StageContext.None);
    }
}
