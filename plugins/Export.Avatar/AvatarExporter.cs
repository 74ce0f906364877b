using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Graphics;

namespace MoSar.Plugins.Export;

public sealed record AvatarExportOptions
{
    [Range(256, 8192)]
    [Description("Largest side of the textures inside avatar.glb; the maps beside it keep their size.")]
    public int GltfTextureSize { get; init; } = 2048;

    [Range(50, 100)]
    [Description("JPEG quality of the base colour inside avatar.glb.")]
    public int GltfJpegQuality { get; init; } = 92;

    [Range(600, 9600)]
    [Description("Width of preview.png in pixels.")]
    public int PreviewWidth { get; init; } = 2400;

    [Description("First environment of the preview: a built-in name (studio, sky, sunset, overcast, window, neon).")]
    public string PreviewLeft { get; init; } = "studio";

    [Description("Second environment of the preview.")]
    public string PreviewMiddle { get; init; } = "sunset";

    [Description("Third environment of the preview.")]
    public string PreviewRight { get; init; } = "window";
}

/// <summary>
/// Writes the avatar's folder.
///
/// | file                    | what                                                                                     |
/// |-------------------------|------------------------------------------------------------------------------------------|
/// | avatar.glb              | neutral head, morph targets at the fitted expression, PBR material                       |
/// | mesh.obj                | the fitted mesh with expression, mm, which reconstruction.json's camera maps to pixels   |
/// | maps/NAME.png, .exr     | every map as its descriptor says                                                         |
/// | texture.png             | what the photograph shows of each texel                                                  |
/// | visibility.png          | how well it shows it                                                                     |
/// | preview.png             | a contact sheet                                                                          |
/// | reconstruction.json     | camera, light, coefficients, landmarks, timings                                          |
///
/// The same input gives the same bytes, timings excepted.
/// </summary>
public sealed class AvatarExporter : IExporter
{
    private readonly AvatarExportOptions _options;
    private readonly EnvironmentMap[] _environments;

    /// <exception cref="MoSarException"><c>environment-unknown</c>.</exception>
    public AvatarExporter(AvatarExportOptions options)
    {
        _options = options;
        _environments = [.. Names.Select(name => ProceduralEnvironments.Make(name))];
    }

    private string[] Names => [_options.PreviewLeft, _options.PreviewMiddle, _options.PreviewRight];

    public IReadOnlyList<string> Run(ExportInput input, StageContext context)
    {
        var cancellation = context.Cancellation;
        var written = new List<string>();
        void Write(string name, Action<string> write)
        {
            cancellation.ThrowIfCancellationRequested();
            context.Progress.Report(new StageProgress(written.Count / (8.0 + input.Maps.All.Count), name));
            write(Path.Combine(input.Folder, name));
            written.Add(name);
        }

        Directory.CreateDirectory(Path.Combine(input.Folder, "maps"));
        foreach (var map in input.Maps.All.Values)
        {
            Write("maps/" + map.Descriptor.Name + ImageFile.Extension(map.Descriptor.Encoding), path => ImageFile.Write(path, map));
        }

        Write("texture.png", path => ImageFile.WritePng(path, input.Partial.Texture));
        Write("visibility.png", path => ImageFile.WritePng(path, input.Partial.Visibility, encoding: ColourEncoding.Linear));

        // Everything below shows the head as a whole, for which the largest maps hold more than can be seen.
        var small = Reduced(input.Maps, _options.GltfTextureSize);
        Write("mesh.obj", path => ObjWriter.Write(path, input.Reconstruction.Mesh));
        Write("avatar.glb", path => GlbFile.Write(path, input.Reconstruction, small, _options));
        Write("preview.png", path => ImageFile.WritePng(path, ContactSheet.Draw(input with { Maps = small }, Names, _environments, _options.PreviewWidth, cancellation)));
        Write("reconstruction.json", path => ReconstructionFile.Write(path, input));
        return written;
    }

    private static MapSet Reduced(MapSet maps, int side) =>
        maps.All.Values.Aggregate(MapSet.Empty, (set, map) => set.With(map with { Pixels = MapScaling.ReduceTo(map.Pixels, side) }));
}

public sealed class ExportModule : IPluginModule
{
    public void Register(IStageRegistry registry) => registry.Add<IExporter, AvatarExportOptions>(
        "export.avatar", "The avatar's folder: glTF, OBJ, maps, preview and reconstruction.json", options => new AvatarExporter(options));
}
