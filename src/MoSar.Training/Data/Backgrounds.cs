using System.Numerics;
using MoSar.Graphics;
using MoSar.Training.Synthetic;

namespace MoSar.Training.Data;

/// <summary>Pictures without a face: painted ones, and views into environments.</summary>
internal static class Backgrounds
{
    public const int Side = 256;

    /// <summary>Gradients, noise, flat shapes, stripes, skin-coloured blobs.</summary>
    public static Tile Painted(int seed)
    {
        var random = new Random(seed);
        var noise = (uint)random.Next();
        Vector3 a = random.Colour(0.5f), b = random.Colour(0.5f), c = random.Colour(0.7f);
        var slope = random.Direction();
        float scale = MathF.Exp(random.Uniform(-5.5f, -2f)), amount = random.Uniform(0, 0.8f);
        float stretch = random.Chance(0.3) ? random.Uniform(3, 20) : 1;
        var planes = new float[3 * Side * Side];
        for (var i = 0; i < Side * Side; i++)
        {
            float x = i % Side, y = i / Side;
            var t = Math.Clamp(0.5f + (((slope.X * (x - 128)) + (slope.Y * (y - 128))) / 200), 0, 1);
            var n = ValueNoise.Fractal(new Vector3(x * scale * stretch, y * scale, 0), noise, 4);
            var v = Vector3.Lerp(Vector3.Lerp(a, b, t), c, Math.Clamp(amount * (0.5f + (1.2f * n)), 0, 1));
            (planes[i], planes[(Side * Side) + i], planes[(2 * Side * Side) + i]) = (v.X, v.Y, v.Z);
        }

        for (var k = random.Chance(0.8) ? random.Next(0, 26) : 0; k > 0; k--)
        {
            Shape(planes, random);
        }

        if (random.Chance(0.5))
        {
            Photometry.Blur(planes, Side, random.Uniform(0.5f, 7));
        }

        return FromPlanes(planes);
    }

    /// <summary>A perspective view of random direction and width into a panorama.</summary>
    /// <param name="panorama">H×W×3 linear, equirectangular.</param>
    /// <param name="seed">Of the view.</param>
    public static Tile View(Image panorama, int seed)
    {
        var random = new Random(seed);
        float heading = random.Uniform(0, 2 * MathF.PI), pitch = random.Uniform(-0.6f, 0.6f), half = MathF.Tan(random.Uniform(0.3f, 0.85f));
        var rotation = Matrix4x4.CreateRotationX(pitch) * Matrix4x4.CreateRotationY(heading);
        var planes = new float[3 * Side * Side];
        var mean = 0f;
        for (var i = 0; i < Side * Side; i++)
        {
            float u = ((((i % Side) + 0.5f) / Side * 2) - 1) * half, v = ((((i / Side) + 0.5f) / Side * 2) - 1) * half;
            var d = Vector3.Normalize(Vector3.TransformNormal(new Vector3(u, -v, -1), rotation));
            var at = new Vector2((MathF.Atan2(d.X, -d.Z) / (2 * MathF.PI) + 0.5f) * panorama.Width, MathF.Acos(Math.Clamp(d.Y, -1, 1)) / MathF.PI * panorama.Height);
            var c = Resample.Bilinear3(panorama, at);
            (planes[i], planes[(Side * Side) + i], planes[(2 * Side * Side) + i]) = (c.X, c.Y, c.Z);
            mean += MathF.Min(MathF.Max(c.X, MathF.Max(c.Y, c.Z)), 4);
        }

        var gain = random.Uniform(0.2f, 0.7f) / MathF.Max(mean / (Side * Side), 1e-4f);
        for (var i = 0; i < planes.Length; i++)
        {
            planes[i] = Srgb8.Encode(planes[i] * gain) / 255f;
        }

        if (random.Chance(0.3))
        {
            Photometry.Blur(planes, Side, random.Uniform(0.5f, 6));
        }

        return FromPlanes(planes);
    }

    public static Tile FromPlanes(float[] planes)
    {
        var rgba = new byte[4 * Side * Side];
        for (var i = 0; i < Side * Side; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                rgba[(4 * i) + c] = (byte)(255 * Math.Clamp(planes[(c * Side * Side) + i], 0, 1));
            }

            rgba[(4 * i) + 3] = 255;
        }

        return new Tile(Side, Side, rgba);
    }

    private static void Shape(float[] planes, Random random)
    {
        float cx = random.Uniform(0, Side), cy = random.Uniform(0, Side), rx = random.Uniform(3, 90) * random.NextSingle(), ry = random.Uniform(3, 90);
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.PI));
        var kind = random.Next(4);
        var skin = new Vector3(0.78f, 0.6f, 0.5f) * random.Uniform(0.25f, 1.1f);
        var colour = random.Chance(0.25) ? skin : random.Colour(0.7f);
        var stripes = random.Chance(0.3) ? random.Uniform(0.1f, 1.5f) : 0;
        var shade = random.Uniform(-0.5f, 0.5f);
        for (var i = 0; i < Side * Side; i++)
        {
            float dx = (i % Side) - cx, dy = (i / Side) - cy;
            float u = (cos * dx) + (sin * dy), v = (cos * dy) - (sin * dx);
            float p = u / rx, q = v / ry;
            var inside = kind switch
            {
                0 => MathF.Max(MathF.Abs(p), MathF.Abs(q)) < 1,
                1 => (p * p) + (q * q) < 1,
                2 => MathF.Abs(p) + MathF.Abs(q) < 1,
                _ => MathF.Abs((p * p) + (q * q) - 0.8f) < 0.2f,
            };
            if (!inside)
            {
                continue;
            }

            var tone = (1 + (shade * q)) * (stripes > 0 && MathF.Sin(u * stripes) > 0 ? 0.6f : 1);
            for (var c = 0; c < 3; c++)
            {
                planes[(c * Side * Side) + i] = colour[c] * tone;
            }
        }
    }
}
