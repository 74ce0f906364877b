using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>The fitted model's look at its V vertices.</summary>
/// <param name="Irradiance">Σ A_l γ Y(n), bounded as light.sh bounds it, so that its division leaves the albedo.</param>
/// <param name="Colour">Albedo × irradiance, linear.</param>
internal sealed record VertexShading(Vector3[] Irradiance, Vector3[] Colour)
{
    public static VertexShading Make(Reconstruction reconstruction)
    {
        var shading = BoundedShading.Make(reconstruction.Light, MeshNormals.Of(reconstruction.Mesh), reconstruction.Mesh.Template);
        var irradiance = shading.Relative.Select(e => e * shading.Mean).ToArray();
        var colour = irradiance.Select((e, i) => Vector3.Max(reconstruction.VertexAlbedo[i], Vector3.Zero) * e).ToArray();
        return new VertexShading(irradiance, colour);
    }
}
