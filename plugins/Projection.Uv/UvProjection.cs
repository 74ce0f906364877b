using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Graphics;

namespace MoSar.Plugins.Projection;

public sealed record UvProjectionOptions
{
    [Range(0.0, 0.9)]
    [Description("Cosine between normal and view at and below which nothing counts as seen.")]
    public double GrazingZero { get; init; } = 0.1;

    [Range(0.05, 1.0)]
    [Description("Cosine from which on a texel counts fully.")]
    public double GrazingFull { get; init; } = 0.5;

    [Range(0.0, 10.0)]
    [Description("How far points are lifted off the surface before the visibility ray, mm.")]
    public double Bias { get; init; } = 0.3;

    [Range(0.0, 64.0)]
    [Description("Texels of a 1024 atlas by which the seen region draws back from what hides it: the fit is never exact.")]
    public double EdgeMargin { get; init; } = 4;
}

/// <summary>
/// Image → atlas with the fitted mesh and camera (3.2), by <see cref="UvProjector"/>.
///
/// | option       | meaning                                     | default |
/// |--------------|---------------------------------------------|---------|
/// | grazing_zero | cosine at which nothing is seen any more    | 0.1     |
/// | grazing_full | cosine from which on all is seen            | 0.5     |
/// | bias         | lift of the ray's start, mm                 | 0.3     |
/// | edge_margin  | retreat from occluders, texels of 1024      | 4       |
/// </summary>
public sealed class UvProjection : ITextureProjector
{
    private readonly UvProjectorOptions _options;

    public UvProjection(UvProjectionOptions options)
    {
        if (options.GrazingZero >= options.GrazingFull)
        {
            throw new MoSarException("grazing-order", $"project.uv: grazing_zero is {options.GrazingZero}, which is not below grazing_full, {options.GrazingFull}.", "Lower grazing_zero or raise grazing_full.");
        }

        _options = new UvProjectorOptions((float)options.GrazingZero, (float)options.GrazingFull, (float)options.Bias, (float)options.EdgeMargin);
    }

    public PartialTexture Run(ProjectionInput input, StageContext context) =>
        UvProjector.Project(input.Photograph.Pixels, input.Reconstruction.Mesh, input.Reconstruction.Camera, input.Resolution, _options, context.Cancellation);
}
