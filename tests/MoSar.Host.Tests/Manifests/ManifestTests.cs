using MoSar.Host.Composition;
using MoSar.Host.Manifests;

namespace MoSar.Host.Tests.Manifests;

public sealed class ManifestTests : IDisposable
{
    private readonly Workspace workspace = new();

    public ManifestTests() => workspace.Add("Fixture.Fakes");

    public void Dispose() => workspace.Dispose();

    private ResolvedManifest Resolve(string path, params string[] sets)
    {
        var (catalog, manifest) = ComposedManifest.Resolve(ManifestTree.Load(path, sets, workspace.Root), [workspace.Plugins]);
        catalog.LoadAll();
        return manifest;
    }

    private Dictionary<string, ExplainedValue> Explain(string path, params string[] sets) =>
        ManifestExplanation.Of(Resolve(path, sets)).ToDictionary(v => v.Path);

    [Fact]
    public void EveryValueKnowsWhereItIsFrom()
    {
        workspace.Manifest();
        var path = workspace.Write("mine.yaml", "schema: mosar/v1\nextends: fakes.yaml\npipeline:\n  geometry:\n    learning_rate: 0.5\n");
        var values = Explain(path, "pipeline.geometry.weights.photo=2.5");

        Assert.Equal(("20", "fakes.yaml:11:17"), (values["pipeline.geometry.iterations"].Value, values["pipeline.geometry.iterations"].Origin));
        Assert.Equal(("0.5", "mine.yaml:5:20"), (values["pipeline.geometry.learning_rate"].Value, values["pipeline.geometry.learning_rate"].Origin));
        Assert.Equal(("2.5", "--set:1:33"), (values["pipeline.geometry.weights.photo"].Value, values["pipeline.geometry.weights.photo"].Origin));
        Assert.Equal(("adam", "default"), (values["pipeline.geometry.optimizer"].Value, values["pipeline.geometry.optimizer"].Origin));
    }

    [Fact]
    public void ExplanationReadsWell() =>
        Snapshot.Check("explain", ManifestExplanation.Render([.. Explain(workspace.Manifest(), "pipeline.geometry.schedule=[1, 0.5]").Values]), workspace);

    [Fact]
    public void AnExtendingManifestChangesAddsAndRemoves()
    {
        workspace.Manifest();
        var path = workspace.Write(
            "mine.yaml",
            "schema: mosar/v1\nextends: fakes.yaml\npipeline:\n  maps:\n    late: null\n    extra: {stage: maps.fake, makes: [roughness]}\n");
        var stages = Resolve(path).Stages.Select(s => s.Path).ToArray();

        Assert.DoesNotContain("maps.late", stages);
        Assert.Contains("maps.early", stages);
        Assert.Contains("maps.extra", stages);
    }

    [Fact]
    public void AnotherStageInASlotDoesNotInheritTheOptionsOfTheOneItReplaces()
    {
        workspace.Add("Fixture.NeedsLibrary");
        workspace.Write("weights.bin", "12345678");
        var under = workspace.Write("under.yaml", File.ReadAllText(workspace.Manifest()).Replace("light: {stage: light.fake}", "light:\n    stage: light.half"));
        Assert.Equal("light.fake", Resolve(under, "pipeline.light.stage=light.fake").In("light").Single().Registration.Id);
    }

    [Fact]
    public void PathsAreRelativeToTheFileThatHoldsThem()
    {
        workspace.Manifest("base/fakes.yaml");
        workspace.Write("base/w.bin", "12345678");
        workspace.Write("base/middle.yaml", "schema: mosar/v1\nextends: fakes.yaml\npipeline:\n  detect: {weights: w.bin}\n");
        var path = workspace.Write("mine.yaml", "schema: mosar/v1\nextends: base/middle.yaml\n");

        Assert.Equal(Path.Combine(workspace.Root, "base", "w.bin"), Resolve(path).Files.Single().Path);
        Assert.Equal(Path.Combine(workspace.Root, "base", "w.bin"), Resolve(path, "pipeline.detect.weights=base/w.bin").Files.Single().Path);
    }

    [Fact]
    public void PluginFoldersOfAManifestAreSearched()
    {
        var elsewhere = Path.Combine(workspace.Root, "elsewhere");
        Directory.Move(workspace.Add("Fixture.NeedsLibrary"), elsewhere);
        var path = workspace.Write("mine.yaml", File.ReadAllText(workspace.Manifest()).Replace("light.fake", "light.half") + "plugins: [elsewhere]\n");

        Assert.Equal("light.half", Resolve(path).In("light").Single().Registration.Id);
    }

    [Fact]
    public void WhatARunFolderKeepsResolvesToTheSame()
    {
        var first = Resolve(workspace.Manifest(), "pipeline.geometry.schedule=[1, 0.1]", "pipeline.geometry.weights.landmark=0.3", "name='a: \"b\" # c'");
        var kept = workspace.Write("kept/manifest.yaml", PlainData.ToYaml(first.ToPlain()));
        var second = Resolve(kept);

        Assert.Empty(ManifestExplanation.Compare(ManifestExplanation.Of(first), ManifestExplanation.Of(second)));
        Assert.Equal(first.Stages.Select(s => s.Options), second.Stages.Select(s => s.Options), new SamePlainData());
    }

    [Fact]
    public void DifferencesNameBothSides()
    {
        workspace.Manifest();
        var path = workspace.Write("mine.yaml", "schema: mosar/v1\nextends: fakes.yaml\nseed: 4\npipeline:\n  maps: {late: null}\n");
        var differences = ManifestExplanation.Compare([.. Explain(Path.Combine(workspace.Root, "fakes.yaml")).Values], [.. Explain(path).Values]);

        Snapshot.Check("diff", ManifestExplanation.Render(differences), workspace);
    }

    [Fact]
    public void TheSchemaHasEveryStageWithItsRules()
    {
        using var catalog = MoSar.Host.Plugins.PluginCatalog.Discover([workspace.Plugins]);
        var schema = ManifestSchema.Of(catalog);
        var iterations = schema["$defs"]!["geometry.fake"]!["properties"]!["iterations"]!;

        Assert.Equal(1, (int)iterations["minimum"]!);
        Assert.Equal(1000, (int)iterations["maximum"]!);
        Assert.Equal(100, (long)iterations["default"]!);
        Assert.Equal("Steps of the fit.", (string)iterations["description"]!);
        Assert.Contains("geometry.fake", schema["properties"]!["pipeline"]!["properties"]!["geometry"]!.ToJsonString());
    }

    [Theory]
    [InlineData("iteratons", "iterations")]
    [InlineData("wieghts", "weights")]
    [InlineData("stag", "stage")]
    [InlineData("banana", null)]
    public void NearestNamesAreSlipsAndNotGuesses(string written, string? meant) =>
        Assert.Equal(meant, NearestName.Find(written, ["iterations", "weights", "stage", "learning_rate"]));

    [Fact]
    public void StageSeedsDependOnTheRunSeedAndThePlaceOnly()
    {
        var path = workspace.Manifest();
        var all = Resolve(path).Stages.ToDictionary(s => s.Path, s => s.SeedFor(1));
        var fewer = Resolve(path, "pipeline.maps.late=null").Stages.ToDictionary(s => s.Path, s => s.SeedFor(1));

        Assert.All(fewer, s => Assert.Equal(all[s.Key], s.Value));
        Assert.Equal(all.Count, all.Values.Distinct().Count());
        Assert.All(Resolve(path).Stages, s => Assert.NotEqual(all[s.Path], s.SeedFor(2)));
    }

    private sealed class SamePlainData : IEqualityComparer<object>
    {
        public new bool Equals(object? x, object? y) => PlainData.Inline(OptionsWriter.Write(x!)) == PlainData.Inline(OptionsWriter.Write(y!));

        public int GetHashCode(object obj) => 0;
    }

    [Fact]
    public void ProblemsComeInTheFilesOrderAndWithoutItsControlCharacters()
    {
        var source = new ManifestSource("a.yaml", "/", "one: \u001b[31m\ntwo:\t2\n");
        var e = new ManifestException([new ManifestProblem("b", new Location(source, 2, 5, 1), "second"), new ManifestProblem("a", new Location(source, 1, 6, 1), "first")]);
        Assert.Equal(["first", "second"], e.Problems.Select(p => p.Message));
        Assert.Contains("1 | one: \uFFFD[31m\n", e.Message);
        Assert.Contains("2 | two: 2\n", e.Message);
    }
}
