using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>
/// An environment made ready to light with: its radiance at every sharpness, its exact irradiance, and directions drawn from it by importance.
/// Made once for each environment and shared by all pictures and threads.
/// </summary>
public sealed class StageEnvironment
{
    /// <summary>Light directions that pictures choose from; neighbours in the list are neighbours in the sky.</summary>
    internal const int Drawn = 4096;

    private const int Side = 256;
    private const int IrradianceSide = 64;
    private const int IrradianceSource = 128;

    private readonly OctahedralMap[] _levels;
    private readonly OctahedralMap _irradiance;
    private readonly float[] _density;
    private readonly LightSample[] _samples;

    /// <summary>A direction's number within a stratum.</summary>
    /// <param name="u">[0, 1); so near to 1 that the sum rounds up to the next stratum, too.</param>
    internal static int Pick(int stratum, int strata, float u) => Math.Min((int)((stratum + u) / strata * Drawn), Drawn - 1);

    /// <param name="map">Any size; its yaw counts.</param>
    public StageEnvironment(EnvironmentMap map)
    {
        var levels = new List<OctahedralMap> { Unfold(map) };
        while (levels[^1].Side > 4)
        {
            levels.Add(levels[^1].Halved());
        }

        _levels = [.. levels];
        _irradiance = Convolve(_levels.Single(l => l.Side == IrradianceSource));
        (_density, _samples) = DrawLights(_levels[0]);
    }

    /// <summary>A direction of the surroundings with what comes from it.</summary>
    /// <param name="Density">Per steradian, by which it was drawn.</param>
    internal readonly record struct LightSample(Vector3 Direction, Vector3 Radiance, float Density);

    internal ReadOnlySpan<LightSample> Samples => _samples;

    /// <summary>Irradiance of an unshadowed surface: ∫ L·max(0, n·ω) dω. White of radiance 1 gives π.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector3 Irradiance(Vector3 normal) => _irradiance.Bilinear(normal);

    /// <summary>Radiance and the density by which <see cref="Samples"/> were drawn, both constant over a texel and so exactly consistent.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal (Vector3 Radiance, float Density) At(Vector3 direction)
    {
        var texel = _levels[0].Texel(direction);
        return (_levels[0][texel % Side, texel / Side], _density[texel]);
    }

    /// <summary>Mean radiance over about a solid angle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector3 Radiance(Vector3 direction, float steradians)
    {
        const float texel = 4 * MathF.PI / (Side * Side);
        return AtLevel(direction, 0.5f * MathF.Log2(MathF.Max(steradians / texel, 1e-6f)));
    }

    /// <param name="level">0: as sharp as it is; each further level twice as blurred.</param>
    internal Vector3 AtLevel(Vector3 direction, float level)
    {
        level = Math.Clamp(level, 0, _levels.Length - 1);
        var low = (int)level;
        var fine = _levels[low].Bilinear(direction);
        return low + 1 == _levels.Length || level == low ? fine : Vector3.Lerp(fine, _levels[low + 1].Bilinear(direction), level - low);
    }

    private static OctahedralMap Unfold(EnvironmentMap map)
    {
        const int fine = 3;
        var result = new OctahedralMap(Side);
        Parallel.For(0, Side, y =>
        {
            for (var x = 0; x < Side; x++)
            {
                var sum = Vector3.Zero;
                for (var k = 0; k < fine * fine; k++)
                {
                    var point = new Vector2(x + (((k % fine) + 0.5f) / fine), y + (((k / fine) + 0.5f) / fine)) / Side;
                    sum += map.Radiance(Vector3.Normalize(OctahedralMap.OnOctahedron(point)));
                }

                result[x, y] = sum / (fine * fine);
            }
        });

        // Point samples may miss part of a sun of one texel: the whole is scaled to the light that the panorama holds.
        var (held, wanted) = (Vector3.Zero, map.ToSphericalHarmonics(0).Coefficients[0] * MathF.Sqrt(4 * MathF.PI));
        for (var i = 0; i < Side * Side; i++)
        {
            held += result[i % Side, i / Side] * OctahedralMap.SolidAngle(Side, i % Side, i / Side);
        }

        var scale = new Vector3(Ratio(wanted.X, held.X), Ratio(wanted.Y, held.Y), Ratio(wanted.Z, held.Z));
        for (var i = 0; i < Side * Side; i++)
        {
            result[i % Side, i / Side] *= scale;
        }

        result.Fold();
        return result;

        static float Ratio(float wanted, float held) => held > 0 ? wanted / held : 1;
    }

    // Divided by the same sum for white, so that the quadrature's own error falls out. Both sides as fine as a small sun needs whose terminator is
    // to lie where it is: 32 and 64 moved light there by 7 % of the mean (tests/tools/StageSheets cycles).
    private static OctahedralMap Convolve(OctahedralMap source)
    {
        var fine = new OctahedralMap(IrradianceSide);
        var n = source.Side * source.Side;
        var (x, y, z, solid) = (new float[n], new float[n], new float[n], new float[n]);
        float[][] light = [new float[n], new float[n], new float[n]];
        for (var i = 0; i < n; i++)
        {
            var (tx, ty) = (i % source.Side, i / source.Side);
            var d = Vector3.Normalize(OctahedralMap.OnOctahedron(new Vector2((tx + 0.5f) / source.Side, (ty + 0.5f) / source.Side)));
            (x[i], y[i], z[i], solid[i]) = (d.X, d.Y, d.Z, OctahedralMap.SolidAngle(source.Side, tx, ty));
            var radiance = source[tx, ty] * solid[i];
            (light[0][i], light[1][i], light[2][i]) = (radiance.X, radiance.Y, radiance.Z);
        }

        Parallel.For(0, IrradianceSide, row =>
        {
            for (var column = 0; column < IrradianceSide; column++)
            {
                var normal = Vector3.Normalize(OctahedralMap.OnOctahedron(new Vector2((column + 0.5f) / IrradianceSide, (row + 0.5f) / IrradianceSide)));
                var (nx, ny, nz) = (new Vector<float>(normal.X), new Vector<float>(normal.Y), new Vector<float>(normal.Z));
                Vector<float> r = default, g = default, b = default, white = default;
                for (var i = 0; i < n; i += Vector<float>.Count)
                {
                    var cos = Vector.Max(Vector<float>.Zero, (nx * new Vector<float>(x, i)) + (ny * new Vector<float>(y, i)) + (nz * new Vector<float>(z, i)));
                    r += cos * new Vector<float>(light[0], i);
                    g += cos * new Vector<float>(light[1], i);
                    b += cos * new Vector<float>(light[2], i);
                    white += cos * new Vector<float>(solid, i);
                }

                fine[column, row] = new Vector3(Vector.Sum(r), Vector.Sum(g), Vector.Sum(b)) * (MathF.PI / Vector.Sum(white));
            }
        });
        fine.Fold();
        return fine;
    }

    // Texels in Morton order, so that a stretch of the list is a patch of the sky: stratified choices from the list are stratified on the sphere.
    private static (float[] Density, LightSample[] Samples) DrawLights(OctahedralMap map)
    {
        const int n = Side * Side;
        var weight = new double[n];
        var total = 0.0;
        for (var m = 0; m < n; m++)
        {
            var (x, y) = (Even(m), Even(m >> 1));
            weight[m] = Rec709.Luminance(map[x, y]) * OctahedralMap.SolidAngle(Side, x, y);
            total += weight[m];
        }

        // Darkness gets a little, too: what a white neighbour would throw back comes from there.
        var (sum, floor) = (0.0, (total > 0 ? 0.02 * total : 1) / (4 * Math.PI));
        var density = new float[n];
        for (var m = 0; m < n; m++)
        {
            var (x, y) = (Even(m), Even(m >> 1));
            weight[m] += floor * OctahedralMap.SolidAngle(Side, x, y);
            sum += weight[m];
        }

        var samples = new LightSample[Drawn];
        var (next, reached) = (0, 0.0);
        for (var m = 0; m < n; m++)
        {
            var (x, y) = (Even(m), Even(m >> 1));
            var p = (float)(weight[m] / sum / OctahedralMap.SolidAngle(Side, x, y));
            density[(y * Side) + x] = p;
            reached += weight[m];
            while (next < Drawn && (next + 0.5) / Drawn * sum <= reached)
            {
                var jitter = new Vector2(Noise.Hash(next, 1, 0, 9001), Noise.Hash(next, 2, 0, 9001));
                var direction = Vector3.Normalize(OctahedralMap.OnOctahedron((new Vector2(x, y) + jitter) / Side));
                samples[next++] = new LightSample(direction, map[x, y], p);
            }
        }

        // Rounding may leave the very last ones.
        for (; next > 0 && next < Drawn; next++)
        {
            samples[next] = samples[next - 1];
        }

        return (density, samples);

        static int Even(int m)
        {
            m &= 0x5555;
            m = (m | (m >> 1)) & 0x3333;
            m = (m | (m >> 2)) & 0x0f0f;
            return (m | (m >> 4)) & 0x00ff;
        }
    }
}

/// <summary>What lights a picture.</summary>
/// <param name="Environment">Shared between pictures.</param>
/// <param name="Yaw">Radians by which the surroundings are turned about +Y, positive from +Z towards +X, as <see cref="EnvironmentMap.Turned"/>.</param>
/// <param name="Exposure">Factor on all light.</param>
public sealed record StageLight(StageEnvironment Environment, float Yaw = 0, float Exposure = 1)
{
    private readonly (float Sin, float Cos) _turn = MathF.SinCos(Yaw);

    /// <summary>From the picture's frame to the environment's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector3 Into(Vector3 d) => new((_turn.Cos * d.X) - (_turn.Sin * d.Z), d.Y, (_turn.Sin * d.X) + (_turn.Cos * d.Z));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Vector3 OutOf(Vector3 d) => new((_turn.Cos * d.X) + (_turn.Sin * d.Z), d.Y, (_turn.Cos * d.Z) - (_turn.Sin * d.X));
}
