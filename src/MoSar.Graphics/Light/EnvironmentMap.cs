using System.Numerics;

namespace MoSar.Graphics;

/// <summary>A distant light: everything within a small cone, gathered into one direction.</summary>
/// <param name="Direction">Unit vector from the head towards the light.</param>
/// <param name="Radiance">∫ L dω over its part of the sky: a white Lambertian surface facing it reflects Radiance/π.</param>
/// <param name="SolidAngle">Of its part of the sky, steradians; all lights of a map sum to 4π.</param>
public readonly record struct DirectionalLight(Vector3 Direction, Vector3 Radiance, float SolidAngle);

/// <summary>
/// Light from everywhere as an equirectangular picture, linear Rec.709 radiance. The centre of the picture is −Z: what a camera sees that
/// faces the head sees behind it. To the right in the picture is +X, up is +Y; the left and right edges meet at +Z, before the face.
/// </summary>
public sealed class EnvironmentMap
{
    /// <param name="pixels">H×W×3, usually W = 2H.</param>
    /// <param name="yaw">Radians; turns the surroundings about +Y, positive from +Z towards +X.</param>
    public EnvironmentMap(Image pixels, float yaw = 0)
    {
        if (pixels.Channels != 3)
        {
            throw new ArgumentException($"An environment has 3 channels, not {pixels.Channels}.", nameof(pixels));
        }

        (Pixels, Yaw) = (pixels, yaw);
    }

    public Image Pixels { get; }

    public float Yaw { get; }

    /// <summary>Reads an HDR, EXR or any other picture.</summary>
    /// <exception cref="MoSarException">As <see cref="ImageFile.Read"/>; <c>environment-shape</c> when it is not about twice as wide as high.</exception>
    public static EnvironmentMap Read(string path, float yaw = 0)
    {
        var image = ImageFile.Read(path);
        var ratio = image.Width / (double)image.Height;
        return ratio is >= 1.9 and <= 2.1
            ? new EnvironmentMap(image, yaw)
            : throw new MoSarException(
                "environment-shape",
                $"'{path}' is {image.Width}×{image.Height}; an environment is equirectangular, twice as wide as high.",
                "Convert it to an equirectangular picture first.");
    }

    /// <summary>The same surroundings, turned by a further angle.</summary>
    public EnvironmentMap Turned(float radians) => new(Pixels, Yaw + radians);

    /// <summary>The same surroundings, brighter by a factor.</summary>
    public EnvironmentMap Scaled(float factor)
    {
        var pixels = new float[Pixels.Pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = Pixels.Pixels[i] * factor;
        }

        return new EnvironmentMap(new Image(Pixels.Width, Pixels.Height, 3, pixels), Yaw);
    }

    /// <summary>The direction of a point of the picture, u and v in [0, 1] from the top left.</summary>
    public Vector3 Direction(float u, float v)
    {
        var (sinPhi, cosPhi) = MathF.SinCos(((u - 0.5f) * 2 * MathF.PI) - Yaw);
        var (sinTheta, cosTheta) = MathF.SinCos(v * MathF.PI);
        return new Vector3(sinTheta * sinPhi, cosTheta, -sinTheta * cosPhi);
    }

    /// <summary>The point of the picture that a unit vector sees.</summary>
    public Vector2 Point(Vector3 direction)
    {
        var u = 0.5f + ((MathF.Atan2(direction.X, -direction.Z) + Yaw) / (2 * MathF.PI));
        return new Vector2(u - MathF.Floor(u), MathF.Acos(Math.Clamp(direction.Y, -1, 1)) / MathF.PI);
    }

    /// <summary>The radiance from a direction, bilinear.</summary>
    public Vector3 Radiance(Vector3 direction)
    {
        var (w, h) = (Pixels.Width, Pixels.Height);
        var p = Point(direction);
        var (x, y) = ((p.X * w) - 0.5f, Math.Clamp((p.Y * h) - 0.5f, 0, h - 1));
        var (x0, y0) = ((int)MathF.Floor(x), (int)y);
        var (fx, fy) = (x - x0, y - y0);
        var y1 = Math.Min(y0 + 1, h - 1);
        var (left, right) = ((x0 + w) % w, (x0 + 1) % w);
        return Vector3.Lerp(
            Vector3.Lerp(Pixels.Rgb(left, y0), Pixels.Rgb(right, y0), fx),
            Vector3.Lerp(Pixels.Rgb(left, y1), Pixels.Rgb(right, y1), fx),
            fy);
    }

    /// <summary>γ = ∫ L·Y dω over all texels, each with its exact solid angle.</summary>
    public ShLight ToSphericalHarmonics(int bands = SphericalHarmonics.MaximumBand)
    {
        var (w, h, n) = (Pixels.Width, Pixels.Height, SphericalHarmonics.Count(bands));
        var rows = new double[h][];
        Parallel.For(0, h, y =>
        {
            var sums = new double[3 * n];
            Span<double> basis = stackalloc double[81];
            for (var x = 0; x < w; x++)
            {
                var d = Direction((x + 0.5f) / w, (y + 0.5f) / h);
                SphericalHarmonics.Evaluate(bands, d.X, d.Y, d.Z, basis);
                var colour = Pixels.Rgb(x, y);
                for (var i = 0; i < n; i++)
                {
                    sums[3 * i] += basis[i] * colour.X;
                    sums[(3 * i) + 1] += basis[i] * colour.Y;
                    sums[(3 * i) + 2] += basis[i] * colour.Z;
                }
            }

            rows[y] = sums;
        });

        // Rows are added in order, so that the result does not depend on which thread was first.
        var total = new double[3 * n];
        for (var y = 0; y < h; y++)
        {
            var solid = SolidAngle(y);
            for (var i = 0; i < total.Length; i++)
            {
                total[i] += rows[y][i] * solid;
            }
        }

        var coefficients = new Vector3[n];
        for (var i = 0; i < n; i++)
        {
            coefficients[i] = new Vector3((float)total[3 * i], (float)total[(3 * i) + 1], (float)total[(3 * i) + 2]);
        }

        return new ShLight(coefficients);
    }

    /// <summary>
    /// Cuts the sky into regions of like energy and gathers each into a light: the median cut of Debevec 2005, by always halving the
    /// region with the most energy, so that any count is possible and no energy is lost. Deterministic.
    /// </summary>
    public DirectionalLight[] ToLights(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new MedianCut(this).Split(count);
    }

    /// <summary>The solid angle of one texel of a row, steradians.</summary>
    internal double SolidAngle(int row)
    {
        var h = Pixels.Height;
        return 2 * Math.PI / Pixels.Width * (Math.Cos(Math.PI * row / h) - Math.Cos(Math.PI * (row + 1) / h));
    }
}
