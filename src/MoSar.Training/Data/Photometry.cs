using MoSar.Training.Synthetic;

namespace MoSar.Training.Data;

/// <summary>
/// What cameras and files do to a picture: exposure, contrast, colour casts, grey pictures, blur, noise, JPEG's blocks, things in front.
/// Works on planes of sRGB values in [0, 1], in place.
/// </summary>
internal static class Photometry
{
    private static readonly float[] NoiseTable = MakeNoise();

    public static void Disturb(float[] planes, int side, Random random, bool occlude)
    {
        var plane = side * side;
        if (occlude && random.Chance(0.3))
        {
            for (var n = random.Next(1, 3); n > 0; n--)
            {
                Occlude(planes, side, random);
            }
        }

        if (random.Chance(0.35))
        {
            Blur(planes, side, random.Uniform(0.3f, 1.9f));
        }

        Recolour(planes, plane, random);
        if (random.Chance(0.5))
        {
            AddNoise(planes, plane, 0.06f * random.NextSingle() * random.NextSingle(), random.Chance(0.4), random);
        }

        if (random.Chance(0.25))
        {
            JpegBlocks.Quantise(planes, side, random.Uniform(0.01f, 0.1f));
        }
    }

    /// <summary>Sensor noise from a table of normal values entered at random places: drawing each would cost more than all the rest.</summary>
    private static void AddNoise(float[] planes, int plane, float sigma, bool grey, Random random)
    {
        const int Run = 61;
        for (var start = 0; start < plane; start += Run)
        {
            Span<int> from = [random.Next(NoiseTable.Length - Run), random.Next(NoiseTable.Length - Run), random.Next(NoiseTable.Length - Run)];
            for (var i = start; i < Math.Min(start + Run, plane); i++)
            {
                for (var c = 0; c < 3; c++)
                {
                    planes[(c * plane) + i] += sigma * NoiseTable[from[grey ? 0 : c] + i - start];
                }
            }
        }
    }

    private static float[] MakeNoise()
    {
        var random = new Random(7);
        var table = new float[1 << 16];
        for (var i = 0; i < table.Length; i++)
        {
            table[i] = random.Normal();
        }

        return table;
    }

    private static void Recolour(float[] planes, int plane, Random random)
    {
        var gamma = MathF.Exp(0.25f * random.Normal());
        var contrast = 1 + (0.15f * random.Normal());
        var brightness = 0.07f * random.Normal();
        var saturation = random.Chance(0.12) ? 0 : Math.Clamp(1 + (0.3f * random.Normal()), 0, 1.8f);
        Span<float> gain = [1 + (0.07f * random.Normal()), 1 + (0.04f * random.Normal()), 1 + (0.07f * random.Normal())];

        // Gamma, contrast and brightness are one curve of one value: a table of it saves a power a value.
        const int Steps = 1024;
        Span<float> curve = stackalloc float[Steps + 1];
        for (var i = 0; i <= Steps; i++)
        {
            curve[i] = ((MathF.Pow(i / (float)Steps, gamma) - 0.5f) * contrast) + 0.5f + brightness;
        }

        for (var i = 0; i < plane; i++)
        {
            var luma = (0.299f * planes[i]) + (0.587f * planes[plane + i]) + (0.114f * planes[(2 * plane) + i]);
            for (var c = 0; c < 3; c++)
            {
                ref var v = ref planes[(c * plane) + i];
                var mixed = luma + (saturation * (v - luma));
                v = curve[(int)((Math.Clamp(mixed * gain[c], 0, 1) * Steps) + 0.5f)];
            }
        }
    }

    /// <summary>A blob or a box with a flat or a streaked colour, soft or sharp: hands, phones, hair, microphones, text.</summary>
    private static void Occlude(float[] planes, int side, Random random)
    {
        var plane = side * side;
        float cx = random.Uniform(0, side), cy = random.Uniform(0, side), rx = side * random.Uniform(0.04f, 0.3f), ry = side * random.Uniform(0.04f, 0.3f);
        var (sin, cos) = MathF.SinCos(random.Uniform(0, MathF.PI));
        var box = random.Chance(0.5);
        var colour = random.Chance(0.4) ? new System.Numerics.Vector3(0.75f, 0.55f, 0.45f) * random.Uniform(0.3f, 1.2f) : random.Colour(0.6f);
        float streak = random.Uniform(0, 0.4f), soft = random.Uniform(0.5f, 6);
        var seed = (uint)random.Next();
        for (var i = 0; i < plane; i++)
        {
            float dx = (i % side) - cx, dy = (i / side) - cy;
            float u = ((cos * dx) + (sin * dy)) / rx, v = ((cos * dy) - (sin * dx)) / ry;
            var reach = box ? MathF.Max(MathF.Abs(u), MathF.Abs(v)) : MathF.Sqrt((u * u) + (v * v));
            if (reach > 1.5f)
            {
                continue;
            }

            var alpha = SkinAtlas.Smooth(((1 - reach) * MathF.Min(rx, ry) / soft) + 0.5f);
            var shade = 1 + (streak * ValueNoise.At(new System.Numerics.Vector3(u * 4, v * 4, 0), seed));
            for (var c = 0; c < 3; c++)
            {
                ref var p = ref planes[(c * plane) + i];
                p += alpha * ((colour[c] * shade) - p);
            }
        }
    }

    /// <summary>Gaussian, separable.</summary>
    public static void Blur(float[] planes, int side, float sigma)
    {
        var radius = (int)MathF.Ceiling(2.5f * sigma);
        Span<float> kernel = stackalloc float[(2 * radius) + 1];
        var sum = 0f;
        for (var k = -radius; k <= radius; k++)
        {
            sum += kernel[k + radius] = MathF.Exp(-k * k / (2 * sigma * sigma));
        }

        for (var k = 0; k < kernel.Length; k++)
        {
            kernel[k] /= sum;
        }

        var line = new float[side];
        for (var c = 0; c < 3; c++)
        {
            var p = planes.AsSpan(c * side * side, side * side);
            for (var y = 0; y < side; y++)
            {
                Convolve(p, y * side, 1, side, kernel, radius, line);
            }

            for (var x = 0; x < side; x++)
            {
                Convolve(p, x, side, side, kernel, radius, line);
            }
        }
    }

    private static void Convolve(Span<float> p, int start, int stride, int n, ReadOnlySpan<float> kernel, int radius, float[] line)
    {
        for (var i = 0; i < n; i++)
        {
            line[i] = p[start + (i * stride)];
        }

        for (var i = 0; i < n; i++)
        {
            var sum = 0f;
            for (var k = -radius; k <= radius; k++)
            {
                sum += kernel[k + radius] * line[Math.Clamp(i + k, 0, n - 1)];
            }

            p[start + (i * stride)] = sum;
        }
    }
}
