using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Plugins.Completion;

/// <summary>The fitted model's look at its V vertices.</summary>
/// <param name="Irradiance">Σ A_l γ Y(n), never below a small positive value.</param>
/// <param name="Colour">Albedo × irradiance, linear.</param>
internal sealed record VertexShading(Vector3[] Irradiance, Vector3[] Colour)
{
    public static VertexShading Make(Reconstruction reconstruction)
    {
        var normals = MeshNormals.Of(reconstruction.Mesh);
        var (irradiance, colour) = (new Vector3[normals.Length], new Vector3[normals.Length]);
        Parallel.For(0, (normals.Length + 1023) / 1024, c =>
        {
            for (var i = c * 1024; i < Math.Min(normals.Length, (c + 1) * 1024); i++)
            {
                irradiance[i] = Vector3.Max(SphericalHarmonics.Irradiance(reconstruction.Light, normals[i]), new Vector3(0.02f));
                colour[i] = Vector3.Max(reconstruction.VertexAlbedo[i], Vector3.Zero) * irradiance[i];
            }
        });
        return new VertexShading(irradiance, colour);
    }
}
