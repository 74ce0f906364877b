using MoSar.Graphics;

namespace MoSar.Plugins.Baked;

/// <summary>
/// The maps 𝓓 𝓢 𝓐 𝓣 and the displacement (3.4) without learning.
///
/// | map               | how                                                                                          |
/// |-------------------|----------------------------------------------------------------------------------------------|
/// | ambient_occlusion | rays over the hemisphere of the fitted mesh at half the texture's resolution, joined to full |
/// | translucency      | exp(−thickness/depth), thickness by rays into the head                                       |
/// | diffuse           | 𝓜 ÷ shading of the residual light ÷ part of the occlusion, highlights reduced                |
/// | displacement      | band-passed log luminance of the diffuse map: dark is deep                                   |
/// | specular          | a prior by region (nose, forehead, lips …), less in pores                                    |
/// </summary>
public sealed class BakedMaps(BakedMapsOptions options) : IMapEstimator
{
    public IReadOnlyList<string> Needs { get; } = [];

    public IReadOnlyList<MapDescriptor> Makes { get; } =
        [WellKnownMaps.Diffuse, WellKnownMaps.Specular, WellKnownMaps.AmbientOcclusion, WellKnownMaps.Translucency, WellKnownMaps.Displacement];

    public IReadOnlyList<Map> Run(MapInput input, StageContext context)
    {
        var (texture, mesh, cancellation) = (input.Texture.Texture, input.Reconstruction.Mesh, context.Cancellation);
        var atlas = AtlasRaster.For(mesh.Template, texture.Width);
        var regions = new RegionMaps(atlas, mesh.Template, cancellation);
        context.Progress.Report(new StageProgress(0, "tracing rays"));
        var rays = new SurfaceRayOptions(options.OcclusionRays, (float)options.OcclusionReach, options.ThicknessRays, (float)options.TranslucencyDepth);
        var (occlusion, translucency) = SurfaceRays.Trace(mesh, atlas, regions, rays, context.Seed, cancellation);
        context.Progress.Report(new StageProgress(0.6, "albedo and relief"));
        var diffuse = DiffuseMap.Make(input.Texture, input.Visibility, mesh, atlas, regions, occlusion, options, cancellation);
        var displacement = ReliefMap.Make(diffuse, input.Visibility, atlas, regions, mesh, options, cancellation);
        var specular = SkinReflectance.Make(displacement, atlas, regions, (float)options.SkinReflectance, cancellation);
        foreach (var image in new[] { diffuse, specular, occlusion, translucency, displacement })
        {
            atlas.FillGutter(image);
        }

        return
        [
            new Map(WellKnownMaps.Diffuse, diffuse),
            new Map(WellKnownMaps.Specular, specular),
            new Map(WellKnownMaps.AmbientOcclusion, occlusion),
            new Map(WellKnownMaps.Translucency, translucency),
            new Map(WellKnownMaps.Displacement, displacement),
        ];
    }
}
