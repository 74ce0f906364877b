using MoSar.Host.Composition;
using MoSar.Host.Evaluation;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;
using MoSar.Testing;

namespace MoSar.Host.Tests.Evaluation;

/// <summary>Heads of the real face model, plugins loaded as a user's are, a measure that costs nothing.</summary>
public sealed class EvaluationDriverTests : IDisposable
{
    private const string Text =
        """
        schema: mosar/v1
        name: heads
        description: Larger and smaller heads.
        extends: fakes.yaml
        data:
          split: {test: 0.9, validation: 0}
          sources:
            people: {stage: data.heads, model: face.safetensors, subjects: 5}
        evaluation:
          model: face.safetensors
          subjects: 3
          evaluators:
            size: {stage: eval.height}
          variants:
            large:
              label: large, "as it is" | raw
              trained_by: mosar train large.yaml --out large
              geometry: {stage: geometry.heads, model: face.safetensors, weights: large.txt}
            large-refined: {like: large, geometry: {refined: true}}
            small: {like: large, trained_by: mosar train small.yaml --out small, geometry: {weights: small.txt}}
        """;

    private readonly Workspace workspace = new();

    public EvaluationDriverTests()
    {
        workspace.Add("Fixture.Fakes");
        workspace.Add("Fixture.Evaluation");
        workspace.Manifest();

        // A name without the checkout's path: messages show lines of the manifest.
        File.CreateSymbolicLink(At("face.safetensors"), Repository.Folder("samples", "models", "face.safetensors"));
        workspace.Write("large.txt", "1.1");
        workspace.Write("small.txt", "0.8");
    }

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void EveryRowIsMeasuredOnTheSamePhotographs()
    {
        var watch = new Watch();
        var (record, table) = Evaluate("out", watch);

        Assert.Equal(new EvaluationStart(At("out"), 3, 6, 5, 0, 30), watch.Start);
        Assert.Equal((RunStatus.Finished, 30, 30), (record.Status, record.Done, watch.Results.Count));
        Assert.Equal(["large", "large-refined", "small", "mean-face", "ground-truth"], table!.Rows.Select(r => r.Row.Name));
        Assert.All(table.Rows, r => Assert.Equal((6, 0), (r.Measured.Count, r.Failed.Count)));
        Assert.Equal(table.Rows[0].Measured.Select(m => m.Photograph), table.Rows[4].Measured.Select(m => m.Photograph));
        Assert.All(table.Rows[4].Figures, f => Assert.Equal((0, 0, 0), (f.Mean, f.Median, f.Deviation)));

        // The refined head is half as far from the mean face as the raw one, the mean face is the fixture's estimate of size 1.
        double Size(int row) => table.Rows[row].Measured.Average(m => m.Measures["size"].Values[0]);
        Assert.InRange(Size(0), 6, 14);
        Assert.True(Size(3) < Size(1) && Size(1) < Size(0));
        Assert.Null(table.Shared);
        Assert.Empty(table.Warnings);
        Assert.Equal(["skin tone: light, tan", "yaw: 0° to 15°, 15° to 30°"], table.Groupings.Select(g => $"{g.By}: {string.Join(", ", g.Groups.Select(x => x.Name))}"));
    }

    [Fact]
    public void TheFilesOfAnEvaluation()
    {
        Evaluate("out", sets: ["evaluation.variants.large.geometry.fails_on=people/s1/p0", "evaluation.variants.small.geometry.absurd_on=people/s1/p1"]);
        Snapshot.Check("evaluation-csv", File.ReadAllText(At("out/table.csv")), workspace);
        Snapshot.Check("evaluation-photographs", System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(At("out/photographs.csv")), @",\d+\.\d{3},", ",SECONDS,"), workspace);
        Snapshot.Check("evaluation-markdown", Undated(File.ReadAllText(At("out/table.md"))), workspace);
        var html = File.ReadAllText(At("out/table.html"));
        Snapshot.Check("evaluation-html", Undated(html[html.IndexOf("</style>", StringComparison.Ordinal)..]), workspace);
        Assert.Contains("prefers-color-scheme: dark", html);
        Assert.DoesNotContain("http", html);
        Assert.Equal(html.Split("<tr").Length, html.Split("</tr>").Length);
    }

    [Fact]
    public void StoppedAnywhereItGoesOnWithWhatIsMissing()
    {
        Evaluate("whole");
        var done = 0;
        foreach (var stop in new[] { 1, 9, 18 })
        {
            using var cancel = new CancellationTokenSource();
            var watch = new Watch { OnDone = n => (n >= stop ? cancel : null)?.Cancel() };
            var (record, table) = Evaluate("pieces", watch, cancellation: cancel.Token);
            Assert.Equal((RunStatus.Interrupted, done), (record.Status, watch.Start!.Done));
            Assert.Null(table);

            // Six photographs are at work at most.
            Assert.InRange(record.Done, stop, stop + 6);
            Assert.Equal(record.Done - done, watch.Results.Count);
            done = record.Done;
        }

        // What a killed process was writing is there in part or not at all; which results there are by now is chance.
        File.WriteAllText(Directory.GetFiles(At("pieces/results"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First(), "{\"row\":\"sm");
        var last = new Watch();
        Evaluate("pieces", last);
        Assert.Equal(31 - done, last.Results.Count);
        Assert.Equal(File.ReadAllText(At("whole/table.csv")), File.ReadAllText(At("pieces/table.csv")));
    }

    [Fact]
    public void OnlyWhatHasChangedIsMeasuredAnew()
    {
        Evaluate("out");
        Assert.Empty(Again());
        Assert.Equal(["small"], Again("evaluation.variants.small.geometry.refined=true"));
        Assert.Equal(["large", "large-refined", "small"], Again("seed=4"));
        workspace.Write("large.txt", "1.2");
        Assert.Equal(["large", "large-refined", "small"], Again());
        workspace.Write("small.txt", "0.7");
        Assert.Equal(["small"], Again());
        Assert.Equal(["ground-truth", "large", "large-refined", "mean-face", "small"], Again("evaluation.evaluators.size.times=2"));
        Assert.Equal(["ground-truth", "large", "large-refined", "mean-face", "small"], Again());

        // A label is no part of a result; nor is where the weights lie.
        File.Copy(At("small.txt"), At("elsewhere.txt"));
        Assert.Empty(Again("evaluation.variants.small.label=tiny", "evaluation.variants.small.geometry.weights=elsewhere.txt"));

        // What the first evaluator measured is kept when a second comes.
        var before = At("out/results/small/people/s1/p0.json");
        var figures = File.ReadAllText(before);
        Assert.Equal(["ground-truth", "large", "large-refined", "mean-face", "small"], Again("evaluation.evaluators.twice={stage: eval.height, times: 2}"));
        Assert.Contains(figures[figures.IndexOf("\"size\":", StringComparison.Ordinal)..].TrimEnd('}'), File.ReadAllText(before));

        IEnumerable<string> Again(params string[] sets)
        {
            var watch = new Watch();
            Evaluate("out", watch, sets);
            return watch.Results.Select(r => r.Row).Distinct().Order(StringComparer.Ordinal);
        }
    }

    [Fact]
    public void TheResolvedManifestMeasuresTheSame()
    {
        Evaluate("out");
        var tree = ManifestTree.Load(At("out/manifest.yaml"), [], workspace.Root);
        var (catalog, manifest) = ComposedManifest.Resolve(tree, [workspace.Plugins]);
        catalog.Dispose();
        Assert.Equal(PlainData.ToYaml(manifest.ToPlain()), File.ReadAllText(At("out/manifest.yaml")).Split('\n', 2)[1]);
        var watch = new Watch();
        new EvaluationDriver(watch, TimeProvider.System).Run(new EvaluationRequest(tree, [], [workspace.Plugins], At("out")), CancellationToken.None);
        Assert.Empty(watch.Results);
    }

    [Fact]
    public void AnExplanationSaysWhatAVariantChanges()
    {
        workspace.Write("heads.yaml", Text);
        var (catalog, manifest) = ComposedManifest.Resolve(ManifestTree.Load(At("heads.yaml"), [], workspace.Root), [workspace.Plugins]);
        catalog.Dispose();
        var values = ManifestExplanation.Of(manifest).Where(v => v.Path.StartsWith("evaluation.variants.small.", StringComparison.Ordinal)).Select(v => v.Path["evaluation.variants.small.".Length..]);
        Assert.Equal(["label", "like", "trained_by", "skip", "geometry.stage", "geometry.model", "geometry.weights", "geometry.refined", "geometry.fails_on", "geometry.absurd_on"], values);
    }

    [Fact]
    public void WhatIsMissingIsSaidWithTheCommandThatMakesIt()
    {
        File.Delete(At("large.txt"));
        File.Delete(At("small.txt"));
        Snapshot.Check("evaluation-weights", Wrong(Text), workspace);
        Assert.False(Directory.Exists(At("out")));

        workspace.Write("small.txt", "0.8");
        Assert.Equal(["small", "mean-face", "ground-truth"], Evaluate("out", sets: ["evaluation.variants.large.skip=true", "evaluation.variants.large-refined.skip=true"]).Table!.Rows.Select(r => r.Row.Name));
    }

    [Fact]
    public void AllThatIsWrongIsSaidAtOnce()
    {
        var text = Text.Replace("eval.height", "eval.hieght", StringComparison.Ordinal).Replace("like: large, geometry", "like: lrage, geometry", StringComparison.Ordinal)
            .Replace("subjects: 3", "subjects: 0\n  sources: [poeple]\n  splot: test", StringComparison.Ordinal).Replace("{weights: small.txt}", "{weights: small.txt, refnied: true}", StringComparison.Ordinal)
            + "\n    a round: {like: a round}\n    round: {like: about}\n    about: {like: round}\n    late: {light: {stage: light.fake}, gemoetry: {}}\n    text: refined\n";
        Snapshot.Check("evaluation-wrong", Wrong(text), workspace);
        Snapshot.Check("evaluation-empty", Wrong("schema: mosar/v1\nextends: fakes.yaml\nevaluation: {}\n"), workspace);
        Snapshot.Check("evaluation-none", Wrong("schema: mosar/v1\nextends: fakes.yaml\n"), workspace);
        Snapshot.Check("evaluation-reserved", Wrong(Text + "\n    mean-face: {like: large}\n"), workspace);
    }

    [Fact]
    public void DataWithoutTruthAreRefusedBeforeAnyVariantRuns()
    {
        var watch = new Watch();
        var e = Assert.Throws<MoSarException>(() => Evaluate("out", watch, ["data.sources.people.unlabelled=true"]));
        Assert.Equal("evaluation-no-truth", e.Code);
        Assert.Matches("^'people/s./p.' has no mesh", e.Message);
        Assert.Empty(watch.Results);
    }

    [Fact]
    public void AnItemThatCannotBeReadEndsItOrCountsEverywhere()
    {
        string[] corrupt = ["data.sources.people.corrupt=[s1/p0]"];
        Assert.Equal("image-truncated", Assert.Throws<MoSarException>(() => Evaluate("out", sets: corrupt)).Code);
        var table = Evaluate("out", sets: [.. corrupt, "data.skip_corrupt=true"]).Table!;
        Assert.All(table.Rows, r => Assert.Equal(["people/s1/p0"], r.Failed.Select(f => f.Photograph)));
    }

    [Fact]
    public void NobodyInTheShareIsSaid() =>
        Assert.Equal("data-split-empty", Assert.Throws<MoSarException>(() => Evaluate("out", sets: ["evaluation.split=validation"])).Code);

    [Fact]
    public void TwoProcessesDoNotShareAFolder()
    {
        MoSarException? second = null;
        Evaluate("out", new Watch { OnDone = _ => second ??= Assert.Throws<MoSarException>(() => Evaluate("out")) });
        Assert.Equal("out-busy", second!.Code);
    }

    private string At(string path) => Path.Combine(workspace.Root, path);

    private string Wrong(string text) => Assert.Throws<ManifestException>(() => Evaluate("out", text: text)).Message;

    private static string Undated(string text) =>
        System.Text.RegularExpressions.Regex.Replace(System.Text.RegularExpressions.Regex.Replace(text, @"on \d{4}-\d\d-\d\d from", "on DATE from"), @"face\.safetensors \([0-9a-f]{8}\)", "face.safetensors (HASH)");

    private EvaluationOutcome Evaluate(string folder, IEvaluationObserver? observer = null, string[]? sets = null, string? text = null, CancellationToken cancellation = default)
    {
        workspace.Write("heads.yaml", text ?? Text);
        var tree = ManifestTree.Load(At("heads.yaml"), sets ?? [], workspace.Root);
        return new EvaluationDriver(observer ?? new Watch(), TimeProvider.System).Run(new EvaluationRequest(tree, sets ?? [], [workspace.Plugins], At(folder)), cancellation);
    }

    private sealed class Watch : IEvaluationObserver
    {
        public Action<int> OnDone { get; init; } = _ => { };

        public EvaluationStart? Start { get; private set; }

        public List<PhotographResult> Results { get; } = [];

        public void Started(EvaluationStart start) => Start = start;

        public void Measured(PhotographResult result, int done, TimeSpan left)
        {
            Results.Add(result);
            OnDone(done);
        }
    }
}
