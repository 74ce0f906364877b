using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>
/// Eyebrows hair by hair: upright at the nose, lying outwards towards the temple, thinning out at both edges. No two people's lie alike, so
/// the landmarks on them move along: <see cref="Landmarks"/>.
/// </summary>
internal static class Brows
{
    private const float HairsPerMm2 = 2.6f;

    // The brow goes a little further than its outermost points, which are means of two (17 and 26 of the hand-placed template's first and second).
    private const float PastNose = 0.3f, PastTemple = 0.8f;

    // People place the points on the edge of what is dense: so much lies above them, at the nose and at the temple, and beyond the tail's. mm.
    private const float AboveNose = 1.4f, AboveTemple = 2.2f, BeyondTemple = 1.8f;

    /// <summary>Where the brows are and how thick, relative to their own thickest: in [0, 1] by texel.</summary>
    public static float[] Cover(SkinSpace space, SkinParameters skin)
    {
        var result = new float[space.Count];
        var (left, right) = (MiddleLine(space, skin, -1), MiddleLine(space, skin, 1));
        Parallel.For(0, space.Count, k =>
        {
            var p = space.Rest[k];
            result[k] = Density(p.X < 0 ? left : right, p, skin.BrowHeight, out _, out _);
        });
        return result;
    }

    /// <param name="cover">Of <see cref="Cover"/>.</param>
    public static void Draw(SkinSpace space, SkinParameters skin, float[] cover, Stamps hair)
    {
        var rng = new Rng(skin.Seed ^ 0xB0B0u);
        var face = space.Region("face");
        foreach (var side in (int[])[-1, 1])
        {
            var line = MiddleLine(space, skin, side);
            var roots = Stamps.Scatter(space, k => face[k] < 0.5f || side * space.Rest[k].X < 0 ? 0 : skin.BrowDensity * HairsPerMm2 * cover[k], ref rng);
            foreach (var root in roots)
            {
                Density(line, space.Rest[root], skin.BrowHeight, out var along, out var across);
                var outwards = Vector3.Normalize(Curve.Along(line, MathF.Min(1, along + 0.12f)) - Curve.Along(line, MathF.Max(0, along - 0.12f)));

                // Hairs of the lower half rise, those of the upper half bend down to meet them.
                var rise = float.Lerp(1.5f, 0.25f, Curve.Smooth(0, 0.45f, along)) * (across > 0.25f ? -0.35f : 1) * rng.Range(0.6f, 1.3f);
                var direction = outwards + new Vector3(0, rise, 0) + (0.18f * new Vector3(rng.Normal(), rng.Normal(), rng.Normal()));
                hair.Stroke(root, direction, rng.Range(3.5f, 7.5f), rng.Range(0.06f, 0.11f), 0.95f);
            }
        }
    }

    /// <summary>The template's landmarks, those of the brows where this person's are.</summary>
    public static SurfacePoint[] Landmarks(SkinSpace space, SkinParameters skin)
    {
        var result = (SurfacePoint[])space.Model.Template.Landmarks.Clone();
        var face = space.Region("face");
        foreach (var side in (int[])[-1, 1])
        {
            var edge = UpperEdge(space, skin, side);
            for (var i = 0; i < edge.Length; i++)
            {
                result[Index(side, i)] = space.SurfaceAt(edge[i], face);
            }
        }

        return result;
    }

    // From the nose outwards.
    private static int Index(int side, int i) => side < 0 ? 21 - i : 22 + i;

    private static Vector3[] UpperEdge(SkinSpace space, SkinParameters skin, int side) =>
        [.. Enumerable.Range(0, 5).Select(i =>
        {
            var t = i / 4f;
            var up = skin.BrowRaise + (skin.BrowArch * ((4 * t * (1 - t)) - 0.5f));
            var outwards = (skin.BrowTail * t * t) + (skin.BrowGap * (1 - t) * (1 - t));
            return space.Landmarks[Index(side, i)] + new Vector3(side * outwards, up, 0);
        })];

    private static Vector3[] MiddleLine(SkinSpace space, SkinParameters skin, int side)
    {
        var edge = UpperEdge(space, skin, side);
        Vector3[] line = [edge[0] + (PastNose * (edge[0] - edge[1])), .. edge, edge[4] + (PastTemple * (edge[4] - edge[3]))];
        return
        [
            .. line.Select((p, i) =>
            {
                var t = i / (line.Length - 1f);
                return p + new Vector3(side * BeyondTemple * t * t, float.Lerp(AboveNose, AboveTemple, t) - Half(skin.BrowHeight, t), 0);
            }),
        ];
    }

    private static float Half(float height, float along) =>
        height / 2 * float.Lerp(0.85f, 1, Curve.Smooth(0, 0.2f, along)) * float.Lerp(1, 0.4f, Curve.Smooth(0.4f, 1, along));

    // Relative density in [0, 1], how far along the brow (0 at the nose) and how high above its middle in half heights.
    private static float Density(Vector3[] line, Vector3 p, float height, out float along, out float across)
    {
        (along, across) = (0, 0);
        var middle = line[line.Length / 2];
        if (MathF.Abs(p.X - middle.X) > 45 || MathF.Abs(p.Y - middle.Y) > 25 || p.X * middle.X < 0 || p.Z < middle.Z - 40)
        {
            return 0;
        }

        // The ridge rises and falls below the line: depth counts half.
        var flat = new Vector3(1, 1, 0.5f);
        var best = float.PositiveInfinity;
        const int steps = 32;
        for (var i = 0; i <= steps; i++)
        {
            var q = Curve.Along(line, i / (float)steps);
            var d = ((p - q) * flat).LengthSquared();
            if (d < best)
            {
                (best, along, across) = (d, i / (float)steps, p.Y - q.Y);
            }
        }

        var half = Half(height, along);
        across /= half;
        return Curve.Smooth(1.25f, 0.55f, MathF.Sqrt(best) / half);
    }
}
