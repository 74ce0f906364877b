using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Learning;
using MoSar.Learning.Networks;
using MoSar.Training.Synthetic;

namespace MoSar.Training.Data;

/// <summary>One item for the landmark network.</summary>
/// <param name="Planes">3·S·S in [−1, 1].</param>
/// <param name="Points">136 values x, y in parts of the crop's side.</param>
/// <param name="Weights">68, 0 where the point is unknown or outside.</param>
internal sealed record LandmarkSample(float[] Planes, float[] Points, float[] Weights);

/// <summary>Draws samples: synthetic heads before any background, or a light stage's renders, mixed with training portraits, all disturbed.</summary>
internal sealed class LandmarkSamples
{
    /// <summary>Side of a portrait's tile over its crop, and its pixels over the network's: enough for the jitter of crops, and sharper than the network sees.</summary>
    private const float TileMargin = 2.1f;

    private const float TileDetail = 2.58f;

    /// <summary>Weight of a render's points that the picture does not show: a guess is asked for, but not at the cost of what is seen.</summary>
    private const float HiddenWeight = 0.5f;

    /// <summary>Weight of points that a fit placed, not a hand.</summary>
    private const float FittedWeight = 0.35f;

    private readonly IReadOnlyList<Cutout> cutouts;
    private readonly IReadOnlyList<Tile> backgrounds;
    private readonly List<Source> portraits;
    private readonly List<Source> stage;
    private readonly double realShare;
    private readonly int side;

    /// <param name="side">S, pixels.</param>
    public LandmarkSamples(TrainingMaterial material, double realShare, int side = LandmarkNetwork.InputSide)
    {
        (cutouts, backgrounds, this.realShare, this.side) = (material.Cutouts, material.Backgrounds, realShare, side);
        portraits = [.. material.Portraits.Select(Prepare)];
        stage = [.. material.Stage.Select(p => new Source(p.Tile, p.Points, [.. p.Seen.Select(s => s ? 1 : HiddenWeight)], FaceCrops.FromLandmarks(p.Points)))];
    }

    /// <summary>The sample of a number; the same number gives the same sample.</summary>
    public LandmarkSample Draw(int number)
    {
        var random = new Random(unchecked((number * (int)0x9E3779B1) ^ 0x51ED270B));
        if (random.Chance(portraits.Count == 0 ? 0 : realShare))
        {
            var source = portraits[random.Next(portraits.Count)];
            return Make(source, null, random);
        }

        if (stage.Count > 0)
        {
            return Make(stage[random.Next(stage.Count)], null, random);
        }

        var c = cutouts[random.Next(cutouts.Count)];
        var weights = Enumerable.Repeat(1f, Landmarks.Count).ToArray();
        return Make(new Source(new Tile(Cutout.Side, Cutout.Side, c.Rgba), c.Points, weights, c.Crop), backgrounds[random.Next(backgrounds.Count)], random);
    }

    private Source Prepare(TrainingPortrait p)
    {
        var region = p.Crop with { Size = p.Crop.Size * TileMargin, Roll = 0 };
        var pixels = (int)(TileDetail * side);
        var points = p.Points.Select(q => region.FromPixel(q) * pixels).ToArray();
        return new Source(p.Cut(region, pixels), points, [.. p.HandPlaced.Select(h => h ? 1 : FittedWeight)], FaceCrops.FromLandmarks(points));
    }

    private LandmarkSample Make(Source source, Tile? background, Random random)
    {
        var mirror = random.Chance(0.5);
        var roll = random.Chance(0.7) ? 10 * random.Normal() : random.Uniform(-48, 48);
        var size = source.Crop.Size * MathF.Exp(Math.Clamp(0.11f * random.Normal(), -0.28f, 0.28f));
        var shift = new Vector2(Math.Clamp(0.045f * random.Normal(), -0.14f, 0.14f), Math.Clamp(0.045f * random.Normal(), -0.14f, 0.14f));
        var crop = new FaceCrop(source.Crop.Centre + (shift * size), size, source.Crop.Roll + (roll * MathF.PI / 180));
        var planes = new float[3 * side * side];
        Paint(planes, source.Tile, crop, mirror, background, random);
        Photometry.Disturb(planes, side, random, occlude: true);
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = (2 * Math.Clamp(planes[i], 0, 1)) - 1;
        }

        var points = new float[2 * Landmarks.Count];
        var weights = new float[Landmarks.Count];
        for (var i = 0; i < Landmarks.Count; i++)
        {
            var from = mirror ? Landmarks.Mirror[i] : i;
            var uv = crop.FromPixel(source.Points[from]);
            var (x, y) = (mirror ? 1 - uv.X : uv.X, uv.Y);
            (points[2 * i], points[(2 * i) + 1]) = (x, y);
            weights[i] = x is > 0.01f and < 0.99f && y is > 0.01f and < 0.99f ? source.Weights[from] : 0;
        }

        return new LandmarkSample(planes, points, weights);
    }

    private void Paint(float[] planes, Tile tile, FaceCrop crop, bool mirror, Tile? background, Random random)
    {
        var step = crop.Size / side;
        var (sin, cos) = MathF.SinCos(crop.Roll);
        var right = new Vector2(cos, sin) * step;
        var down = new Vector2(-sin, cos) * step;
        var corner = crop.ToPixel(Vector2.Zero);
        var taps = step > 1.35f ? 2 : 1;
        var (bs, bc) = MathF.SinCos(random.Uniform(-0.6f, 0.6f));
        var zoom = MathF.Exp(random.Uniform(-1.2f, 0.6f));
        var start = new Vector2(random.Uniform(0, 512), random.Uniform(0, 512));
        var plane = side * side;
        for (var j = 0; j < side; j++)
        {
            for (var i = 0; i < side; i++)
            {
                var sum = Vector4.Zero;
                for (var t = 0; t < taps * taps; t++)
                {
                    sum += tile.Sample(corner + ((i + (((t % taps) + 0.5f) / taps)) * right) + ((j + (((t / taps) + 0.5f) / taps)) * down));
                }

                sum /= taps * taps;
                if (sum.W < 0.995f && background is not null)
                {
                    var p = start + (zoom * new Vector2((bc * i) - (bs * j), (bs * i) + (bc * j)));
                    sum += (1 - sum.W) * background.SampleMirrored(p);
                }

                var at = (j * side) + (mirror ? side - 1 - i : i);
                (planes[at], planes[plane + at], planes[(2 * plane) + at]) = (sum.X / 255, sum.Y / 255, sum.Z / 255);
            }
        }
    }

    private sealed record Source(Tile Tile, Vector2[] Points, float[] Weights, FaceCrop Crop);
}
