using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Takes back texels that are not skin where skin should be: collar and hair on the neck, and at the silhouette of face and ears, where the
/// fit is never exact, the background. Skin is what has the face's chromaticity (robust: median and median deviation over the face) and
/// a brightness not far from it.
/// </summary>
internal static class ClothingFilter
{
    // In median deviations, on the neck and at the silhouette; the floor keeps a very even face from refusing its own neck.
    private const float NeckDeviations = 5;
    private const float SilhouetteDeviations = 3.5f;
    private const float DeviationFloor = 0.012f;
    private const float Darkest = 0.1f;
    private const float Brightest = 2.2f;
    private const float Beard = 0.6f;

    // Visibility below which a texel of the face lies near the silhouette.
    private const float Silhouette = 0.7f;

    // This part of aliens around it condemns a texel; a stray mole does not.
    private const float Crowd = 0.15f;

    // Texels of a 1024 atlas: collars shine and shade beyond their edge.
    private const int Margin = 10;

    public static void Apply(Canvas canvas, Image visibility, FaceTemplate template, CancellationToken cancellation)
    {
        if (!template.Regions.TryGetValue("face", out var face) || !template.Regions.TryGetValue("neck", out var neck))
        {
            return;
        }

        var (atlas, size) = (canvas.Atlas, canvas.Size);
        var (faceAt, limit) = (atlas.Interpolate(face, cancellation), Limits(atlas, visibility, template, neck, cancellation));
        var sample = Enumerable.Range(0, faceAt.Length).Where(k => k % 7 == 0 && faceAt[k] > 0.95f && canvas.Seen[atlas.Covered[k]]).Select(k => Features(canvas.Root(atlas.Covered[k]))).ToArray();
        if (sample.Length < 100)
        {
            return;
        }

        var middle = Median(sample);
        var spread = Vector3.Max(Median([.. sample.Select(f => Vector3.Abs(f - middle))]), new Vector3(DeviationFloor));
        var alien = new float[size * size];
        foreach (var texel in atlas.Covered)
        {
            if (limit[texel] > 0 && canvas.Seen[texel])
            {
                var f = Features(canvas.Root(texel));
                var off = Vector3.Abs(f - middle) / spread;

                // A beard is greyer than skin, but darker; cloth, wall and collar in the same grey are mostly bright, or else nearly black.
                var allowed = limit[texel] * (f.Z < Beard * middle.Z ? 2 : 1);
                alien[texel] = MathF.Max(off.X, off.Y) > allowed || f.Z < Darkest * middle.Z || f.Z > Brightest * middle.Z ? 1 : 0;
            }
        }

        var crowd = BoxAverage.Over(alien, atlas.Triangle, size, Math.Max(1, Margin * size / 1024));
        canvas.Reject(texel => limit[texel] > 0 && crowd[texel] >= Crowd);
    }

    // Allowed median deviations a texel; 0 where nobody asks.
    private static float[] Limits(AtlasRaster atlas, Image visibility, FaceTemplate template, float[] neck, CancellationToken cancellation)
    {
        var none = new float[neck.Length];
        float[] Region(string name) => atlas.Interpolate(template.Regions.TryGetValue(name, out var r) ? r : none, cancellation);
        var (neckAt, faceAt, earsAt) = (Region("neck"), Region("face"), Region("ears"));
        var limit = new float[atlas.Triangle.Length];
        for (var k = 0; k < neckAt.Length; k++)
        {
            var texel = atlas.Covered[k];
            var silhouette = Math.Max(faceAt[k], earsAt[k]) > 0.2f && visibility.Pixels[texel] < Silhouette;
            limit[texel] = neckAt[k] > 0.2f ? NeckDeviations : silhouette ? SilhouetteDeviations : 0;
        }

        return limit;
    }

    // Chromaticity r, g and the linear sum.
    private static Vector3 Features(Vector3 root)
    {
        var linear = root * root;
        var sum = MathF.Max(linear.X + linear.Y + linear.Z, 1e-4f);
        return new Vector3(linear.X / sum, linear.Y / sum, sum);
    }

    private static Vector3 Median(Vector3[] values)
    {
        float Middle(Func<Vector3, float> of) => values.Select(of).Order().ElementAt(values.Length / 2);
        return new Vector3(Middle(v => v.X), Middle(v => v.Y), Middle(v => v.Z));
    }
}
