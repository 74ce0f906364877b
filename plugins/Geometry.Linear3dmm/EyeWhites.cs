using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>
/// Exposure from the whites of the eyes, the one thing in a face that is as bright in every person: between the eyelids, the 90th
/// percentile of luminance is 0.36 in the London studio (spread 0.22 in the logarithm, 0.2 lower for the darkest skin), 0.54 in flash
/// selfies, 0.04 in dim light. It tells dim light from dark skin, which skin itself cannot.
/// </summary>
internal static class EyeWhites
{
    private const double StudioLuminance = 0.36, Percentile = 0.9;

    // Of ln exposure: about the eyes' reading, and of photographs in general.
    private const double ReadingSigma = 0.3, GeneralSigma = 0.5;
    private const int FewestPixels = 16;

    /// <summary>The prior of the light with its brightness and spread as the eyes tell; unchanged where they are too small to see.</summary>
    public static LightPrior Refine(LightPrior prior, Image image, Landmarks landmarks)
    {
        double[] readings = [.. new[] { 36, 42 }.Select(first => Luminance(image, landmarks, first)).Where(l => l > 0)];
        if (readings.Length == 0)
        {
            return prior;
        }

        // A flash in the eyes says little: brighter than a studio is only believed a little.
        var reading = Math.Clamp(Math.Log(readings.Average() / StudioLuminance), -2.3, 0.15);
        var (a, b) = (1 / (ReadingSigma * ReadingSigma), 1 / (GeneralSigma * GeneralSigma));
        var exposure = Math.Exp(reading * a / (a + b));
        return prior with
        {
            Brightness = prior.Brightness * exposure,
            BrightnessSigma = 1 / Math.Sqrt(a + b),
            ChromaSigma = prior.ChromaSigma * exposure,
        };
    }

    /// <summary>The percentile within one eye's six points; 0 when they hold too few pixels.</summary>
    private static double Luminance(Image image, Landmarks landmarks, int first)
    {
        var corners = Enumerable.Range(first, 6).Select(i => landmarks.Points[i]).ToArray();
        if (corners.Any(c => !float.IsFinite(c.X)))
        {
            return 0;
        }

        var (low, high) = (corners.Aggregate(Vector2.Min), corners.Aggregate(Vector2.Max));
        var inside = new List<double>();
        for (var y = Math.Max(0, (int)low.Y); y <= Math.Min(image.Height - 1, (int)high.Y); y++)
        {
            for (var x = Math.Max(0, (int)low.X); x <= Math.Min(image.Width - 1, (int)high.X); x++)
            {
                if (Contains(corners, new Vector2(x + 0.5f, y + 0.5f)))
                {
                    var c = image.Rgb(x, y);
                    inside.Add(Rec709.Luminance(c));
                }
            }
        }

        inside.Sort();
        return inside.Count < FewestPixels ? 0 : inside[(int)(Percentile * (inside.Count - 1))];
    }

    private static bool Contains(Vector2[] polygon, Vector2 p)
    {
        var inside = false;
        for (int i = 0, j = polygon.Length - 1; i < polygon.Length; j = i++)
        {
            var (a, b) = (polygon[i], polygon[j]);
            if (a.Y > p.Y != b.Y > p.Y && p.X < ((b.X - a.X) * (p.Y - a.Y) / (b.Y - a.Y)) + a.X)
            {
                inside = !inside;
            }
        }

        return inside;
    }
}
