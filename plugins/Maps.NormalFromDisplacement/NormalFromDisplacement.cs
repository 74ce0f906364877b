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
        var atlas = AtlasRaster.For(mesh.Template, size);
        var relief = Extend(displacement, atlas, context.Cancellation);
        var (du, dv) = (new float[size * size], new float[size * size]);
        new SpectralDerivative(size).Differentiate(relief.Pixels, du, dv, context.Cancellation);
        return [new Map(WellKnownMaps.Normal, Normals(atlas, TexelFrames.Make(mesh), du, dv, context.Cancellation))];
    }

    // Beyond a chart's border the relief goes on smoothly, so that the border is no edge to the transform.
    private static Image Extend(Image displacement, AtlasRaster atlas, CancellationToken cancellation)
    {
        var relief = new Image(displacement.Width, displacement.Height, 1, (float[])displacement.Pixels.Clone());
        var state = new FillState[relief.Pixels.Length];
        for (var i = 0; i < state.Length; i++)
        {
            state[i] = atlas.Triangle[i] >= 0 ? FillState.Known : FillState.Unknown;
        }

        HarmonicFill.Fill(relief, state, cancellation: cancellation);
        return relief;
    }

    private Image Normals(AtlasRaster atlas, TexelFrames frames, float[] du, float[] dv, CancellationToken cancellation)
    {
        var (size, strength) = (atlas.Resolution, (float)options.Strength);
        var normals = new Image(size, size, 3);
        for (var i = 2; i < normals.Pixels.Length; i += 3)
        {
            normals.Pixels[i] = 1;
        }

        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                var (along, down) = frames.At(atlas.Template, atlas.Triangle[texel], atlas.Barycentric(texel));
                Tilt(along / size, down / size, strength * du[texel], strength * dv[texel]).CopyTo(normals.Pixels, 3 * texel);
            }
        });
        return normals;
    }

    /// <summary>The tangent-space normal where the relief rises by du and dv over the texel edges <paramref name="along"/> (u) and <paramref name="down"/> (v), all mm.</summary>
    internal static Vector3 Tilt(Vector3 along, Vector3 down, float du, float dv)
    {
        var width = along.Length();
        if (width < 1e-9f)
        {
            return Vector3.UnitZ;
        }

        var tangent = along / width;
        var shear = Vector3.Dot(down, tangent);
        var height = (down - (shear * tangent)).Length();
        if (height < 1e-9f)
        {
            return Vector3.UnitZ;
        }

        // ∇D·∂P/∂u = du and ∇D·∂P/∂v = dv, solved in the frame (tangent, bitangent) with ∂P/∂v = shear·tangent − height·bitangent.
        var slopeX = du / width;
        var slopeY = ((shear * slopeX) - dv) / height;
        return Vector3.Normalize(new Vector3(-slopeX, -slopeY, 1));
    }
}
