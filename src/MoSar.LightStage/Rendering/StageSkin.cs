using System.Numerics;
using MoSar.Graphics;

namespace MoSar.LightStage;

/// <summary>
/// A head's maps packed for the renderer, with their halvings. Colours; specular and roughness; and normals, whose halvings grow
/// shorter where they differ: that is how relief which a picture is too small to show becomes roughness (Toksvig 2005).
/// </summary>
public sealed class StageSkin
{
    private readonly IReadOnlyList<Image> _colour;
    private readonly IReadOnlyList<Image> _optics;
    private readonly IReadOnlyList<Image>? _relief;

    /// <param name="maps"><c>diffuse</c>; <c>specular</c>, <c>normal</c>, <c>ambient_occlusion</c> and <c>roughness</c> (perceptual) where they are there.</param>
    /// <param name="roughness">Perceptual, where there is no map.</param>
    public StageSkin(MapSet maps, float roughness = 0.45f)
    {
        _colour = new MipPyramid(maps["diffuse"].Pixels).Levels;
        _optics = new MipPyramid(Pack(Of(maps, "specular"), Of(maps, "roughness"), roughness)).Levels;
        _relief = Of(maps, "normal") is { } normal ? new MipPyramid(normal).Levels : null;
        Occlusion = Of(maps, "ambient_occlusion");
    }

    internal Image? Occlusion { get; }

    /// <param name="size">Side of what is seen, in units of the atlas.</param>
    /// <returns>Linear reflectance; reflectance at normal incidence and perceptual roughness in X and Y; tangent-space normal, shorter the rougher.</returns>
    internal (Vector3 Albedo, Vector3 Optics, Vector3 Normal) At(Vector2 uv, float size) =>
        (Look(_colour, uv, size), Look(_optics, uv, size), _relief is null ? Vector3.UnitZ : Look(_relief, uv, size));

    /// <summary>The colour at a point, over about 1/256 of the atlas: for light that bounces.</summary>
    internal Vector3 Colour(Vector2 uv) => Look(_colour, uv, 1 / 256f);

    private static Image? Of(MapSet maps, string name) => maps.Contains(name) ? maps[name].Pixels : null;

    private static Vector3 Look(IReadOnlyList<Image> levels, Vector2 uv, float size)
    {
        var texels = size * levels[0].Width;
        var level = texels <= 1 ? 0 : Math.Min((int)(MathF.Log2(texels) + 0.5f), levels.Count - 1);
        var image = levels[level];
        return Resample.Bilinear3(image, uv * new Vector2(image.Width, image.Height));
    }

    private static Image Pack(Image? specular, Image? roughness, float otherwise)
    {
        Image?[] all = [specular, roughness];
        var side = Math.Max(1, all.Max(i => i?.Width ?? 1));
        var result = new Image(side, side, 3);
        float[] values = [0.028f, otherwise];
        for (var c = 0; c < all.Length; c++)
        {
            if (all[c] is not { } source)
            {
                for (var i = c; i < result.Pixels.Length; i += 3)
                {
                    result.Pixels[i] = values[c];
                }

                continue;
            }

            var scaled = source.Width == side ? source : Resample.Bilinear(source, side, side);
            for (var i = 0; i < side * side; i++)
            {
                result.Pixels[(i * 3) + c] = scaled.Pixels[i * scaled.Channels];
            }
        }

        return result;
    }
}
