using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class GeometryTests
{
    private static readonly Mesh Head = Bodies.Head();

    [Fact]
    public void RayTracedRenderShowsEachPointWhereTheCameraProjectsIt()
    {
        const int size = 200;
        var camera = Bodies.Camera(size);
        var hits = Trace(camera, size);
        var worst = 0f;
        var seen = 0;
        for (var i = 0; i < hits.Triangle.Length; i++)
        {
            if (hits.Triangle[i] < 0)
            {
                continue;
            }

            seen++;
            var b = hits.Barycentric(i);
            var t = 3 * hits.Triangle[i];
            var p = (Head.Positions[Head.Template.Triangles[t]] * b.X) + (Head.Positions[Head.Template.Triangles[t + 1]] * b.Y) + (Head.Positions[Head.Template.Triangles[t + 2]] * b.Z);
            worst = MathF.Max(worst, (camera.Project(p) - new Vector2((i % size) + 0.5f, (i / size) + 0.5f)).Length());
        }

        Assert.True(seen > 4000, $"{seen} pixels see the head");
        Assert.True(worst < 2e-3f, $"worst {worst} px");
    }

    [Fact]
    public void UpIsUpRightIsRightAndTheNoseIsNearest()
    {
        var camera = new PinholeCamera(500, 500, 100, 100, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -700));
        var raster = Rasterizer.Draw(camera, Head, 200, 200);
        Assert.True(camera.Project(new Vector3(0, 50, 90)).Y < 100);
        Assert.True(camera.Project(new Vector3(50, 0, 90)).X > 100);
        var nearest = Array.IndexOf(raster.Depth, raster.Depth.Min());
        Assert.InRange(nearest % 200, 97, 102);
        Assert.Equal(0, (camera.Centre - new Vector3(0, 0, 700)).Length(), 1e-4f);
    }

    [Fact]
    public void RasterizerAgreesWithRays()
    {
        const int size = 200;
        var camera = Bodies.Camera(size);
        var hits = Trace(camera, size);
        var raster = Rasterizer.Draw(camera, Head, size, size);
        int same = 0, covered = 0;
        for (var i = 0; i < hits.Triangle.Length; i++)
        {
            if (hits.Triangle[i] < 0 && raster.Triangle[i] < 0)
            {
                continue;
            }

            covered++;
            if (hits.Triangle[i] == raster.Triangle[i])
            {
                same++;
                Assert.True((hits.Barycentric(i) - raster.Barycentric(i)).Length() < 2e-2f);
            }

            if (hits.Triangle[i] >= 0 && raster.Triangle[i] >= 0)
            {
                // Ray directions have a forward part of 1, so that their distance is the depth.
                Assert.True(MathF.Abs(hits.Distance[i] - raster.Depth[i]) < 0.02f, $"{hits.Distance[i]} {raster.Depth[i]}");
            }
        }

        Assert.True(same >= 0.999 * covered, $"{same} of {covered}");
    }

    [Fact]
    public void SharedEdgesLoseAndDoubleNoSample()
    {
        // A fan around a sample point, with edges through samples.
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var corners = new List<Vector3> { new(10.5f, 10.5f, 0) };
            for (var k = 0; k < 12; k++)
            {
                var (sin, cos) = MathF.SinCos((k + (0.5f * random.NextSingle())) * MathF.PI / 6);
                corners.Add(new Vector3(10.5f + (40 * cos), 10.5f + (40 * sin), 0));
            }

            var triangles = new List<int>();
            for (var k = 0; k < 12; k++)
            {
                triangles.AddRange([0, 1 + k, 1 + ((k + 1) % 12)]);
            }

            // Pixel = −100·x/z… with z = −100 is x: a camera that sees the plane as it is.
            var camera = new PinholeCamera(100, 100, 0, 0, [1, 0, 0, 0, -1, 0, 0, 0, 1], new Vector3(0, 0, -100));
            var raster = Rasterizer.Draw(camera, [.. corners], [.. triangles], 21, 21);
            Assert.DoesNotContain(-1, raster.Triangle);
        }
    }

    [Fact]
    public void NormalsOfAnEllipsoidPointOutwards()
    {
        var normals = MeshNormals.Of(Head);
        for (var v = 0; v < normals.Length; v++)
        {
            Assert.Equal(1, normals[v].Length(), 1e-5f);
            Assert.True(Vector3.Dot(normals[v], Head.Positions[v]) > 0);
        }
    }

    [Fact]
    public void TangentsFollowTheAtlas()
    {
        var normals = MeshNormals.Of(Head);
        var tangents = MeshTangents.Of(Head, normals);
        var template = Head.Template;
        for (var t = 0; t < template.Triangles.Length; t++)
        {
            var (v, uv) = (template.Triangles[t], template.TriangleUvs[t]);
            var n = normals[v];
            var tangent = tangents[uv].AsVector3();
            Assert.Equal(0, Vector3.Dot(n, tangent), 1e-4f);
            Assert.Equal(1, tangent.Length(), 1e-4f);

            // Seen from outside, u grows to the right and v down: +u, up (−v) and the normal are right-handed.
            Assert.Equal(1, tangents[uv].W);
            if (MathF.Abs(Head.Positions[v].Y) < 80)
            {
                Assert.True(Vector3.Cross(n, tangent).Y > 0);
            }
        }
    }

    [Fact]
    public void AtlasInterpolatesPositionsBack()
    {
        var atlas = AtlasRaster.For(Head.Template, 256);
        Assert.Same(atlas, AtlasRaster.For(Head.Template, 256));
        var points = atlas.Interpolate(Head.Positions);
        var flat = 0;
        for (var k = 0; k < points.Length; k++)
        {
            var texel = atlas.Covered[k];
            var b = atlas.Barycentric(texel);
            Assert.True(b.X > -1e-3f && b.Y > -1e-3f && b.Z > -1e-3f);
            var t = 3 * atlas.Triangle[texel];
            var uv = (Head.Template.Uvs[Head.Template.TriangleUvs[t]] * b.X) + (Head.Template.Uvs[Head.Template.TriangleUvs[t + 1]] * b.Y) + (Head.Template.Uvs[Head.Template.TriangleUvs[t + 2]] * b.Z);
            Assert.True((uv - new Vector2(((texel % 256) + 0.5f) / 256, ((texel / 256) + 0.5f) / 256)).Length() < 1e-5f);
            flat += points[k].Z > 80 ? 1 : 0;
        }

        // 96 % of each side, less the triangles' missing halves at the poles.
        Assert.InRange(atlas.Covered.Length / 65536.0, 0.88, 0.93);
        Assert.True(flat > 100);
    }

    [Fact]
    public void DerivativesAreTheSizeOfATexel()
    {
        var atlas = AtlasRaster.For(Head.Template, 256);
        var derivatives = atlas.Derivatives(Head.Positions);
        var points = atlas.Interpolate(Head.Positions);
        var checkedPairs = 0;
        for (var k = 0; k + 1 < points.Length; k++)
        {
            var (a, b) = (atlas.Covered[k], atlas.Covered[k + 1]);
            if (b == a + 1 && atlas.Triangle[a] == atlas.Triangle[b])
            {
                Assert.True((points[k + 1] - points[k] - derivatives[atlas.Triangle[a]].Right).Length() < 1e-3f);
                checkedPairs++;
            }
        }

        Assert.True(checkedPairs > 10000);
    }

    [Fact]
    public void GutterTakesTheNearestTexel()
    {
        var atlas = AtlasRaster.For(Head.Template, 64);
        var image = new Image(64, 64, 1);
        foreach (var texel in atlas.Covered)
        {
            image.Pixels[texel] = 1 + texel;
        }

        var before = (float[])image.Pixels.Clone();
        atlas.FillGutter(image);
        for (var at = 0; at < 64 * 64; at++)
        {
            var (best, value) = (int.MaxValue, image.Pixels[at]);
            var source = (int)value - 1;
            foreach (var texel in atlas.Covered)
            {
                best = Math.Min(best, Square(texel, at));
            }

            Assert.Equal(best, Square(source, at));
            Assert.Equal(before[source], value);
        }

        static int Square(int a, int b) => (((a % 64) - (b % 64)) * ((a % 64) - (b % 64))) + (((a / 64) - (b / 64)) * ((a / 64) - (b / 64)));
    }

    [Fact]
    public void RenderResolvesToCoverageAndBackground()
    {
        var camera = Bodies.Camera(64);
        var g = MeshRenderer.Render(Head, camera, 64, 64, 3);
        var white = new float[3 * g.Count];
        Array.Fill(white, 1);
        var (picture, coverage) = (g.Resolve(white), g.Coverage());
        var background = new Image(64, 64, 3);
        Array.Fill(background.Pixels, 0.25f);
        var over = g.Resolve(white, background);
        for (var i = 0; i < 64 * 64; i++)
        {
            Assert.Equal(coverage.Pixels[i], picture.Pixels[3 * i], 1e-5f);
            Assert.Equal(coverage.Pixels[i] + (0.25f * (1 - coverage.Pixels[i])), over.Pixels[3 * i], 1e-5f);
        }

        // Positions, texture coordinates and normals are those of the surface point.
        for (var k = 0; k < g.Count; k++)
        {
            var sample = new Vector2(((g.Samples[k] % 192) + 0.5f) / 3, ((g.Samples[k] / 192) + 0.5f) / 3);
            Assert.True((camera.Project(g.Position[k]) - sample).Length() < 2e-3f);
            Assert.Equal(1, g.Normal[k].Length(), 1e-4f);
            Assert.Equal(0, Vector3.Dot(g.Normal[k], g.Tangent[k].AsVector3()), 1e-4f);
        }
    }

    private static RayHits Trace(PinholeCamera camera, int size)
    {
        var (origins, directions) = (new Vector3[size * size], new Vector3[size * size]);
        for (var i = 0; i < origins.Length; i++)
        {
            var d = new Vector3((float)(((i % size) + 0.5 - camera.Cx) / camera.Fx), (float)((camera.Cy - (i / size) - 0.5) / camera.Fy), -1);
            (origins[i], directions[i]) = (camera.Centre, camera.RotateBack(d));
        }

        using var scene = new RayScene(Head);
        return scene.Closest(origins, directions, coherent: true);
    }
}
