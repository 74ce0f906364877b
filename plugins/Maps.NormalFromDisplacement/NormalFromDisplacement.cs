using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Normals;

public sealed record NormalFromDisplacementOptions
{
    [Range(0.0, 10.0)]
    [Description("Scales the relief before its normals are taken: 1 is true to the displacement, 0 is flat.")]
    public double Strength { get; init; } = 1;
}

/// <summary>
/// The normal map 𝓝 of the displaced surface (3.4). With displacement D (mm) along the normal n the surface's normal is n − ∇D up to length, ∇D the
/// gradient on the surface. The derivatives of D per texel come from the Fourier transform; the texel's true edges on the head
/// (∂P/∂u, ∂P/∂v, in mm, not of equal length and not at right angles) turn them into ∇D in the tangent frame of glTF: x along +u,
/// y at a right angle to it towards −v, z out of the surface.
///
/// | option   | meaning                          | default |
/// |----------|----------------------------------|---------|
/// | strength | factor on the displacement       | 1       |
/// </summary>
public sealed class NormalFromDisplacement(NormalFromDisplacementOptions options) : IMapEstimator
{
    public IReadOnlyList<string> Needs { get; } = [WellKnownMaps.Displacement.Name];

    public IReadOnlyList<MapDescriptor> Makes { get; } = [WellKnownMaps.Normal];

    public IReadOnlyList<Map> Run(MapInput input, StageContext context)
    {
        var displacement = input.Maps[WellKnownMaps.Displacement.Name].Pixels;
        var size = displacement.Width;
        if (displacement.Channels != 1 || displacement.Height != size)
        {
            throw new MoSarException("displacement-shape", $"The displacement map is {size}×{displacement.Height}×{displacement.Channels}; a square map of one channel is needed.");
        }

        var mesh = input.Reconstruction.Mesh;
        return [new Map(WellKnownMaps.Normal, ReliefNormals.Make(displacement, mesh, (float)options.Strength, context.Cancellation))];
    }
}
