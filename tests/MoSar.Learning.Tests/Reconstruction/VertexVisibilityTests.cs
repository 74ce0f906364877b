using System.Numerics;
using MoSar.Graphics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

public sealed class VertexVisibilityTests
{
    private const int Side = 128;

    [Fact]
    public void Of_a_sphere_the_side_towards_the_camera_is_seen()
    {
        // From a distance d a sphere's point is turned towards the camera by the cosine (d·n.z − r)/|d − p|.
        using var scope = NewDisposeScope();
        const float radius = 100, distance = 600;
        var (positions, triangles) = Sphere(radius, 60, 90);
        var topology = new MeshTopology(positions.Length, triangles);
        var camera = new PinholeCamera(300, 300, Side / 2.0, Side / 2.0, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -distance));
        var seen = Of(positions, topology, camera);
        for (var v = 0; v < positions.Length; v++)
        {
            var cosine = Vector3.Dot(Vector3.Normalize(new Vector3(0, 0, distance) - positions[v]), positions[v] / radius);
            if (MathF.Abs(cosine - VertexVisibility.LeastCosine) > 0.03f)
            {
                Assert.Equal(cosine > VertexVisibility.LeastCosine ? 1 : 0, seen[v]);
            }
        }
    }

    [Fact]
    public void Only_what_lies_in_the_picture_is_seen_and_weights_are_its_share()
    {
        using var scope = NewDisposeScope();
        var (positions, triangles) = Sphere(100, 30, 50);
        var topology = new MeshTopology(positions.Length, triangles);
        var camera = new PinholeCamera(1200, 1200, 0, Side / 2.0, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -600));
        var seen = Of(positions, topology, camera, [.. Enumerable.Repeat(0.25f, positions.Length)]);
        Assert.Contains(0.25f, seen);
        for (var v = 0; v < positions.Length; v++)
        {
            var pixel = camera.Project(positions[v]);
            Assert.True(seen[v] is 0 or 0.25f);
            Assert.True(seen[v] == 0 || ImageSampling.IsInside(pixel.X, pixel.Y, Side, Side));
        }
    }

    [Fact]
    public void What_a_ball_in_front_hides_is_what_rays_say_it_hides()
    {
        using var scope = NewDisposeScope();
        var (back, behind) = Sphere(100, 60, 90);
        var (ball, before) = Sphere(30, 30, 40);
        Vector3[] positions = [.. back, .. ball.Select(p => p + new Vector3(40, 20, 130))];
        int[] triangles = [.. behind, .. before.Select(i => i + back.Length)];
        var topology = new MeshTopology(positions.Length, triangles);
        var (sin, cos) = Math.SinCos(0.3);
        var camera = new PinholeCamera(300, 300, Side / 2.0, Side / 2.0, [cos, 0, sin, 0, 1, 0, -sin, 0, cos], new Vector3(0, 0, -600));
        var seen = Of(positions, topology, camera);
        var normals = MeshNormals.AreaWeighted(positions, triangles);
        using var scene = new RayScene(positions, triangles);
        var centre = camera.Centre;
        var hits = scene.Closest([.. positions.Select(_ => centre)], [.. positions.Select(p => p - centre)]);
        var (candidates, differ, hidden) = (0, 0, 0);
        for (var v = 0; v < seen.Length; v++)
        {
            if (Vector3.Dot(normals[v], Vector3.Normalize(centre - positions[v])) < VertexVisibility.LeastCosine)
            {
                Assert.Equal(0, seen[v]);
                continue;
            }

            var byRay = hits.Distance[v] > 0.999f ? 1 : 0;
            candidates++;
            hidden += 1 - byRay;
            differ += byRay != seen[v] ? 1 : 0;
        }

        Assert.True(hidden > 100, $"{hidden} of {candidates} are hidden");
        // The buffer is as coarse as the picture: along the outline, some pixels long, the two may differ.
        Assert.True(differ <= candidates / 75, $"{differ} of {candidates} differ, {hidden} are hidden");
    }

    private static float[] Of(Vector3[] positions, MeshTopology topology, PinholeCamera camera, float[]? weights = null)
    {
        var vertices = tensor(positions.SelectMany(p => new[] { p.X, p.Y, p.Z }).ToArray(), [1, positions.Length, 3]);
        return VertexVisibility.Of(vertices, VertexNormals.Of(vertices, topology), CameraTensors.From([camera]), topology, Side, Side, weights).data<float>().ToArray();
    }

    private static (Vector3[] Positions, int[] Triangles) Sphere(float radius, int rings, int sectors)
    {
        var positions = new List<Vector3>();
        for (var r = 0; r <= rings; r++)
        {
            for (var s = 0; s < sectors; s++)
            {
                var (sinR, cosR) = MathF.SinCos(MathF.PI * Math.Clamp(r, 0.02f, rings - 0.02f) / rings);
                var (sinS, cosS) = MathF.SinCos(2 * MathF.PI * s / sectors);
                positions.Add(radius * new Vector3(sinR * sinS, cosR, sinR * cosS));
            }
        }

        var triangles = new List<int>();
        for (var r = 0; r < rings; r++)
        {
            for (var s = 0; s < sectors; s++)
            {
                var (a, b) = ((r * sectors) + s, (r * sectors) + ((s + 1) % sectors));
                triangles.AddRange([a, a + sectors, b, b, a + sectors, b + sectors]);
            }
        }

        return ([.. positions], [.. triangles]);
    }
}
