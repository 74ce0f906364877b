using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>Eyebrows hair by hair: upright at the nose, lying outwards towards the temple, thinning out at both edges.</summary>
internal static class Brows
{
    private const float HairsPerMm2 = 2.6f;

    public static void Draw(SkinSpace space, SkinParameters skin, Stamps hair)
    {
        var rng = new Rng(skin.Seed ^ 0xB0B0u);
        var face = space.Region("face");
        foreach (var side in (int[])[-1, 1])
        {
            // From the nose outwards, a little above the points, which lie on the lower half.
            var points = Enumerable.Range(0, 5).Select(i => space.Landmarks[side < 0 ? 21 - i : 22 + i] + new Vector3(0, 1, 0)).ToArray();
            var roots = Stamps.Scatter(space, k => face[k] < 0.5f ? 0 : skin.BrowDensity * HairsPerMm2 * Density(points, space.Rest[k], skin.BrowHeight, out _, out _), ref rng);
            foreach (var root in roots)
            {
                Density(points, space.Rest[root], skin.BrowHeight, out var along, out var across);
                var outwards = Vector3.Normalize(Curve.Along(points, MathF.Min(1, along + 0.12f)) - Curve.Along(points, MathF.Max(0, along - 0.12f)));

                // Hairs of the lower half rise, those of the upper half bend down to meet them.
                var rise = float.Lerp(1.5f, 0.25f, Curve.Smooth(0, 0.45f, along)) * (across > 0.25f ? -0.35f : 1) * rng.Range(0.6f, 1.3f);
                var direction = outwards + new Vector3(0, rise, 0) + (0.18f * new Vector3(rng.Normal(), rng.Normal(), rng.Normal()));
                hair.Stroke(root, direction, rng.Range(3.5f, 7.5f), rng.Range(0.06f, 0.11f), 0.95f);
            }
        }
    }

    // Relative density in [0, 1], how far along the brow (0 at the nose) and how high above its middle in half heights.
    private static float Density(Vector3[] points, Vector3 p, float height, out float along, out float across)
    {
        (along, across) = (0, 0);
        if (MathF.Abs(p.X - points[2].X) > 45 || MathF.Abs(p.Y - points[2].Y) > 25 || p.X * points[2].X < 0)
        {
            return 0;
        }

        var best = float.PositiveInfinity;
        const int steps = 24;
        for (var i = 0; i <= steps; i++)
        {
            var q = Curve.Along(points, i / (float)steps);
            var d = Vector3.DistanceSquared(p, q);
            if (d < best)
            {
                (best, along, across) = (d, i / (float)steps, p.Y - q.Y);
            }
        }

        var half = height / 2 * float.Lerp(1, 0.45f, Curve.Smooth(0.35f, 1, along));
        across /= half;
        var distance = MathF.Sqrt(best) / half;
        return Curve.Smooth(1.25f, 0.55f, distance);
    }
}
