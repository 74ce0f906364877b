using System.Numerics;

namespace MoSar.Graphics;

/// <summary>Tangent-space normals of a relief on a head's surface (3.4), in the frame that <see cref="WellKnownMaps.Normal"/> describes.</summary>
public static class ReliefNormals
{
    /// <param name="displacement">R×R×1 in the template's atlas, mm along the normal.</param>
    /// <param name="mesh">Gives the texels their true size and shape.</param>
    /// <param name="strength">Scales the relief first.</param>
    /// <returns>R×R×3 unit vectors; (0, 0, 1) outside the charts.</returns>
    public static Image Make(Image displacement, Mesh mesh, float strength = 1, CancellationToken cancellation = default)
    {
        var size = displacement.Width;
        var atlas = AtlasRaster.For(mesh.Template, size);
        var relief = Extend(displacement, atlas, cancellation);
        var (du, dv) = (new float[size * size], new float[size * size]);
        new SpectralDerivative(size).Differentiate(relief.Pixels, du, dv, cancellation);
        return Normals(atlas, TexelFrames.Make(mesh), du, dv, strength, cancellation);
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

    private static Image Normals(AtlasRaster atlas, TexelFrames frames, float[] du, float[] dv, float strength, CancellationToken cancellation)
    {
        var size = atlas.Resolution;
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
