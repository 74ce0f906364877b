using MoSar.Graphics;

namespace MoSar.Plugins.Export;

/// <summary>
/// avatar.glb: the neutral head as base, so that expression morph targets mean what their names say, and the fitted expression as the
/// targets' default weights, so that the file opens looking like the photograph.
/// </summary>
internal static class GlbFile
{
    public static void Write(string path, Reconstruction reconstruction, MapSet maps, AvatarExportOptions options)
    {
        EmbeddedImage? Jpeg(string name) => maps.Contains(name) ? new EmbeddedImage(ImageFile.EncodeJpeg(maps[name].Pixels, options.GltfJpegQuality)) : null;
        GltfWriter.Write(path, new GltfModel
        {
            Name = "avatar",
            Mesh = reconstruction.Neutral,
            BaseColour = Jpeg("diffuse"),
            Occlusion = maps.Contains("ambient_occlusion") ? new EmbeddedImage(Linear(maps["ambient_occlusion"])) : null,
            NormalMap = maps.Contains("normal") ? new EmbeddedImage(Linear(maps["normal"])) : null,
            Targets = reconstruction.Neutral.Template.Expressions,
            DefaultWeights = reconstruction.Expression,
        });
    }

    // Data, not colour: PNG, for JPEG's blocks would show as dents in the skin.
    private static byte[] Linear(Map map) =>
        ImageFile.EncodePng(map.Pixels, 8, ColourEncoding.Linear, map.Descriptor.Minimum, map.Descriptor.Maximum);
}
