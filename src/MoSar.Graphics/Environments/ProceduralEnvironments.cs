using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// The project's own environments, computed from nothing: used for previews, for training renders and for samples/environments. Directions
/// are the head's frame: +Y up, the face looks along +Z, +X is the person's left and the right of a frontal picture. Each is scaled so that
/// a white upright Lambertian surface, averaged over all headings, has colour 1: yaw never changes the exposure.
/// </summary>
public static class ProceduralEnvironments
{
    private static readonly Dictionary<string, Func<Vector3, Vector3>> Radiances = new(StringComparer.Ordinal)
    {
        ["studio"] = Studio,
        ["sky"] = Sky,
        ["sunset"] = Sunset,
        ["overcast"] = Overcast,
        ["window"] = Window,
        ["neon"] = Neon,
    };

    public static IReadOnlyCollection<string> Names => Radiances.Keys;

    /// <summary>An environment as a picture, normalised as said above.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="width">Pixels around; the picture is half as high.</param>
    /// <exception cref="MoSarException">No such environment.</exception>
    public static EnvironmentMap Make(string name, int width = 256)
    {
        var radiance = Radiance(name);
        var map = new EnvironmentMap(new Image(width, width / 2, 3));
        Parallel.For(0, width / 2, y =>
        {
            for (var x = 0; x < width; x++)
            {
                // Four samples a texel keep thin bars and the sun's rim from beating with the grid.
                var sum = Vector3.Zero;
                for (var s = 0; s < 4; s++)
                {
                    sum += radiance(map.Direction((x + 0.25f + (0.5f * (s & 1))) / width, (y + 0.25f + (0.5f * (s >> 1))) / (width / 2f)));
                }

                (sum * 0.25f).CopyTo(map.Pixels.Pixels.AsSpan(((y * width) + x) * 3, 3));
            }
        });

        var light = map.ToSphericalHarmonics(2);
        var mean = 0f;
        for (var heading = 0; heading < 16; heading++)
        {
            var (sin, cos) = MathF.SinCos(heading * MathF.Tau / 16);
            mean += Rec709.Luminance(SphericalHarmonics.Irradiance(light, new Vector3(sin, 0, cos))) / (16 * MathF.PI);
        }

        var pixels = map.Pixels.Pixels;
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = MathF.Max(0, pixels[i] / mean);
        }

        return map;
    }

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>Radiance from a unit direction, linear Rec.709, not normalised.</returns>
    /// <exception cref="MoSarException">No such environment.</exception>
    public static Func<Vector3, Vector3> Radiance(string name) => Radiances.TryGetValue(name, out var radiance)
        ? radiance
        : throw new MoSarException("environment-unknown", $"There is no built-in environment '{name}'.", $"Use one of: {string.Join(", ", Names)}.");

    // A dark room with three soft boxes: key, large fill, rim from behind.
    private static Vector3 Studio(Vector3 d)
    {
        var room = Mix(new(0.035f, 0.033f, 0.032f), new(0.085f, 0.085f, 0.092f), Smooth(-0.6f, 0.7f, d.Y));
        var key = new Vector3(14f, 13.4f, 12.6f) * Box(d, new(-0.68f, 0.42f, 0.60f), 0.36f, 0.50f, 0.07f);
        var fill = new Vector3(1.0f, 1.05f, 1.15f) * Box(d, new(0.86f, 0.08f, 0.50f), 0.50f, 0.65f, 0.15f);
        var rim = new Vector3(12f, 12.6f, 13.6f) * Box(d, new(0.78f, 0.30f, -0.55f), 0.14f, 0.60f, 0.05f);
        var floor = new Vector3(0.07f, 0.065f, 0.06f) * Smooth(-0.2f, -0.7f, d.Y);
        return room + key + fill + rim + floor;
    }

    // Clear noon sky; the sun is spread over some degrees so that a 256-pixel map holds it.
    private static Vector3 Sky(Vector3 d)
    {
        var sun = Vector3.Normalize(new(0.52f, 0.66f, 0.54f));
        var cos = Vector3.Dot(d, sun);
        if (d.Y < 0)
        {
            var grass = new Vector3(0.20f, 0.23f, 0.11f) * (0.75f + (0.5f * Noise(d * 9f)));
            return Mix(new(0.72f, 0.82f, 0.92f), grass, Smooth(0f, -0.05f, d.Y));
        }

        var blue = Mix(new(0.80f, 0.93f, 1.06f), new(0.16f, 0.36f, 0.82f), MathF.Pow(d.Y, 0.55f));
        var cloud = Smooth(0.50f, 0.78f, Noise(new Vector3(d.X, 0, d.Z) / (d.Y + 0.25f) * 1.6f)) * Smooth(0.02f, 0.25f, d.Y);
        var sky = Mix(blue, new(1.25f, 1.25f, 1.28f), 0.8f * cloud);
        var glow = new Vector3(1f, 0.93f, 0.8f) * (1.1f * MathF.Pow(MathF.Max(cos, 0), 24));
        return sky + glow + (new Vector3(92f, 84f, 70f) * Smooth(0.9935f, 0.9965f, cos));
    }

    // Low sun at the person's right, warm horizon, violet zenith, dark land.
    private static Vector3 Sunset(Vector3 d)
    {
        var sun = Vector3.Normalize(new(-0.83f, 0.13f, 0.54f));
        var cos = Vector3.Dot(d, sun);
        var hills = 0.05f + (0.07f * Noise(new Vector3(d.X, 0, d.Z) * 3f));
        if (d.Y < hills)
        {
            var land = Mix(new(0.09f, 0.055f, 0.04f), new(0.30f, 0.14f, 0.07f), 0.5f + (0.5f * cos));
            return land * (0.7f + (0.6f * Noise(d * 12f)));
        }

        var height = MathF.Pow(MathF.Max(d.Y, 0), 0.6f);
        var horizon = Mix(new(0.38f, 0.22f, 0.34f), new(2.6f, 1.02f, 0.30f), MathF.Pow(0.5f + (0.5f * cos), 2.2f));
        var sky = Mix(horizon, new(0.10f, 0.12f, 0.30f), height);
        var streak = Smooth(0.50f, 0.80f, Noise(new Vector3(d.X * 2.2f, d.Y * 13f, d.Z * 2.2f))) * Smooth(0.55f, 0.15f, d.Y);
        sky += new Vector3(1.3f, 0.42f, 0.22f) * (streak * (0.25f + (0.75f * MathF.Max(cos, 0))));
        return sky + (new Vector3(3f, 1.5f, 0.6f) * MathF.Pow(MathF.Max(cos, 0), 40)) + (new Vector3(120f, 62f, 23f) * Smooth(0.993f, 0.9965f, cos));
    }

    // CIE overcast sky, L = L_zenith (1 + 2 sin elevation) / 3, over a pale ground.
    private static Vector3 Overcast(Vector3 d)
    {
        if (d.Y < 0)
        {
            return new Vector3(0.24f, 0.225f, 0.20f) * (0.85f + (0.3f * Noise(d * 10f)));
        }

        var cloud = 0.82f + (0.36f * Noise(new Vector3(d.X, 0, d.Z) / (d.Y + 0.3f) * 1.3f));
        return new Vector3(0.93f, 0.98f, 1.06f) * (1.4f * (1 + (2 * d.Y)) / 3 * cloud);
    }

    // A dim room with one tall window at the person's right and a warm lamp behind.
    private static Vector3 Window(Vector3 d)
    {
        var wall = Mix(new(0.11f, 0.085f, 0.065f), new(0.20f, 0.175f, 0.15f), Smooth(-0.8f, 0.8f, d.Y)) * (0.9f + (0.2f * Noise(d * 3f)));
        var floor = new Vector3(0.10f, 0.06f, 0.035f) * Smooth(-0.35f, -0.45f, d.Y);
        var (x, y, inside) = Frame(d, new(-0.90f, 0.18f, 0.40f));
        var pane = inside ? SoftStep(0.42f - MathF.Abs(x), 0.02f) * SoftStep(0.62f - MathF.Abs(y), 0.02f) : 0;
        var bar = MathF.Max(SoftStep(0.022f - MathF.Abs(x), 0.008f), SoftStep(0.022f - MathF.Abs(MathF.Abs(y) - 0.21f), 0.008f));
        var outside = Mix(new(5.2f, 5.6f, 5.4f), new(9.5f, 11f, 13.2f), Smooth(-0.35f, 0.25f, y));
        var lamp = new Vector3(6.5f, 3.6f, 1.5f) * Box(d, new(0.62f, 0.22f, -0.72f), 0.10f, 0.12f, 0.05f);
        var bounce = new Vector3(0.34f, 0.29f, 0.24f) * MathF.Pow(MathF.Max(0, Vector3.Dot(d, Vector3.Normalize(new(0.95f, -0.1f, -0.2f)))), 2);
        return (wall - (wall * pane)) + floor + bounce + (outside * (pane * (1 - (0.93f * bar)))) + lamp;
    }

    // Two coloured tubes at night.
    private static Vector3 Neon(Vector3 d)
    {
        var night = Mix(new(0.02f, 0.015f, 0.03f), new(0.045f, 0.04f, 0.085f), Smooth(-0.5f, 0.8f, d.Y));
        var magenta = new Vector3(9f, 0.75f, 4.2f) * Box(d, new(-0.92f, 0.06f, 0.30f), 0.30f, 0.80f, 0.08f);
        var cyan = new Vector3(0.45f, 4.6f, 6.6f) * Box(d, new(0.94f, 0.06f, 0.24f), 0.30f, 0.80f, 0.08f);
        var above = new Vector3(1.5f, 1.3f, 1.15f) * Box(d, new(0.05f, 0.80f, 0.60f), 0.45f, 0.20f, 0.15f);
        var lights = Smooth(0.72f, 0.80f, Noise(d * 11f)) * Smooth(0.35f, 0f, MathF.Abs(d.Y));
        return night + magenta + cyan + above + (new Vector3(1.1f, 0.65f, 0.35f) * lights);
    }

    // 1 inside a rectangle about a direction, measured on the tangent plane, with soft edges.
    private static float Box(Vector3 d, Vector3 centre, float halfWidth, float halfHeight, float soft)
    {
        var (x, y, inside) = Frame(d, centre);
        return inside ? SoftStep(halfWidth - MathF.Abs(x), soft) * SoftStep(halfHeight - MathF.Abs(y), soft) : 0;
    }

    private static (float X, float Y, bool Inside) Frame(Vector3 d, Vector3 centre)
    {
        var w = Vector3.Normalize(centre);
        var u = Vector3.Normalize(Vector3.Cross(Vector3.UnitY, w));
        var v = Vector3.Cross(w, u);
        var depth = Vector3.Dot(d, w);
        return depth <= 0.05f ? (0, 0, false) : (Vector3.Dot(d, u) / depth, Vector3.Dot(d, v) / depth, true);
    }

    private static float SoftStep(float distance, float soft) => Smooth(-soft, soft, distance);

    private static float Smooth(float from, float to, float x)
    {
        var t = Math.Clamp((x - from) / (to - from), 0f, 1f);
        return t * t * (3 - (2 * t));
    }

    private static Vector3 Mix(Vector3 a, Vector3 b, float t) => a + ((b - a) * t);

    // Four octaves of value noise, in [0, 1].
    private static float Noise(Vector3 p)
    {
        float sum = 0, weight = 0.5f;
        for (var octave = 0; octave < 4; octave++)
        {
            sum += weight * ValueNoise(p);
            p = (p * 2.03f) + new Vector3(17.1f, 5.3f, 9.7f);
            weight *= 0.5f;
        }

        return Math.Clamp(sum / 0.9375f, 0f, 1f);
    }

    private static float ValueNoise(Vector3 p)
    {
        var cell = new Vector3(MathF.Floor(p.X), MathF.Floor(p.Y), MathF.Floor(p.Z));
        var f = p - cell;
        f = f * f * (new Vector3(3) - (2 * f));
        float Corner(int i, int j, int k) => LatticeHash.Unit((int)cell.X + i, (int)cell.Y + j, (int)cell.Z + k, 0);
        static float Lerp(float a, float b, float t) => a + ((b - a) * t);
        var near = Lerp(Lerp(Corner(0, 0, 0), Corner(1, 0, 0), f.X), Lerp(Corner(0, 1, 0), Corner(1, 1, 0), f.X), f.Y);
        var far = Lerp(Lerp(Corner(0, 0, 1), Corner(1, 0, 1), f.X), Lerp(Corner(0, 1, 1), Corner(1, 1, 1), f.X), f.Y);
        return Lerp(near, far, f.Z);
    }
}
