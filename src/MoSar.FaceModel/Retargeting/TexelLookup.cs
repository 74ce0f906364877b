using System.Numerics;
using MoSar.Faces.Building;
using MoSar.Graphics;
using MeshNormals = MoSar.Graphics.MeshNormals;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// For each texel of one atlas the point of another that it shows: the closest point of the other's surface (never a mean of places in an atlas, so
/// seams are respected) that faces the same way and is no farther than <see cref="Reach"/>. Carries any number of textures.
/// </summary>
public sealed class TexelLookup
{
    /// <summary>What is farther away than this is no counterpart, mm.</summary>
    internal const float Reach = 2.5f;

    // Beyond an open border the closest point is on the border; that counts only for the border's own texels, mm.
    private const float BorderReach = 0.5f;

    private readonly AtlasSide _from;
    private readonly AtlasSide _to;
    private readonly AtlasRaster _raster;
    private readonly int[] _triangle;
    private readonly Vector2[] _weights;

    private TexelLookup(AtlasSide to, AtlasSide from, AtlasRaster raster, int[] triangle, Vector2[] weights) =>
        (_to, _from, _raster, _triangle, _weights) = (to, from, raster, triangle, weights);

    /// <summary>R: texels along each side.</summary>
    public int Size => _raster.Resolution;

    /// <summary>The share of the atlas's covered texels that have a counterpart.</summary>
    public float Found => _triangle.Length == 0 ? 0 : (_triangle.Length - _triangle.AsSpan().Count(-1)) / (float)_triangle.Length;

    internal static TexelLookup Make(AtlasSide to, AtlasSide from, int size, CancellationToken cancellation)
    {
        var raster = AtlasRaster.For(to.Mesh.Template, size);
        var probes = new Dictionary<byte, SurfaceProbe>();
        foreach (var part in (ReadOnlySpan<byte>)[AtlasSide.Skin, AtlasSide.EyeA, AtlasSide.EyeB])
        {
            probes[part] = new SurfaceProbe(from.Mesh.Positions, from.Mesh.Template.Triangles, t => from.Parts[t] == part);
        }

        var points = raster.Interpolate(to.Mesh.Positions, cancellation);
        var normals = raster.InterpolateUnit(MeshNormals.Of(to.Mesh), cancellation);
        var fromNormals = MeshNormals.Of(from.Mesh);
        var openEdges = TargetSurface.OpenEdges(from.Mesh.Template.Triangles);
        var (triangle, weights) = (new int[points.Length], new Vector2[points.Length]);
        raster.ForCovered(cancellation, (first, last) =>
        {
            var near = -1;
            for (var k = first; k < last; k++)
            {
                triangle[k] = -1;
                if (!probes.TryGetValue(to.Parts[raster.Triangle[raster.Covered[k]]], out var probe) || probe.IsEmpty)
                {
                    continue;
                }

                near = near >= 0 && from.Parts[near] == to.Parts[raster.Triangle[raster.Covered[k]]] ? near : -1;
                if (!probe.TryClosest(points[k], normals[k], 0.3f, Reach, near, out var found, out var distance))
                {
                    continue;
                }

                near = found.Triangle;
                var b = found.Barycentric;
                var corners = from.Mesh.Template.Triangles.AsSpan(3 * near, 3);
                var normal = (b.X * fromNormals[corners[0]]) + (b.Y * fromNormals[corners[1]]) + (b.Z * fromNormals[corners[2]]);
                if (HasPlace(from.Mesh.Template, near)
                    && Vector3.Dot(normal, normals[k]) > 0.5f * normal.Length()
                    && (distance < BorderReach || !TargetSurface.IsOnBorder(found, openEdges)))
                {
                    (triangle[k], weights[k]) = (near, new Vector2(b.Y, b.Z));
                }
            }
        });
        return new TexelLookup(to, from, raster, triangle, weights);
    }

    /// <summary>R×R×1: 1 where there is a counterpart, 0 elsewhere.</summary>
    public Image Mask() => _raster.Scatter(Array.ConvertAll(_triangle, t => t >= 0 ? 1f : 0f));

    /// <summary>R²: 1 where the template's face is and there is a counterpart, 0 elsewhere; of either atlas.</summary>
    public float[] FaceMask()
    {
        var isTemplate = _to.Mesh.Template.Regions.ContainsKey("face");
        var template = (isTemplate ? _to : _from).Mesh.Template;
        var face = template.Regions["face"];
        var result = new float[Size * Size];
        for (var k = 0; k < _triangle.Length; k++)
        {
            var texel = _raster.Covered[k];
            if (_triangle[k] >= 0)
            {
                var corners = template.Triangles.AsSpan(3 * (isTemplate ? _raster.Triangle[texel] : _triangle[k]), 3);
                result[texel] = face[corners[0]] > 0.5f && face[corners[1]] > 0.5f && face[corners[2]] > 0.5f ? 1 : 0;
            }
        }

        return result;
    }

    /// <summary>Carries a texture over. Texels without counterpart continue their neighbours smoothly; gutters are padded.</summary>
    /// <param name="texture">Square, any number of channels; light must be linear.</param>
    /// <param name="isNormalMap">Three channels, unit vectors in tangent space (+Y up): directions are turned from the one atlas's tangents to the other's.</param>
    /// <returns>R×R, as many channels.</returns>
    /// <exception cref="MoSarException"><c>retarget-empty</c>: no texel has a counterpart.</exception>
    public Image Carry(Image texture, bool isNormalMap = false, CancellationToken cancellation = default)
    {
        if (texture.Width != texture.Height || (isNormalMap && texture.Channels != 3))
        {
            throw new ArgumentException($"{texture.Width}×{texture.Height}×{texture.Channels} is no square texture, or no normal map.", nameof(texture));
        }

        if (Found == 0)
        {
            throw new MoSarException("retarget-empty", $"No texel of {_to.Mesh.Template.Id} has a counterpart on {_from.Mesh.Template.Id}.", "Check the landmarks and the UDIM tile (--tile).");
        }

        var padded = new Image(texture.Width, texture.Height, texture.Channels, (float[])texture.Pixels.Clone());
        AtlasRaster.For(_from.Mesh.Template, texture.Width).FillGutter(padded);
        var footprints = new Footprints(_to.Mesh, _from.Mesh, _raster, texture.Width);
        var sampler = new FootprintSampler(padded);
        var frames = isNormalMap ? new TangentTurn(_to.Mesh, _from.Mesh) : null;
        var n = texture.Channels;
        var result = new Image(Size, Size, n);
        _raster.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                if (_triangle[k] < 0)
                {
                    continue;
                }

                var (texel, b) = (_raster.Covered[k], new Vector3(1 - _weights[k].X - _weights[k].Y, _weights[k].X, _weights[k].Y));
                var target = result.Pixels.AsSpan(texel * n, n);
                var (right, down) = footprints.At(_raster.Triangle[texel], _triangle[k]);
                sampler.Sample(Place(_from.Mesh.Template, _triangle[k], b) * texture.Width, right, down, target);
                frames?.Turn(target, _triangle[k], b, _raster.Triangle[texel], _raster.Barycentric(texel));
            }
        });
        Fill(result, isNormalMap, cancellation);
        return result;
    }

    private void Fill(Image image, bool isNormalMap, CancellationToken cancellation)
    {
        if (_triangle.AsSpan().Contains(-1))
        {
            var state = new FillState[Size * Size];
            for (var k = 0; k < _triangle.Length; k++)
            {
                state[_raster.Covered[k]] = _triangle[k] >= 0 ? FillState.Known : FillState.Unknown;
            }

            HarmonicFill.Fill(image, state, cancellation: cancellation);
            for (var i = 0; isNormalMap && i < state.Length; i++)
            {
                if (state[i] == FillState.Unknown)
                {
                    var normal = new Vector3(image.Pixels.AsSpan(3 * i, 3));
                    (normal.LengthSquared() > 1e-8f ? Vector3.Normalize(normal) : Vector3.UnitZ).CopyTo(image.Pixels, 3 * i);
                }
            }
        }

        _raster.FillGutter(image);
    }

    private static Vector2 Place(FaceTemplate template, int triangle, Vector3 b)
    {
        var t = template.TriangleUvs.AsSpan(3 * triangle, 3);
        return (b.X * template.Uvs[t[0]]) + (b.Y * template.Uvs[t[1]]) + (b.Z * template.Uvs[t[2]]);
    }

    /// <summary>False for triangles of other UDIM tiles and those without texture coordinates.</summary>
    private static bool HasPlace(FaceTemplate template, int triangle)
    {
        foreach (var i in template.TriangleUvs.AsSpan(3 * triangle, 3))
        {
            var uv = template.Uvs[i];
            if (!(uv.X > -0.01f && uv.X < 1.01f && uv.Y > -0.01f && uv.Y < 1.01f))
            {
                return false;
            }
        }

        return true;
    }
}
