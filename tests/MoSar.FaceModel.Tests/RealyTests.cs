using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text.Json;
using MoSar.Faces.Evaluation;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>The REALY protocol: against an independent reference, on heads whose error is known, and on heads of the shipped model.</summary>
public sealed class RealyTests(ITestOutputHelper output)
{
    private static readonly RealyHeads Heads = new(ShippedModel.Model);

    /// <summary>tests/tools/RealyReference/realy_reference.py wrote what is expected: dense least squares of all rows, closest points by trying every triangle.</summary>
    [Fact]
    public void AgreesWithTheReference()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "realy_reference.json")));
        var root = json.RootElement;
        var regions = root.GetProperty("regions").EnumerateArray().Select(r => new PlainMesh(Vectors(r.GetProperty("positions")), Integers(r.GetProperty("triangles")))).ToArray();
        var mm = root.GetProperty("millimetres_per_unit").GetDouble();
        var subject = new RealySubject("reference", Vectors(root.GetProperty("keypoints")), Enum.GetValues<RealyRegion>().ToDictionary(r => r, r => regions[(int)r]), mm);
        var prediction = Vectors(root.GetProperty("prediction"));
        SurfacePoint[] keypoints = [.. root.GetProperty("barycentric").EnumerateArray().Select(Doubles)
            .Select(b => new SurfacePoint((int)b[0], new Vector3((float)b[1], (float)b[2], (float)(1 - b[1] - b[2]))))];
        var errors = RealyProtocol.Measure(subject, new RealyTopology(prediction.Length, Integers(root.GetProperty("triangles")), keypoints), prediction, isMillimetres: true);
        var expected = Doubles(root.GetProperty("errors"));
        foreach (var region in Enum.GetValues<RealyRegion>())
        {
            output.WriteLine($"{region}: {errors.Protocol[region]:F7} mm, reference {expected[(int)region]:F7}");
            Assert.Equal(expected[(int)region], errors.Protocol[region], 1e-3);
        }

        Assert.Equal(root.GetProperty("scale").GetDouble() * mm, errors.Scale!.Value, 1e-5);
    }

    [Fact]
    public void ATrueHeadHasNoError()
    {
        var head = Head(1, 1.5f);
        var errors = RealyProtocol.Measure(Heads.Subject("self", head), Heads.Topology, head, isMillimetres: true);
        output.WriteLine($"{errors}");
        AssertNothing(errors.Protocol, 1e-3);
        AssertNothing(errors.OneRigid, 1e-3);
        Assert.Equal(1, errors.Scale!.Value, 1e-5);
    }

    [Fact]
    public void PlaceTurnAndScaleAreUndone()
    {
        var head = Head(2, 1);
        var turn = Matrix4x4.CreateFromYawPitchRoll(1.1f, -0.4f, 0.3f) * Matrix4x4.CreateScale(0.031f) * Matrix4x4.CreateTranslation(3, -2, 7);
        var moved = Array.ConvertAll(head, p => Vector3.Transform(p, turn));
        var errors = RealyProtocol.Measure(Heads.Subject("moved", head), Heads.Topology, moved, isMillimetres: false);
        AssertNothing(errors.Protocol, 2e-3);
        AssertNothing(errors.OneRigid, 2e-3);
        Assert.Null(errors.ScaleError);

        // A head that claims millimetres and is 3 % too small: the protocol forgives it, the single rigid alignment does not.
        var small = RealyProtocol.Measure(Heads.Subject("small", head), Heads.Topology, Array.ConvertAll(head, p => p / 1.03f), isMillimetres: true);
        AssertNothing(small.Protocol, 2e-3);
        Assert.Equal(3, small.ScaleError!.Value, 1e-3);
        Assert.InRange(small.OneRigid.All, 0.2, 2);
    }

    [Fact]
    public void TheMeanFaceIsNobodys()
    {
        RealyErrors[] errors = [.. Enumerable.Range(10, 4).Select(i => RealyProtocol.Measure(Heads.Subject($"{i}", Head(i, 1)), Heads.Topology, ShippedModel.Model.Mean, isMillimetres: true))];
        foreach (var e in errors)
        {
            output.WriteLine($"{e.Subject}: {e.Protocol}, all {e.Protocol.All:F3}; one rigid {e.OneRigid.All:F3}; scale {e.ScaleError:F2} %");
        }

        Assert.All(errors, e => Assert.InRange(e.Protocol.All, 0.5, 4));

        // Half of the way from the mean to a person is nearer.
        var half = ShippedModel.Model.Mean.Zip(Head(10, 1), (a, b) => (a + b) / 2).ToArray();
        Assert.True(RealyProtocol.Measure(Heads.Subject("10", Head(10, 1)), Heads.Topology, half, isMillimetres: true).Protocol.All < 0.7 * errors[0].Protocol.All);
    }

    [Fact]
    public void RegionsHoldTheirKeypointsAndNoVertexOfTheTemplate()
    {
        var subject = Heads.Subject("mean", ShippedModel.Model.Mean);
        var template = ShippedModel.Model.Mean.ToHashSet();
        foreach (var (region, mesh) in subject.Regions)
        {
            var joined = mesh.Joined();
            output.WriteLine($"{region}: {joined.Positions.Length} vertices, {joined.Triangles.Length / 3} triangles");
            Assert.InRange(joined.Positions.Length, 600, 6000);
            Assert.All(RealyKeypoints.NonRigid(region), k => Assert.Contains(subject.Keypoints[k], joined.Positions));
            Assert.True(joined.Positions.Count(p => template.Any(t => t == p)) <= RealyKeypoints.NonRigid(region).Count);
        }

        Assert.Equal(RealyKeypoints.Count, subject.Keypoints.Length);
        Assert.Equal(subject.Keypoints[70].X, -subject.Keypoints[71].X, 0.05f);
        Assert.Equal(subject.Keypoints[76].X, -subject.Keypoints[77].X, 0.05f);
    }

    [Fact]
    public void SparseSolvesAreDenseOnes()
    {
        // A strip of triangles, with an island of two vertices.
        const int n = 70;
        var random = new Random(3);
        var positions = Enumerable.Range(0, n).Select(i => new Vector3(i / 2, i % 2, random.NextSingle())).ToArray();
        int[][] neighbours = [.. Enumerable.Range(0, n).Select(v => Enumerable.Range(v - 2, 5).Where(u => u != v && u >= 0 && u < n && (u < 68) == (v < 68)).ToArray())];
        var edge = Vector256.Create(-3.0, -3, -5, -2);
        var (blocks, right, dense) = (new Vector256<double>[4 * n], new Vector256<double>[3 * n], new double[4 * n, 4 * n]);
        for (var v = 0; v < n; v++)
        {
            double[] d = [.. Enumerable.Range(0, 4).Select(_ => random.NextDouble() - 0.5)];
            for (var c = 0; c < 4; c++)
            {
                blocks[(4 * v) + c] = (Vector256.Create(d) * d[c]) + Vector256<double>.Zero.WithElement(c, 0.01 - (neighbours[v].Length * edge.GetElement(c)));
                for (var r = 0; r < 4; r++)
                {
                    dense[(4 * v) + r, (4 * v) + c] = blocks[(4 * v) + c].GetElement(r);
                }

                foreach (var u in neighbours[v])
                {
                    dense[(4 * u) + c, (4 * v) + c] = edge.GetElement(c);
                }
            }

            for (var s = 0; s < 3; s++)
            {
                right[(3 * v) + s] = Vector256.Create(random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble());
            }
        }

        var (x, cholesky) = (right.ToArray(), new BlockCholesky(neighbours, positions));
        Assert.True(cholesky.Factor(blocks, edge));
        cholesky.Solve(x);
        for (var row = 0; row < 4 * n; row++)
        {
            for (var s = 0; s < 3; s++)
            {
                var sum = Enumerable.Range(0, 4 * n).Sum(c => dense[row, c] * x[(3 * (c / 4)) + s].GetElement(c % 4));
                Assert.Equal(right[(3 * (row / 4)) + s].GetElement(row % 4), sum, 1e-9);
            }
        }

        blocks[40] = -blocks[40];
        Assert.False(cholesky.Factor(blocks, edge));
    }

    [Fact]
    public void SpreadIsOfASample()
    {
        Assert.Equal(new Spread(2.5, 2, Math.Sqrt(11.0 / 3)), Spread.Of([5, 1, 1, 3]));
        Assert.Equal(new Spread(4, 4, 0), Spread.Of([4]));
    }

    [Fact]
    public void AnotherNumberOfVerticesIsRefused()
    {
        var subject = Heads.Subject("s1", ShippedModel.Model.Mean);
        var e = Assert.Throws<MoSarException>(() => RealyProtocol.Measure(subject, Heads.Topology, new Vector3[5], isMillimetres: true));
        Assert.Equal(("realy-vertices", "The prediction of s1 has 5 vertices, its template 13636."), (e.Code, e.Message));
        Assert.Throws<MoSarException>(() => RealyProtocol.Measure(subject, Heads.Topology, [.. ShippedModel.Model.Mean[1..], new Vector3(float.NaN)], isMillimetres: true));
        Assert.Throws<MoSarException>(() => Heads.Subject("s1", new Vector3[5]));
    }

    private static Vector3[] Head(int seed, float spread)
    {
        var random = new Random(seed);
        float[] identity = [.. Enumerable.Range(0, ShippedModel.Model.IdentityCount).Select(_ => spread * Normal())];
        return ShippedModel.Model.Positions(identity, []);

        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble()));
    }

    private static void AssertNothing(RegionErrors errors, double within) => Assert.All(Enum.GetValues<RealyRegion>(), r => Assert.InRange(errors[r], 0, within));

    private static double[] Doubles(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetDouble())];

    private static int[] Integers(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetInt32())];

    private static Vector3[] Vectors(JsonElement list) => [.. Doubles(list).Chunk(3).Select(p => new Vector3((float)p[0], (float)p[1], (float)p[2]))];
}
