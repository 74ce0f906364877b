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
    public void EveryItemIsDecodedAndTheCorruptOnesNamed()
    {
        using var data = Compose(Text.Replace("subjects: 200, pictures: 1", "subjects: 10, corrupt: [s0/0, s7/1]", StringComparison.Ordinal));
        var steps = new System.Collections.Concurrent.ConcurrentBag<(int Done, int Of)>();
        var reports = DataExamination.Run(data, null, new Steps(steps.Add), CancellationToken.None);
        Assert.Equal(("people", "data.fake", 400, 0), (reports[0].Name, reports[0].Stage, reports[0].Checked, reports[0].Corrupt.Count));
        Assert.Equal((20, 20, 10), (reports[1].Checked, reports[1].Items.Values.Sum(), reports[1].Subjects.Values.Sum()));
        Assert.Equal(["s0/0", "s7/1"], reports[1].Corrupt.Select(c => c.Id));
        Assert.All(reports[1].Corrupt, c => Assert.Equal("image-truncated", c.Code));
        Assert.Equal("s0/1", reports[1].FirstId);
        Assert.Equal(KeyValuePair.Create("photograph", "32×32, mean 0.050"), Assert.Single(reports[1].First));
        Assert.Equal(Enumerable.Range(1, 420), steps.Select(s => s.Done).Order());

        // Evenly spread, so that a data set whose tail is missing is noticed.
        reports = DataExamination.Run(data, 5, null, CancellationToken.None);
        Assert.Equal([5, 5], reports.Select(r => r.Checked));
        Assert.Equal(["s0/0"], reports[1].Corrupt.Select(c => c.Id));
        Assert.Throws<OperationCanceledException>(() => DataExamination.Run(data, null, null, new CancellationToken(true)));
    }

    [Fact]
    public void ItsLoadersFollowTheManifest()
    {
        using var data = Compose(Text);
        var train = data.Dataset.Loader(DatasetSplit.Train, 5, null, "others");
        Assert.Equal(data.Dataset.Entries(DatasetSplit.Train, "others").Count, train.ReadEpoch(DataPosition.Start, CancellationToken.None).Count());
        Assert.NotEqual(Enumerable.Range(0, train.Count), train.OrderOf(0));
        Assert.Equal(64, train.Read(DataPosition.Start, CancellationToken.None).First().Sample.Photograph!.Width);
        var test = data.Dataset.Loader(DatasetSplit.Test, 5, null);
        Assert.Equal(Enumerable.Range(0, test.Count), test.OrderOf(3));
    }

    [Fact]
    public void AManifestWithoutDataSaysSo()
    {
        var e = Assert.Throws<ManifestException>(() => Compose("schema: mosar/v1\nextends: " + workspace.Manifest() + "\n"));
        Assert.Contains("has no 'data'", e.Message);
    }

    private sealed class Steps(Action<(int, int)> report) : IProgress<(int Done, int Of)>
    {
        public void Report((int Done, int Of) value) => report(value);
    }

    private ManifestTree Load(string text) => ManifestTree.Load(workspace.Write("mine.yaml", text), [], workspace.Root);

    private ComposedData Compose(string text) => ComposedData.Compose(Load(text), [workspace.Plugins]);
}
