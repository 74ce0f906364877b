using MoSar.Host.Composition;
using MoSar.Host.Data;
using MoSar.Host.Manifests;
using MoSar.Learning.Data;

namespace MoSar.Host.Tests.Data;

public sealed class ComposedDataTests : IDisposable
{
    private const string Text =
        """
        schema: mosar/v1
        name: two sources
        data:
          resolution: 64
          split: {validation: 0.2, test: 0.2}
          sources:
            people: {stage: data.fake, subjects: 200}
            others: {stage: data.fake, subjects: 200, pictures: 1}
        """;

    private readonly Workspace workspace = new();

    public ComposedDataTests() => workspace.Add("Fixture.Fakes");

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void SourcesAreMadeAndDividedBySubject()
    {
        using var data = Compose(Text);
        Assert.Equal(["people", "others"], data.Dataset.Sources.Select(s => s.Name));
        Assert.Equal(64, data.Dataset.Options.Resolution);
        Assert.Equal(600, data.Dataset.Splits.Sum(g => g.Count()));

        // One person, one share: over all pictures and both sources.
        var shares = data.Dataset.Splits.SelectMany(g => g.Select(e => (Share: g.Key, e.Item.Subject))).GroupBy(x => x.Subject);
        Assert.All(shares, g => Assert.Single(g.Select(x => x.Share).Distinct()));
        Assert.NotEmpty(data.Dataset.Entries(DatasetSplit.Test, "others"));
        Assert.All(data.Dataset.Entries(DatasetSplit.Test, "others"), e => Assert.Equal("others", e.Source.Name));
        Assert.Equal("data-source-unknown", Assert.Throws<MoSarException>(() => data.Dataset.Entries(DatasetSplit.Test, "nobody")).Code);
    }

    [Fact]
    public void TheRecipeKnowsTheOptionsThatDecideASample()
    {
        using var data = Compose(Text);
        Assert.Contains("data.fake", data.Dataset.Sources[0].Recipe);
        Assert.Contains("subjects=200", data.Dataset.Sources[0].Recipe);
        Assert.NotEqual(data.Dataset.Sources[0].Recipe, data.Dataset.Sources[1].Recipe);
    }

    [Fact]
    public void AResolvedDataManifestReadsBackAsItself()
    {
        var (catalog, manifest) = ComposedManifest.Resolve(Load(Text), [workspace.Plugins]);
        catalog.Dispose();
        Assert.False(manifest.HasPipeline);
        var yaml = PlainData.ToYaml(manifest.ToPlain());
        var (again, second) = ComposedManifest.Resolve(Load(yaml), [workspace.Plugins]);
        again.Dispose();
        Assert.Equal(yaml, PlainData.ToYaml(second.ToPlain()));
        Assert.Contains("data.sources.people.stage", ManifestExplanation.Of(manifest).Select(v => v.Path));
    }

    [Fact]
    public void ASourceThatFindsNothingIsAProblemWithAPlace()
    {
        var e = Assert.Throws<ManifestException>(() => Compose(Text.Replace("pictures: 1", "empty: true", StringComparison.Ordinal)));
        Assert.Equal("data-layout", Assert.Single(e.Problems).Code);
        Assert.Contains("mine.yaml:8:", e.Message);
        Assert.Contains("Put it there.", e.Message);
    }

    [Fact]
    public void AManifestWithoutDataSaysSo()
    {
        var e = Assert.Throws<ManifestException>(() => Compose("schema: mosar/v1\nextends: " + workspace.Manifest() + "\n"));
        Assert.Contains("has no 'data'", e.Message);
    }

    private ManifestTree Load(string text) => ManifestTree.Load(workspace.Write("mine.yaml", text), [], workspace.Root);

    private ComposedData Compose(string text) => ComposedData.Compose(Load(text), [workspace.Plugins]);
}
