using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class UvProjectorTests
{
    [Fact]
    public void ProjectionBringsARenderedTextureBack()
    {
        // Render the head with a known atlas picture, project the render, compare: the whole round trip through camera, raster and rays.
        const int size = 512;
        var head = Bodies.Head(120, 180);
        var camera = Bodies.Camera(size);
        var atlas = new Image(256, 256, 3);
        for (var y = 0; y < 256; y++)
        {
            for (var x = 0; x < 256; x++)
            {
                (atlas[x, y, 0], atlas[x, y, 1], atlas[x, y, 2]) = (x / 256f, y / 256f, 0.5f + (0.4f * MathF.Sin(0.15f * x) * MathF.Cos(0.11f * y)));
            }
        }

        var g = MeshRenderer.Render(head, camera, size, size);
        var colours = new float[3 * g.Count];
        MapSampler.Sample3(atlas, g.Uv, colours);
        var partial = UvProjector.Project(g.Resolve(colours), head, camera, 256);
        var (seen, worst) = (0, 0f);
        for (var i = 0; i < 256 * 256; i++)
        {
            if (partial.Visibility.Pixels[i] > 0.4f)
            {
                seen++;
                worst = MathF.Max(worst, (atlas.Rgb(i % 256, i / 256) - partial.Texture.Rgb(i % 256, i / 256)).Length());
            }

            Assert.True(partial.Visibility.Pixels[i] > 0 || partial.Texture.Rgb(i % 256, i / 256) == Vector3.Zero);
        }

        Assert.True(seen > 10000, $"{seen} texels seen");
        Assert.True(worst < 0.06f, $"worst {worst}");
    }

    [Fact]
    public void HiddenAndOutsideAreNotSeen()
    {
        var head = Bodies.Head();

        // From the left profile, what lies beyond the nose is hidden though it faces the camera a little.
        var camera = new PinholeCamera(1200, 1200, 256, 256, Lights.Rotation(0, -Math.PI / 3.6, 0), new Vector3(0, 0, -800));
        var atlas = AtlasRaster.For(head.Template, 256);
        var (points, normals) = (atlas.Interpolate(head.Positions), atlas.InterpolateUnit(MeshNormals.Of(head)));
        var visibility = UvProjector.Visibility(head, camera, points, normals, 512, 512, new UvProjectorOptions(GrazingZero: 0));
        var raster = Rasterizer.Draw(camera, head, 512, 512);
        int wrong = 0, hidden = 0;
        for (var k = 0; k < points.Length; k++)
        {
            var facing = Vector3.Dot(normals[k], Vector3.Normalize(camera.Centre - points[k]));
            if (facing < 0.1f)
            {
                continue;
            }

            var p = camera.Project(points[k]);
            var depth = raster.Depth[((int)p.Y * 512) + (int)p.X];
            var visible = -camera.ToCamera(points[k]).Z < depth + 3;
            hidden += visible ? 0 : 1;
            wrong += visible != visibility[k] > 0 ? 1 : 0;
        }

        Assert.True(hidden > 20, $"{hidden} texels are hidden by the nose");
        Assert.True(wrong < 0.01 * points.Length, $"{wrong} of {points.Length} differ from the depth buffer");

        // A picture that ends in the face's middle.
        var half = UvProjector.Visibility(head, Bodies.Camera(512, 0, 0, 0), points, normals, 256, 512);
        for (var k = 0; k < points.Length; k++)
        {
            Assert.True(half[k] == 0 || Bodies.Camera(512, 0, 0, 0).Project(points[k]).X <= 256);
        }
    }

    [Fact]
    public void ACoarseMeshDoesNotHideItself()
    {
        // 20 × 24 quads: facets of 25 mm that stand edge-on to the camera long before the smooth surface does.
        var head = Bodies.Head(20, 24);
        var camera = Bodies.Camera(512, 0, 0, 0);
        var atlas = AtlasRaster.For(head.Template, 256);
        var normals = MeshNormals.Of(head);
        var shading = atlas.InterpolateUnit(normals);
        var points = atlas.InterpolateSmooth(head.Positions, normals);
        var visibility = UvProjector.Visibility(head, camera, points, shading, 512, 512);
        int hidden = 0, facing = 0;
        for (var k = 0; k < points.Length; k++)
        {
            // The nose aside, an ellipsoid hides nothing that faces the camera.
            if (Vector3.Dot(shading[k], Vector3.Normalize(camera.Centre - points[k])) > 0.3f && MathF.Abs(points[k].X) > 45)
            {
                facing++;
                hidden += visibility[k] == 0 ? 1 : 0;
            }
        }

        Assert.True(facing > 1000 && hidden == 0, $"{hidden} of {facing} hidden");
    }
}
