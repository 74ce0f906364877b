using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// How open the sky is above each point of a relief: the cosine-weighted hemisphere less what the relief around hides, by the highest angle
/// of the relief along eight directions (horizon angles, Max 1988). For reliefs that are small against the head; the head's own
/// occlusion is <see cref="SurfaceRays"/>'.
/// </summary>
public static class ReliefOcclusion
{
    // Steps along each direction, in texels: dense near, where pores are, sparse far, where furrows end.
    private static readonly int[] Steps = [1, 2, 3, 4, 6, 8, 11, 15];
    private static readonly (int X, int Y)[] Directions = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)];

    /// <param name="displacement">R×R×1 in the template's atlas, mm along the normal.</param>
    /// <param name="mesh">Gives the texels their true size.</param>
    /// <returns>R×R×1 in [0, 1]; 1 on flat skin and outside the charts.</returns>
    public static Image Make(Image displacement, Mesh mesh, CancellationToken cancellation = default)
    {
        var size = displacement.Width;
        var atlas = AtlasRaster.For(mesh.Template, size);
        var frames = atlas.Derivatives(mesh.Positions);
        var result = new Image(size, size, 1);
        Array.Fill(result.Pixels, 1);
        var relief = displacement.Pixels;
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var (x, y) = (texel % size, texel / size);
                var (right, down) = frames[atlas.Triangle[texel]];
                var hidden = 0f;
                foreach (var (dx, dy) in Directions)
                {
                    var step = ((dx * right) + (dy * down)).Length();
                    if (step < 1e-6f)
                    {
                        continue;
                    }

                    var slope = 0f;
                    foreach (var s in Steps)
                    {
                        var (u, v) = (x + (s * dx), y + (s * dy));
                        if ((uint)u >= (uint)size || (uint)v >= (uint)size || atlas.Triangle[(v * size) + u] < 0)
                        {
                            break;
                        }

                        slope = MathF.Max(slope, (relief[(v * size) + u] - relief[texel]) / (s * step));
                    }

                    // A wall up to the angle h hides sin² h of its sector's cosine-weighted sky.
                    hidden += slope * slope / (1 + (slope * slope));
                }

                result.Pixels[texel] = 1 - (hidden / Directions.Length);
            }
        });
        return result;
    }
}
