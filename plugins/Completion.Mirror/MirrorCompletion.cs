using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>
/// Completes the projected texture (3.2) without learning. Three layers, each joined to the one before without a seam in colour:
/// what is seen; what is seen on the other side of the face, mirrored (u → 1 − u) and corrected by the ratio of the fitted shading; and the model's
/// albedo times shading for what nobody sees. A layer meets the one before by a membrane: the difference at their common border is
/// continued harmonically into the new layer and added (Pérez et al. 2003, seamless cloning). For the last layer the slow part of the
/// difference is solved on the mesh, where the atlas has no seams, skin and hair each on its own, and only the rest in the atlas.
/// Before all this, what is neither skin nor hair of the head is taken back (<see cref="ForeignFilter"/>).
/// All of it in square roots of linear values, in which equal steps look about equal.
///
/// | option          | meaning                                                    | default |
/// |-----------------|------------------------------------------------------------|---------|
/// | seen_from       | visibility that counts as seen                             | 0.3     |
/// | mirror          | use the mirror image                                       | true    |
/// | reject_clothing | what is neither skin nor hair of the head counts as unseen | true    |
/// | fade            | reach of the photograph's colour beyond its border, mm     | 45      |
/// </summary>
public sealed class MirrorCompletion(MirrorCompletionOptions options) : ITextureCompleter
{
    public Image Run(CompletionInput input, StageContext context)
    {
        var (texture, visibility) = (input.Partial.Texture, input.Partial.Visibility);
        if (texture.Width != visibility.Width || texture.Width != texture.Height || texture.Channels != 3)
        {
            throw new ArgumentException($"Texture {texture.Width}×{texture.Height}×{texture.Channels} and visibility {visibility.Width}×{visibility.Height} do not belong together.", nameof(input));
        }

        var (mesh, cancellation) = (input.Reconstruction.Mesh, context.Cancellation);
        var atlas = AtlasRaster.For(mesh.Template, texture.Width);
        var shading = VertexShading.Make(input.Reconstruction);
        var canvas = new Canvas(atlas, texture, visibility, (float)options.SeenFrom);
        var hair = options.RejectClothing ? ForeignFilter.Apply(canvas, mesh, shading.Colour, cancellation) : null;

        if (options.Mirror)
        {
            MirrorLayer.Add(canvas, shading.Irradiance, cancellation);
        }

        ModelLayer.Add(canvas, mesh, shading, hair, (float)options.Fade, cancellation);
        return canvas.Finish(texture);
    }
}
