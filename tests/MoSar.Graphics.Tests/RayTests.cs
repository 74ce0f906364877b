using System.Numerics;

namespace MoSar.Graphics.Tests;

public sealed class RayTests
{
    // A floor of 2000 × 2000 at y = 0, seen from both sides.
    private static RayScene Floor() => new([new(-1000, 0, -1000), new(1000, 0, -1000), new(1000, 0, 1000), new(-1000, 0, 1000)], [0, 2, 1, 0, 3, 2]);

    [Fact]
    public void ClosestReportsTriangleDistanceAndWeights()
    {
        using var scene = Floor();
        var hits = scene.Closest([new(100, 50, -300), new(0, 5, 0)], [new(0, -2, 0), new(0, 1, 0)]);
        Assert.Equal((0, 25f), (hits.Triangle[0], hits.Distance[0]));
        Assert.Equal((-1, float.PositiveInfinity), (hits.Triangle[1], hits.Distance[1]));
        var b = hits.Barycentric(0);
        var p = (new Vector3(-1000, 0, -1000) * b.X) + (new Vector3(1000, 0, 1000) * b.Y) + (new Vector3(1000, 0, -1000) * b.Z);
        Assert.True((p - new Vector3(100, 0, -300)).Length() < 1e-2f);
    }

    [Fact]
    public void OcclusionStopsAtTheGivenEnd()
    {
        using var scene = Floor();
        Vector3[] origins = [new(0, 10, 0), new(0, 10, 0), new(0, 10, 0)];
        Vector3[] directions = [new(0, -1, 0), new(0, -1, 0), new(0, 1, 0)];
        Assert.Equal([1, 0, 0], scene.Occluded(origins, directions, [11, 9, 100]));
        Assert.Equal([1, 1, 0], scene.Occluded(origins, directions));
    }

    [Fact]
    public void OpennessOfAWallIsItsCosineWeightedHalf()
    {
        // A point on the floor against an endless wall: half of the cosine-weighted hemisphere is open.
        using var wall = new RayScene([new(0.05f, -1e5f, -1e5f), new(0.05f, 1e5f, -1e5f), new(0.05f, 1e5f, 1e5f), new(0.05f, -1e5f, 1e5f)], [0, 1, 2, 0, 2, 3]);
        var (points, normals) = (new Vector3[500], new Vector3[500]);
        Array.Fill(normals, Vector3.UnitY);
        var bent = new Vector3[500];
        var open = wall.Openness(points, normals, 64, bentNormals: bent);
        Assert.Equal(0.5, open.Average(), 5e-3);
        Assert.All(open, o => Assert.InRange(o, 0.4f, 0.6f));
        Assert.True(bent[0].X < -0.3f);
        Assert.Equal(open, wall.Openness(points, normals, 64));
        Assert.NotEqual(open, wall.Openness(points, normals, 64, seed: 2));
    }

    [Fact]
    public void ThicknessOfASlabIsItsDepthOverTheCosine()
    {
        // Rays within 30° go 10/cos θ; the mean over the cosine-weighted cone is 10·2·(1 − cos 30°)/sin² 30°.
        using var slab = new RayScene([new(-1000, -10, -1000), new(1000, -10, -1000), new(1000, -10, 1000), new(-1000, -10, 1000)], [0, 2, 1, 0, 3, 2]);
        var thickness = slab.Thickness([Vector3.Zero, new(3, 0, 7)], [Vector3.UnitY, Vector3.UnitY], 256, 30, 1000);
        Assert.Equal(10 * 2 * (1 - Math.Cos(Math.PI / 6)) / 0.25, thickness.Average(), 0.03);
        Assert.Equal(5, slab.Thickness([Vector3.Zero], [Vector3.UnitY], 16, 30, 5)[0], 0.05);
    }

    [Fact]
    public void CancellationStopsTheWork()
    {
        using var scene = Floor();
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => scene.Openness(new Vector3[100], new Vector3[100], 16, cancellation: source.Token));
    }

    [Fact]
    public void IndicesOutsideAreRefused() =>
        Assert.Throws<ArgumentException>(() => new RayScene([Vector3.Zero], [0, 0, 1]));
}
