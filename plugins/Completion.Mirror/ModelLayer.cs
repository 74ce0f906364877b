using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>Fills the rest with the fitted model's colours, led to what is settled.</summary>
internal static class ModelLayer
{
    // Texels (of a 1024 atlas) over which what the mesh is too coarse to carry fades out.
    private const float DetailReach = 20;

    public static void Add(Canvas canvas, Mesh mesh, VertexShading shading, Hair? hair, float fade, CancellationToken cancellation)
    {
        var (atlas, size) = (canvas.Atlas, canvas.Size);
        var roots = VertexColours.Make(canvas, mesh, shading, hair, fade, cancellation);
        MoistenInnerLips(mesh.Template, roots);
        var model = atlas.Scatter(atlas.Interpolate(roots, cancellation));
        var (rest, state) = (new Image(size, size, 3), new FillState[size * size]);
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                state[texel] = canvas.Settled[texel] ? FillState.Known : FillState.Unknown;
                if (canvas.Settled[texel])
                {
                    (canvas.Root(texel) - new Vector3(model.Pixels.AsSpan(3 * texel, 3))).CopyTo(rest.Pixels, 3 * texel);
                }
            }
        });

        var reach = DetailReach * size / 1024;
        HarmonicFill.Fill(rest, state, screening: 1 / (reach * reach), cancellation: cancellation);
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var (texel, at) = (atlas.Covered[k], 3 * atlas.Covered[k]);
                if (!canvas.Settled[texel])
                {
                    (new Vector3(model.Pixels.AsSpan(at, 3)) + new Vector3(rest.Pixels.AsSpan(at, 3))).CopyTo(canvas.Roots.Pixels, at);
                }
            }
        });
    }

    // The inside of the lips is never seen in a closed mouth, and no portrait taught the albedo its colour: that of the lips, a little darker.
    private static void MoistenInnerLips(FaceTemplate template, Vector3[] roots)
    {
        const float darker = 0.9f;
        if (!template.Regions.TryGetValue("inner_lips", out var inner) || !template.Regions.TryGetValue("lips", out var lips))
        {
            return;
        }

        var (sum, total) = (Vector3.Zero, 0f);
        for (var i = 0; i < roots.Length; i++)
        {
            var weight = lips[i] * (1 - inner[i]);
            sum += weight * roots[i];
            total += weight;
        }

        for (var i = 0; i < roots.Length && total > 0; i++)
        {
            roots[i] = Vector3.Lerp(roots[i], darker * sum / total, inner[i]);
        }
    }
}
