using System.Numerics;

namespace MoSar.Graphics;

/// <summary>How a photograph is carried into the atlas.</summary>
/// <param name="GrazingZero">Cosine between normal and view at and below which nothing counts as seen.</param>
/// <param name="GrazingFull">Cosine from which on a texel counts fully.</param>
/// <param name="Bias">How far points are lifted off the surface before the visibility ray, mm: hides the facets' own shadow.</param>
/// <param name="EdgeMargin">
/// Texels by which the seen region draws back from what hides it (a nose's silhouette on the cheek), relative to a 1024 atlas: the fit is never exact.
/// </param>
public sealed record UvProjectorOptions(float GrazingZero = 0.1f, float GrazingFull = 0.5f, float Bias = 0.3f, float EdgeMargin = 4);

/// <summary>
/// Image → atlas: each texel takes the antialiased colour of the photograph where its surface point projects, and a visibility that is 0 where
/// the point is hidden (ray to the camera), faces away or lies outside the picture, and falls off smoothly towards grazing views.
/// </summary>
public static class UvProjector
{
    /// <param name="photograph">H×W×3, linear.</param>
    /// <param name="mesh">As the camera sees it: with expression.</param>
    /// <param name="resolution">Side of the atlas, texels.</param>
    /// <returns>Texture 0 where visibility is 0.</returns>
    public static PartialTexture Project(
        Image photograph, Mesh mesh, PinholeCamera camera, int resolution, UvProjectorOptions? options = null, CancellationToken cancellation = default)
    {
        var o = options ?? new UvProjectorOptions();
        var atlas = AtlasRaster.For(mesh.Template, resolution);
        var points = atlas.Interpolate(mesh.Positions, cancellation);
        var vertexNormals = MeshNormals.Of(mesh);
        var normals = atlas.InterpolateUnit(vertexNormals, cancellation);
        var starts = atlas.InterpolateSmooth(mesh.Positions, vertexNormals, cancellation);
        var visibility = atlas.Scatter(Visibility(mesh, camera, starts, normals, photograph.Width, photograph.Height, o, cancellation));
        DrawBack(visibility, atlas, o.EdgeMargin * resolution / 1024f);
        var footprints = Footprints(mesh, camera, atlas);
        var pyramid = new MipPyramid(photograph);
        var texture = new Image(resolution, resolution, 3);
        atlas.ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                if (visibility.Pixels[texel] > 0)
                {
                    pyramid.Sample(camera.Project(points[k]), footprints[atlas.Triangle[texel]]).CopyTo(texture.Pixels, 3 * texel);
                }
            }
        });
        return new PartialTexture(texture, visibility);
    }

    /// <summary>The visibility of surface points alone, in [0, 1], without margin. Best from <see cref="AtlasRaster.InterpolateSmooth"/>.</summary>
    public static float[] Visibility(
        Mesh mesh, PinholeCamera camera, Vector3[] points, Vector3[] normals, int width, int height, UvProjectorOptions? options = null, CancellationToken cancellation = default)
    {
        var o = options ?? new UvProjectorOptions();
        var centre = camera.Centre;
        var result = new float[points.Length];

        // Rays only for what can be seen at all: about a third of an atlas.
        var candidates = new List<int>();
        for (var k = 0; k < points.Length; k++)
        {
            var cosine = Vector3.Dot(normals[k], Vector3.Normalize(centre - points[k]));
            var pixel = camera.Project(points[k]);
            if (cosine > o.GrazingZero && camera.ToCamera(points[k]).Z < 0 && pixel.X >= 0 && pixel.Y >= 0 && pixel.X <= width && pixel.Y <= height)
            {
                var t = Math.Clamp((cosine - o.GrazingZero) / (o.GrazingFull - o.GrazingZero), 0, 1);
                result[k] = t * t * (3 - (2 * t));
                candidates.Add(k);
            }
        }

        var (origins, directions) = (new Vector3[candidates.Count], new Vector3[candidates.Count]);
        for (var i = 0; i < origins.Length; i++)
        {
            origins[i] = points[candidates[i]] + (normals[candidates[i]] * o.Bias);
            directions[i] = centre - origins[i];
        }

        using var scene = new RayScene(mesh);
        var hidden = scene.Occluded(origins, directions, coherent: true, cancellation: cancellation);
        for (var i = 0; i < hidden.Length; i++)
        {
            result[candidates[i]] *= 1 - hidden[i];
        }

        return result;
    }

    // A box average of what is seen, mapped so that its half is 0: seen regions end the margin earlier, and softly.
    private static void DrawBack(Image visibility, AtlasRaster atlas, float margin)
    {
        var radius = (int)MathF.Round(margin);
        if (radius < 1)
        {
            return;
        }

        var seen = new float[visibility.Pixels.Length];
        foreach (var texel in atlas.Covered)
        {
            seen[texel] = visibility.Pixels[texel] > 0 ? 1 : 0;
        }

        var average = BoxAverage.Over(seen, atlas.Triangle, atlas.Resolution, radius);
        atlas.ForCovered(CancellationToken.None, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var texel = atlas.Covered[k];
                visibility.Pixels[texel] *= Math.Clamp((2 * average[texel]) - 1, 0, 1);
            }
        });
    }

    // The square root of the area, in pixels, that one texel of each triangle covers in the photograph.
    private static float[] Footprints(Mesh mesh, PinholeCamera camera, AtlasRaster atlas)
    {
        var derivatives = atlas.Derivatives(mesh.Positions);
        var triangles = mesh.Template.Triangles;
        var result = new float[derivatives.Length];
        for (var t = 0; t < result.Length; t++)
        {
            var p = (mesh.Positions[triangles[3 * t]] + mesh.Positions[triangles[(3 * t) + 1]] + mesh.Positions[triangles[(3 * t) + 2]]) / 3;
            var at = camera.Project(p);
            var (right, down) = (camera.Project(p + derivatives[t].Right) - at, camera.Project(p + derivatives[t].Down) - at);
            result[t] = MathF.Sqrt(MathF.Abs((right.X * down.Y) - (right.Y * down.X)));
        }

        return result;
    }
}
