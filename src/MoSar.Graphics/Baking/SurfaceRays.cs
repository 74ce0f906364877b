using System.Numerics;

namespace MoSar.Graphics;

/// <param name="OcclusionRays">Rays a point for ambient occlusion.</param>
/// <param name="OcclusionReach">What lies farther than this, mm, does not occlude.</param>
/// <param name="ThicknessRays">Rays a point for thickness.</param>
/// <param name="TranslucencyDepth">Thickness in mm at which translucency has fallen to 1/e.</param>
public sealed record SurfaceRayOptions(int OcclusionRays = 64, float OcclusionReach = 150, int ThicknessRays = 16, float TranslucencyDepth = 30);

/// <summary>
/// Ambient occlusion and translucency by rays on the fitted mesh. Both vary slowly over the skin, so rays start from the points of an atlas of
/// half the resolution, and every texel of the full one takes a mean of the points around it that lie near it on the head (not merely in the
/// atlas), which also evens out the sampling noise.
/// </summary>
public static class SurfaceRays
{
    // Off the surface, mm: less than the gap between eyelid and eyeball, more than the facets' sagitta.
    private const float Offset = 0.15f;
    private const float Cone = 50;

    // Light that finds its way into mouth and eye sockets by reflection, which rays to the open do not see; without it an opening mouth is a black hole.
    private const float InteriorFloor = 0.3f;

    /// <summary>Both maps at the atlas' resolution, R×R×1, 0 outside the charts; see <see cref="WellKnownMaps"/> for their meaning.</summary>
    public static (Image Occlusion, Image Translucency) Trace(
        Mesh mesh, AtlasRaster atlas, RegionMaps regions, SurfaceRayOptions options, int seed, CancellationToken cancellation = default)
    {
        var coarse = AtlasRaster.For(mesh.Template, Math.Max(1, atlas.Resolution / 2));
        var vertexNormals = MeshNormals.Of(mesh);
        var points = coarse.Interpolate(mesh.Positions, cancellation);
        var normals = coarse.InterpolateUnit(vertexNormals, cancellation);
        using var scene = new RayScene(mesh, watertight: false);
        var open = scene.Openness(points, normals, options.OcclusionRays, seed, Offset, options.OcclusionReach, cancellation: cancellation);
        var far = 4 * options.TranslucencyDepth;
        var thickness = scene.Thickness(points, normals, options.ThicknessRays, Cone, far, seed, Offset, cancellation);
        var both = new Vector2[points.Length];
        for (var k = 0; k < both.Length; k++)
        {
            both[k] = new Vector2(open[k], MathF.Exp(-thickness[k] / options.TranslucencyDepth));
        }

        return Upsample(mesh, coarse, points, normals, both, atlas, vertexNormals, regions, cancellation);
    }

    private static (Image Occlusion, Image Translucency) Upsample(
        Mesh mesh, AtlasRaster coarse, Vector3[] points, Vector3[] normals, Vector2[] values, AtlasRaster atlas, Vector3[] vertexNormals, RegionMaps regions, CancellationToken cancellation)
    {
        var size = atlas.Resolution;
        var (occlusion, translucency) = (new Image(size, size, 1), new Image(size, size, 1));
        var index = new int[coarse.Resolution * coarse.Resolution];
        Array.Fill(index, -1);
        for (var k = 0; k < coarse.Covered.Length; k++)
        {
            index[coarse.Covered[k]] = k;
        }

        var (at, facing) = (atlas.Interpolate(mesh.Positions, cancellation), atlas.InterpolateUnit(vertexNormals, cancellation));
        var (socket, eyeSockets, innerLips) = (regions["mouth_socket"], regions["eye_sockets"], regions["inner_lips"]);
        var scale = (float)coarse.Resolution / size;
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var (x, y) = (((texel % size) + 0.5f) * scale, ((texel / size) + 0.5f) * scale);
                var value = Gather(coarse, index, points, normals, values, x, y, at[k], facing[k]);
                var inside = Math.Max(socket.Pixels[texel], Math.Max(eyeSockets.Pixels[texel], innerLips.Pixels[texel]));
                occlusion.Pixels[texel] = Math.Clamp(Math.Max(value.X, inside * InteriorFloor), 0, 1);
                translucency.Pixels[texel] = Math.Clamp(value.Y * (1 - inside), 0, 1);
            }
        });
        return (occlusion, translucency);
    }

    // A tent of 4×4 coarse texels around (x, y), each weighed by its nearness and direction on the head.
    private static Vector2 Gather(AtlasRaster coarse, int[] index, Vector3[] points, Vector3[] normals, Vector2[] values, float x, float y, Vector3 at, Vector3 facing)
    {
        var (x0, y0) = ((int)MathF.Floor(x - 1.5f), (int)MathF.Floor(y - 1.5f));
        var (sum, total) = (Vector2.Zero, 0f);
        Span<int> found = stackalloc int[16];
        Span<float> tent = stackalloc float[16];
        var (count, nearest) = (0, float.PositiveInfinity);
        for (var j = 0; j < 4; j++)
        {
            for (var i = 0; i < 4; i++)
            {
                var (cx, cy) = (x0 + i, y0 + j);
                if (cx < 0 || cy < 0 || cx >= coarse.Resolution || cy >= coarse.Resolution || index[(cy * coarse.Resolution) + cx] is var k && k < 0)
                {
                    continue;
                }

                found[count] = k;
                tent[count++] = (2.01f - MathF.Abs(cx + 0.5f - x)) * (2.01f - MathF.Abs(cy + 0.5f - y));
                nearest = MathF.Min(nearest, Vector3.DistanceSquared(points[k], at));
            }
        }

        // The scale of "near" is the nearest point's own distance: a texel's size differs tenfold over the atlas.
        var scale = 1 / ((6 * nearest) + 1e-3f);
        for (var n = 0; n < count; n++)
        {
            var k = found[n];
            var weight = tent[n] * MathF.Exp(-Vector3.DistanceSquared(points[k], at) * scale / 6) * MathF.Max(0.02f, Vector3.Dot(normals[k], facing));
            sum += weight * values[k];
            total += weight;
        }

        return total > 0 ? sum / total : new Vector2(1, 0);
    }
}
