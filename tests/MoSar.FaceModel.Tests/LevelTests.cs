using System.Numerics;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>The shipped model's levels and parts: subsets, manifold, symmetric, and near the head that they simplify.</summary>
public sealed class LevelTests(ITestOutputHelper output) : IDisposable
{
    private static readonly FaceModel Model = ShippedModel.Model;
    private static readonly MeshPyramid Pyramid = Model.RequireLevels().Levels;
    private static readonly MeshParts Parts = Model.RequireLevels().Parts;

    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-levels").FullName;

    public static TheoryData<int> Steps => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Steps))]
    public void EachLevelIsAQuarterAndASubsetOfTheFinerOne(int k)
    {
        var (fine, coarse) = (Pyramid.Levels[k], Pyramid.Levels[k + 1]);
        Assert.InRange(fine.Vertices.Length / (double)coarse.Vertices.Length, 3.9, 4.2);
        Assert.Equal(coarse.Vertices, Pyramid.Steps[k].Down.Select(d => fine.Vertices[d]));
        Assert.Equal(coarse.Vertices, coarse.Vertices.Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void GoingUpAndDownAgainChangesNothing(int k)
    {
        var (step, fine) = (Pyramid.Steps[k], Pyramid.Levels[k].Vertices);
        var coarse = Pyramid.Levels[k + 1].Vertices.Select(v => Model.Mean[v]).ToArray();
        var up = Up(step, coarse);
        Assert.Equal(fine.Length, up.Length);
        Assert.Equal(coarse, step.Down.Select(d => up[d]));
        for (var i = 0; i < fine.Length; i++)
        {
            var w = step.UpWeights.AsSpan(3 * i, 3);
            Assert.InRange(w[0] + w[1] + w[2], 1 - 1e-5f, 1 + 1e-5f);
            Assert.True(w[0] >= 0 && w[1] >= 0 && w[2] >= 0);
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void LevelsAreManifoldWithTheTemplatesComponentsAndBorder(int k)
    {
        var level = Pyramid.Levels[k + 1];
        var directed = new HashSet<(int, int)>();
        for (var t = 0; t < level.Triangles.Length; t++)
        {
            // Consistent winding: no directed edge twice.
            Assert.True(directed.Add((level.Triangles[t], level.Triangles[t % 3 == 2 ? t - 2 : t + 1])));
        }

        var border = directed.Where(e => !directed.Contains((e.Item2, e.Item1))).ToDictionary(e => e.Item1, e => e.Item2);
        Assert.NotEmpty(border);
        Assert.Equal(border.Keys.Order(), border.Values.Order());

        // Euler: the head is a disc (1), each eyeball a sphere (2).
        var (vertices, edges, triangles) = (level.Vertices.Length, level.Edges.Length / 2, level.Triangles.Length / 3);
        Assert.Equal(1 + 2 + 2, vertices - edges + triangles);
        Assert.Equal(vertices, level.Triangles.Distinct().Count());
        Assert.Equal(0, Model.Template.Regions["eyeballs"].Where((w, v) => w > .5f && level.Vertices.Contains(v)).Count() % 2);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void LevelsAreSymmetric(int k)
    {
        var (level, step, mirror) = (Pyramid.Levels[k + 1], Pyramid.Steps[k], Model.Template.Mirror);
        var own = level.Vertices.Select((v, i) => (v, i)).ToDictionary(p => p.v, p => p.i);
        int Across(int i) => own[mirror[level.Vertices[i]]];
        var triangles = level.Triangles.Chunk(3).Select(t => Canonical(t[0], t[1], t[2])).ToHashSet();
        Assert.All(level.Triangles.Chunk(3), t => Assert.Contains(Canonical(Across(t[0]), Across(t[2]), Across(t[1])), triangles));

        // A symmetric field on the coarse level is symmetric on the fine one.
        var field = level.Vertices.Select(v => new Vector3(0, Model.Mean[v].Y, Model.Mean[v].Z)).ToArray();
        var fine = Pyramid.Levels[k].Vertices;
        var up = Up(step, field).Zip(fine).ToDictionary(p => p.Second, p => p.First);
        Assert.All(fine, v => Assert.True(Vector3.Distance(up[v], up[mirror[v]]) < 1e-3f, $"vertex {v}"));

        static (int, int, int) Canonical(int a, int b, int c) => a < b && a < c ? (a, b, c) : b < c ? (b, c, a) : (c, a, b);
    }

    [Fact]
    public void TheMeanHeadComesBackFromEachLevel()
    {
        // mm, measured: a change for the worse is to be noticed.
        float[] most = [0.2f, 0.8f, 2.6f, 8f];
        var face = Model.Template.Regions["face"];
        for (var k = 1; k < Pyramid.Levels.Count; k++)
        {
            var p = Pyramid.Levels[k].Vertices.Select(v => Model.Mean[v]).ToArray();
            for (var s = k - 1; s >= 0; s--)
            {
                p = Up(Pyramid.Steps[s], p);
            }

            var error = p.Zip(Model.Mean, Vector3.Distance).ToArray();
            output.WriteLine($"level {k}: {Pyramid.Levels[k].Vertices.Length} vertices, mean {error.Average():f3} mm, face {error.Where((_, v) => face[v] > .5f).Average():f3} mm, largest {error.Max():f2} mm");
            Assert.True(error.Average() < most[k - 1]);
        }
    }

    [Fact]
    public void EveryVertexIsInAPartAndPartsAreSymmetric()
    {
        Assert.Equal(8, Parts.Names.Count);
        for (var v = 0; v < Model.Template.VertexCount; v++)
        {
            Assert.Contains(Parts.Weights, p => p[v] > 0);
            Assert.All(Parts.Weights, p => Assert.Equal(p[v], p[Model.Template.Mirror[v]]));
        }

        // Each part has something to see on the third level, and its own name's region at its core.
        Assert.All(Parts.Weights, p => Assert.True(Pyramid.Levels[3].Vertices.Count(v => p[v] > 0) >= 8));
        foreach (var (part, region) in new[] { ("nose", "nose"), ("mouth", "lips"), ("ears", "ears"), ("eyes", "eyeballs"), ("jaw", "chin"), ("forehead", "forehead") })
        {
            var weights = Parts.Weights[Parts.Names.ToList().IndexOf(part)];
            Assert.All(Enumerable.Range(0, weights.Length).Where(v => Model.Template.Regions[region][v] > .99f), v => Assert.True(weights[v] > 0, $"{part} {v}"));
        }
    }

    [Fact]
    public void AddingLevelsAgainGivesTheSameBytesAndKeepsAllOtherTensors()
    {
        var path = Path.Combine(_folder, "face.safetensors");
        File.Copy(ShippedModel.Path, path);
        LevelFile.Replace(path);
        Assert.Equal(File.ReadAllBytes(ShippedModel.Path), File.ReadAllBytes(path));
    }

    [Fact]
    public void AFileWithoutLevelsIsReadableAndSaysSoWhenTheyAreNeeded()
    {
        var path = Path.Combine(_folder, "old.safetensors");
        var file = SafetensorsFile.Read(ShippedModel.Path);
        var writer = new SafetensorsWriter();
        foreach (var (key, value) in file.Metadata)
        {
            writer.Metadata[key] = value;
        }

        foreach (var e in file.Entries.Where(e => !e.Name.StartsWith("level_", StringComparison.Ordinal) && e.Name != "part_weights"))
        {
            writer.AddBytes(e.Name, e.Type, file.Shape(e.Name), file.Bytes(e.Name));
        }

        writer.Save(path);
        var old = FaceModel.Load(path);
        Assert.Null(old.Levels);
        var thrown = Assert.Throws<MoSarException>(() => old.RequireLevels());
        Assert.Equal(("weights-mismatch", $"{path} has no levels, which graph networks need"), (thrown.Code, thrown.Message));
        Assert.Contains("mosar model levels", thrown.Remedy);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Vector3[] Up(MeshStep step, Vector3[] coarse) =>
        [.. Enumerable.Range(0, step.UpCorners.Length / 3).Select(i => Enumerable.Range(3 * i, 3).Aggregate(Vector3.Zero, (sum, k) => sum + (step.UpWeights[k] * coarse[step.UpCorners[k]])))];
}
