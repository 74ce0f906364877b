using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// How unlike skin each cell is: its deviation from the predicted skin over what its place allows. 1 is certainly not skin, one half doubtful. Ears
/// are redder and hold dark hollows, and the neck lies in the chin's shadow, so there they count less; background and cloth show by brightness.
/// </summary>
/// <param name="Absolute">Against the model's prediction.</param>
/// <param name="Local">At most that; less where a cell goes on smoothly from the skin around it.</param>
internal sealed record Foreignness(float[] Absolute, float[] Local)
{
    // Logarithms of roots: twice as large in linear values.
    private static readonly Limit Face = new(Dark: 0.34f, Bright: 0.42f, Colour: 0.17f);
    private static readonly Limit Ear = new(Dark: 0.55f, Bright: 0.25f, Colour: 0.25f);
    private static readonly Limit Neck = new(Dark: 0.45f, Bright: 0.3f, Colour: 0.17f);

    // Added to the limit of darkness in front of the neck.
    private const float ChinShadow = 0.3f;

    // A very uneven or noisy face widens its limits to this many standard deviations.
    private const float Deviations = 3.5f;

    // A beard may be this much darker at the side than the darkest fifth of it is on the chin; from a certain darkness there on it is a beard
    // and no shade, and all that grows around it may be dark.
    private const float BeardReserve = 1.4f, BeardShows = 0.25f, BeardDark = 1.5f;

    // Relative to the accepted skin around it, a cell of ears and neck is judged by this part of its limits, one of the face by the whole of
    // them; such a cell may be this many limits off the model's prediction.
    private const float Nearby = 0.75f, Furthest = 2.2f;

    // Cells of 1/512 of the atlas over which skin counts as around; so far acceptance spreads in each round.
    private const int Reach = 12, Rounds = 4;

    public static Foreignness Measure(SkinTone tone, HeadZones zones)
    {
        var limits = Limits(tone, zones);
        float[] absolute = [.. tone.Deviation.Select((d, k) => tone.Seen[k] ? limits[k].Excess(d) : 0)];
        var result = absolute;

        // The fitted light is coarse, and shade, blush and beard differ slowly along skin; hair and background begin at an edge.
        for (var round = 0; round < Rounds; round++)
        {
            var near = Around(tone, [.. result.Select((f, k) => tone.Seen[k] && zones.Feature[k] < 0.2f && (zones.Inner[k] > 0.5f || f < 0.5f))]);
            result = [.. absolute.Select((f, k) => near[k] is { } skin ? MathF.Max(f / Furthest, limits[k].Excess(tone.Deviation[k] - skin) / (Nearby + ((1 - Nearby) * zones.Face[k]))) : f)];
        }

        return new Foreignness(absolute, [.. result.Select((f, k) => MathF.Min(f, absolute[k]))]);
    }

    private static Limit[] Limits(SkinTone tone, HeadZones zones)
    {
        var beard = Beard(tone, zones);
        var limits = new Limit[tone.Seen.Length];
        for (var k = 0; k < limits.Length; k++)
        {
            var limit = Limit.Mix(Limit.Mix(Face, Neck, zones.Neck[k]), Ear, zones.Ears[k]).AtLeast(Deviations * tone.Spread);
            var dark = limit.Dark + (ChinShadow * zones.Neck[k] * (1 - zones.Side[k]));
            limits[k] = limit with { Dark = MathF.Max(dark, zones.Stubble[k] * beard.Dark), Colour = MathF.Max(limit.Colour, zones.Stubble[k] * beard.Colour) };
        }

        return limits;
    }

    // The mean deviation of the accepted cells around each cell; null where there is none.
    private static Vector3?[] Around(SkinTone tone, bool[] accepted)
    {
        var (atlas, size) = (tone.Atlas, tone.Atlas.Resolution);
        var mask = new int[size * size];
        Array.Fill(mask, -1);
        var channels = new float[3][];
        for (var c = 0; c < 3; c++)
        {
            channels[c] = new float[size * size];
        }

        for (var k = 0; k < accepted.Length; k++)
        {
            if (accepted[k])
            {
                var cell = atlas.Covered[k];
                mask[cell] = 0;
                (channels[0][cell], channels[1][cell], channels[2][cell]) = (tone.Deviation[k].X, tone.Deviation[k].Y, tone.Deviation[k].Z);
            }
        }

        var reach = Math.Max(1, Reach * size / 512);
        var mean = channels.Select(c => BoxAverage.Over(c, mask, size, reach)).ToArray();

        // An exact 0 comes from no cell at all, or else changes nothing.
        return [.. atlas.Covered.Select(cell => mean[0][cell] != 0 ? new Vector3(mean[0][cell], mean[1][cell], mean[2][cell]) : (Vector3?)null)];
    }

    private static float Colour(Vector3 deviation) => MathF.Sqrt((deviation.Y * deviation.Y) + (deviation.Z * deviation.Z));

    // On chin and upper lip, which hair of the head does not reach: how dark and how unlike skin in colour, as limits.
    private static (float Dark, float Colour) Beard(SkinTone tone, HeadZones zones)
    {
        var chin = Enumerable.Range(0, tone.Seen.Length).Where(k => tone.Seen[k] && zones.Stubble[k] > 0.5f && zones.Inner[k] > 0.5f && zones.Feature[k] < 0.1f).Select(k => tone.Deviation[k]).ToArray();
        if (chin.Length < 50)
        {
            return (0, 0);
        }

        float Fifth(Func<Vector3, float> of) => chin.Select(of).OrderDescending().ElementAt(chin.Length / 5);
        var dark = Fifth(d => -d.X);
        return (dark > BeardShows ? BeardDark : BeardReserve * dark, BeardReserve * Fifth(Colour));
    }

    private readonly record struct Limit(float Dark, float Bright, float Colour)
    {
        public static Limit Mix(Limit a, Limit b, float t) => new(a.Dark + (t * (b.Dark - a.Dark)), a.Bright + (t * (b.Bright - a.Bright)), a.Colour + (t * (b.Colour - a.Colour)));

        /// <summary>Of a deviation: 1 at the limit.</summary>
        public float Excess(Vector3 d) => MathF.Max(MathF.Max(-d.X / Dark, d.X / Bright), Foreignness.Colour(d) / Colour);

        public Limit AtLeast(Vector3 spread) => new(MathF.Max(Dark, spread.X), MathF.Max(Bright, spread.X), MathF.Max(Colour, MathF.Max(spread.Y, spread.Z)));
    }
}
