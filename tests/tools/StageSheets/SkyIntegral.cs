using System.Numerics;
using MoSar.Graphics;

namespace MoSar.StageSheets;

/// <summary>
/// What a matt mesh reflects, by summing over every texel of the panorama with one ray each: no importance sampling, no prefiltered irradiance and
/// no smoothing of shadows, hence an opinion of its own on both renderers.
/// </summary>
internal sealed class SkyIntegral(Vector3[] positions, int[] triangles, PinholeCamera camera) : IDisposable
{
    // Points a pixel along a side; each looks at another point of every texel, so that suns of a texel are resolved too.
    private const int Grid = 4;

    private readonly RayScene _rays = new(positions, triangles);
    private readonly Vector3[] _normals = MeshNormals.AngleWeighted(positions, triangles);

    /// <summary>Irradiance over π at a pixel, averaged over it, with and without shadows.</summary>
    public (Vector3 Shadowed, Vector3 Open) At(int x, int y, EnvironmentMap sky)
    {
        var (shadowed, open) = (Vector3.Zero, Vector3.Zero);
        var gate = new Lock();
        Parallel.For(0, Grid * Grid, k =>
        {
            var (s, o) = Sample(x, y, sky, ((k % Grid) + 0.5f) / Grid, ((k / Grid) + 0.5f) / Grid, ((k / Grid) + 0.5f) / Grid, ((k % Grid) + 0.5f) / Grid);
            lock (gate)
            {
                (shadowed, open) = (shadowed + s, open + o);
            }
        });
        return (shadowed / (Grid * Grid), open / (Grid * Grid));
    }

    private (Vector3 Shadowed, Vector3 Open) Sample(int x, int y, EnvironmentMap sky, float dx, float dy, float du, float dv)
    {
        var direction = Vector3.Normalize(camera.RotateBack(new Vector3((float)((x + dx - camera.Cx) / camera.Fx), (float)((camera.Cy - y - dy) / camera.Fy), -1)));
        var hit = _rays.Closest([camera.Centre], [direction]);
        if (hit.Triangle[0] < 0)
        {
            return default;
        }

        var (w, t) = (hit.Barycentric(0), hit.Triangle[0] * 3);
        var (a, b, c) = (triangles[t], triangles[t + 1], triangles[t + 2]);
        var normal = Vector3.Normalize((_normals[a] * w.X) + (_normals[b] * w.Y) + (_normals[c] * w.Z));
        var facet = Vector3.Normalize(Vector3.Cross(positions[b] - positions[a], positions[c] - positions[a]));
        var start = (positions[a] * w.X) + (positions[b] * w.Y) + (positions[c] * w.Z) + (0.01f * facet);
        var (columns, rows) = (sky.Pixels.Width, sky.Pixels.Height);
        var (origins, directions, light) = (new List<Vector3>(), new List<Vector3>(), new List<Vector3>());
        for (var j = 0; j < rows; j++)
        {
            var solid = 2 * MathF.PI / columns * (MathF.Cos(MathF.PI * j / rows) - MathF.Cos(MathF.PI * (j + 1) / rows));
            for (var i = 0; i < columns; i++)
            {
                var d = sky.Direction((i + du) / columns, (j + dv) / rows);
                var cos = Vector3.Dot(normal, d);
                if (cos > 0)
                {
                    origins.Add(start);
                    directions.Add(d);
                    light.Add(sky.Radiance(d) * (cos * solid / MathF.PI));
                }
            }
        }

        var hidden = new byte[origins.Count];
        _rays.OccludedInto([.. origins], [.. directions], hidden);
        var (shadowed, open) = (Vector3.Zero, Vector3.Zero);
        for (var k = 0; k < hidden.Length; k++)
        {
            open += light[k];
            shadowed += hidden[k] == 0 ? light[k] : Vector3.Zero;
        }

        return (shadowed, open);
    }

    public void Dispose() => _rays.Dispose();
}
