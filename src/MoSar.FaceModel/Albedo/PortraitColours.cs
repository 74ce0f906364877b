using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Faces.Albedo;

/// <summary>What a portrait shows of every vertex of the fitted head.</summary>
/// <param name="Colour">V linear colours, averaged over about a vertex's spacing.</param>
/// <param name="Weight">V in [0, 1]: 0 where hidden, outside the picture or seen at a glance.</param>
/// <param name="Normal">V unit normals, head space.</param>
internal sealed record PortraitColours(Vector3[] Colour, float[] Weight, Vector3[] Normal)
{
    private const int RasterSide = 640;
    private const float SpacingMm = 1.8f, DepthToleranceMm = 3;

    public static PortraitColours Sample(FaceModel model, LandmarkFit fit, AlbedoPortrait portrait)
    {
        var photo = portrait.Photograph;
        var confidence = Enumerable.Repeat(1f, Landmarks.Count).ToArray();
        var result = fit.Run(new Landmarks(portrait.Points, confidence), photo.Width, photo.Height, photo.FocalLength, null, portrait.Contour);
        var positions = model.Positions([.. result.Identity.Select(v => (float)v)], [.. result.Expression.Select(v => (float)v)]);
        var camera = result.Pose.ToCamera(photo.Width / 2.0, photo.Height / 2.0, fit.Origin);
        var normals = MeshNormals.AreaWeighted(positions, model.Template.Triangles);
        var scale = (double)RasterSide / Math.Max(photo.Width, photo.Height);
        var small = camera with { Fx = camera.Fx * scale, Fy = camera.Fy * scale, Cx = camera.Cx * scale, Cy = camera.Cy * scale };
        var (width, height) = ((int)Math.Ceiling(photo.Width * scale), (int)Math.Ceiling(photo.Height * scale));
        var depth = Rasterizer.Draw(small, positions, model.Template.Triangles, width, height);
        var pyramid = new MipPyramid(photo.Pixels, 16);
        var (colour, weight) = (new Vector3[positions.Length], new float[positions.Length]);
        for (var v = 0; v < positions.Length; v++)
        {
            var pixel = camera.Project(positions[v]);
            var (x, y) = ((int)(pixel.X * scale), (int)(pixel.Y * scale));
            var facing = Vector3.Dot(normals[v], Vector3.Normalize(camera.Centre - positions[v]));
            if (facing < 0.25f || pixel.X < 2 || pixel.Y < 2 || pixel.X > photo.Width - 2 || pixel.Y > photo.Height - 2
                || depth.Depth[(y * width) + x] < -camera.ToCamera(positions[v]).Z - DepthToleranceMm)
            {
                continue;
            }

            colour[v] = Vector3.Max(pyramid.Sample(pixel, SpacingMm * (float)result.Pose.Scale), new Vector3(0.002f));
            weight[v] = Math.Clamp((facing - 0.25f) / 0.3f, 0, 1);
        }

        return new PortraitColours(colour, weight, normals);
    }
}
