using System.Numerics;
using MoSar.LightStage;

namespace MoSar.Samples.Portrait;

/// <summary>A crew-neck pullover: rings around the neck that widen into shoulders.</summary>
internal static class Clothing
{
    private const int Around = 160;

    /// <param name="neck">Centre of the neck where the collar sits, millimetres.</param>
    /// <param name="radius">Half widths of the neck there: across and in depth.</param>
    /// <param name="turn">Radians by which the body is turned about the vertical against the head.</param>
    public static (Vector3[] Positions, int[] Triangles, Vector3[] Tints) Pullover(Vector3 neck, Vector2 radius, float turn, Vector3 colour)
    {
        // Height below the collar, widening across and in depth, and how far the ring's centre moves back.
        (float Down, float Across, float Depth, float Back)[] rings =
        [
            (3f, -2.5f, -2.5f, 0), (-2.5f, 0.5f, 0.5f, 0), (-4f, 3.5f, 3.5f, 0), (-2f, 6.5f, 6.5f, 0), (4f, 8f, 8f, 0), (12f, 9.5f, 9f, 0), (16f, 9.2f, 8.7f, 0),
            (18f, 8.2f, 7.6f, 0), (20f, 10.5f, 9f, 0), (24f, 18f, 13f, 1), (30f, 34f, 19f, 3), (38f, 58f, 25f, 6), (49f, 88f, 33f, 9), (63f, 118f, 42f, 11),
            (82f, 143f, 50f, 12), (108f, 160f, 58f, 12), (145f, 168f, 64f, 11), (220f, 170f, 68f, 10), (330f, 168f, 70f, 8), (520f, 166f, 70f, 5),
        ];
        var positions = new List<Vector3>();
        var tints = new List<Vector3>();
        var (sin, cos) = MathF.SinCos(turn);
        const int steps = 8;
        for (var r = 0; r < ((rings.Length - 1) * steps) + 1; r++)
        {
            var (i, f) = (Math.Min(r / steps, rings.Length - 2), (r / (float)steps) - Math.Min(r / steps, rings.Length - 2));
            float Blend(Func<(float Down, float Across, float Depth, float Back), float> of)
            {
                Vector3[] four = [.. ((int[])[Math.Max(i - 1, 0), i, i + 1, Math.Min(i + 2, rings.Length - 1)]).Select(k => new Vector3(of(rings[k])))];
                return Curve.Along(four, (1 + f) / 3f).X;
            }

            var (down, across, depth, back) = (Blend(x => x.Down), Blend(x => x.Across), Blend(x => x.Depth), Blend(x => x.Back));
            for (var k = 0; k < Around; k++)
            {
                var a = k * MathF.Tau / Around;
                var (s, c) = MathF.SinCos(a);

                // The collar is higher at the back of the neck; shoulders drop towards the arms.
                var collar = 15f * -c * Curve.Smooth(40f, 0f, down);
                var slope = Curve.Smooth(20f, 70f, down) * 14f * s * s;
                var x = (radius.X + across) * MathF.Sign(s) * MathF.Pow(MathF.Abs(s), 0.92f);
                var z = ((radius.Y + depth) * MathF.Sign(c) * MathF.Pow(MathF.Abs(c), 0.92f)) - back;
                var fold = 5f * Noise.Fractal(new Vector3(s * 2.4f, down / 90f, c * 2.4f), 3, 501) * Curve.Smooth(24f, 90f, down);
                x *= 1 + (fold / 130f);
                z += fold;
                var p = new Vector3((x * cos) + (z * sin), collar - down - slope, (z * cos) - (x * sin));
                positions.Add(neck + p);
                var rib = down is > -5f and < 17f ? 0.86f + (0.14f * MathF.Cos(a * 110f)) : 1f;
                tints.Add(colour * (rib * (1 + (0.10f * Noise.Fractal(p / 14f, 3, 521)))));
            }
        }

        var triangles = new List<int>();
        for (var r = 0; r + 1 < positions.Count / Around; r++)
        {
            for (var k = 0; k < Around; k++)
            {
                int a = (r * Around) + k, b = (r * Around) + ((k + 1) % Around);
                triangles.AddRange([a, a + Around, b, b, a + Around, b + Around]);
            }
        }

        return ([.. positions], [.. triangles], [.. tints]);
    }
}
