using System.Text.Json.Nodes;
using MoSar.Graphics;
using MoSar.Host.Composition;
using MoSar.Host.Manifests;
using MoSar.Host.Training;
using MoSar.Learning.Training;

namespace MoSar.Host.Tests.Training;

/// <summary>Real networks over LibTorch, a plugin loaded as a user's is.</summary>
public sealed class TrainingDriverTests : IDisposable
{
    private const string Text =
        """
        schema: mosar/v1
        name: shades
        seed: 3
        data:
          resolution: 16
          split: {validation: 0.2, test: 0.1}
          augment: {brightness: 0.5, flip: 0.5}
          loader: {threads: 2, queue: 4}
          sources:
            known: {stage: data.shades}
            unknown: {stage: data.shades, labelled: false, subjects: 30}
        training:
          learner: {stage: learn.shade}
          steps: 24
          batch: 8
          mix: {known: 3, unknown: 1}
          schedule: {warm_up: 4}
          average: 0.9
          validation: {every: 6, items: 2, pictures: 1}
          checkpoint_every: 5
          report_every: 4
          losses:
            shade: {stage: loss.shade, sources: [known]}
            small: {stage: loss.small, weight: 0.01}
        """;

    private readonly Workspace workspace = new();

    public TrainingDriverTests() => workspace.Add("Fixture.Learning");

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void ATrainingLearnsAndLeavesEverythingInItsFolder()
    {
        var watch = new Watch();
        var record = Train("out", watch);

        Assert.Equal((TrainingStatus.Finished, 24, 24), (record.Status, record.Step, record.Steps));
        Assert.Equal([("known", 6, 35), ("unknown", 2, 27)], watch.Start!.Sources.Select(s => (s.Name, s.Rows, s.Samples)));
        Assert.Equal([4, 8, 12, 16, 20, 24], watch.Reports.Select(r => r.Step));
        Assert.Equal([6, 12, 18, 24], watch.Validations.Select(v => v.Step));
        Assert.All(watch.Validations, v => Assert.Equal(["loss", "shade", "small", "error"], v.Report.Values.Select(x => x.Key)));

        // 2 of each source; the loss that sees one source only is a mean over that source, and the sum is weighed.
        Assert.All(watch.Validations, v => Assert.Equal(4, v.Report.Samples));
        Assert.All(watch.Validations.Select(v => v.Report.Values.ToDictionary()), v => Assert.Equal((2 * v["shade"]) + (0.01 * v["small"]), v["loss"], 9));
        Assert.All(watch.Reports, r => Assert.Equal((2 * r.Report.Losses[0].Value) + (0.01 * r.Report.Losses[1].Value), r.Report.Total, 5));
        Assert.True(watch.Validations[^1].Report.Values[0].Value < watch.Validations[0].Report.Values[0].Value, "nothing was learned");

        Assert.True(SafetensorsFile.Read(At("out/weights.safetensors")).Contains("head.weight"));
        Assert.Equal("mosar train, manifest shades, seed 3", SafetensorsFile.Read(At("out/weights.safetensors")).Metadata["made_by"]);
        Assert.Equal((1, 1), Size(ImageFile.Read(At("out/pictures/step-0000006.png"))));
        Assert.Equal(["best.safetensors", "last.safetensors"], Directory.GetFiles(At("out/checkpoints")).Select(p => Path.GetFileName(p)!).Order());
        Assert.Equal(10, File.ReadLines(At("out/metrics.jsonl")).Count());
        Assert.Contains("finished", File.ReadAllText(At("out/training.json")));

        // The resolved manifest is one that can be trained again.
        var (catalog, manifest) = ComposedManifest.Resolve(ManifestTree.Load(At("out/manifest.yaml"), [], workspace.Root), [workspace.Plugins]);
        catalog.Dispose();
        Assert.Equal(PlainData.ToYaml(manifest.ToPlain()), File.ReadAllText(At("out/manifest.yaml")).Split('\n', 2)[1]);
    }

    [Fact]
    public void ARunThatWasStoppedAnywhereEndsWithTheSameBits()
    {
        Train("whole");

        // At each of these steps a new process would go on; 7 and 13 are neither checkpoints nor validations.
        foreach (var stop in new[] { 5, 6, 7, 13, 18, 23 })
        {
            using var cancel = new CancellationTokenSource();
            var watch = new Watch { OnStep = step => (step == stop ? cancel : null)?.Cancel() };
            var record = Train("pieces", watch, cancellation: cancel.Token);
            Assert.Equal((TrainingStatus.Interrupted, stop), (record.Status, record.Step));
        }

        var end = Train("pieces", sets: ["data.loader.threads=1", "training.report_every=7", "training.checkpoint_every=3"]);
        Assert.Equal(TrainingStatus.Finished, end.Status);
        AssertSame("whole", "pieces");
    }

    [Fact]
    public void MeasuringChangesNothing()
    {
        Train("seldom", sets: ["training.validation.every=24"]);
        Train("often", sets: ["training.validation.every=1"]);

        // The last weights, not the best, which often measuring may find elsewhere.
        AssertSameFile("seldom/checkpoints/last.safetensors", "often/checkpoints/last.safetensors", "value.");
        AssertSameFile("seldom/checkpoints/last.safetensors", "often/checkpoints/last.safetensors", "average.");
    }

    [Fact]
    public void AnotherSeedIsAnotherTraining()
    {
        Train("three");
        Train("four", sets: ["seed=4"]);
        Assert.NotEqual(File.ReadAllBytes(At("three/weights.safetensors")), File.ReadAllBytes(At("four/weights.safetensors")));
    }

    [Fact]
    public void AFinishedTrainingIsLeftAlone()
    {
        Train("out");
        var before = File.ReadAllBytes(At("out/training.json"));
        var watch = new Watch();
        Train("out", watch);
        Assert.Equal(before, File.ReadAllBytes(At("out/training.json")));
        Assert.Contains("is finished", Assert.Single(watch.Notices));
    }

    [Fact]
    public void AnotherRecipeDoesNotGoOnInTheFolder()
    {
        Train("out");
        var e = Assert.Throws<MoSarException>(() => Train("out", sets: ["training.optimizer.learning_rate=0.02", "training.losses.small.weight=1", "data.sources.known.subjects=41"]));
        Assert.Equal("training-differs", e.Code);
        var shown = System.Text.RegularExpressions.Regex.Replace(Session(e), "[0-9a-f]{12} ", "HASH ");
        Snapshot.Check("training-differs", shown, workspace);
    }

    [Fact]
    public void WhatIsNotANumberStopsWithTheBatchSaved()
    {
        // Five steps evaluate the loss five times; the sixth is poisoned.
        var e = Assert.Throws<MoSarException>(() => Train("out", sets: ["training.losses.shade.poison_at=6", "training.validation.every=0"]));
        Snapshot.Check("training-diverged", Session(e), workspace);
        Assert.Equal("diverged", (string)JsonNode.Parse(File.ReadAllText(At("out/training.json")))!["status"]!);

        var batch = SafetensorsFile.Read(At("out/diverged/step-0000006.safetensors"));
        Assert.Equal([6, 3, 16, 16], batch.Shape("known.image"));
        Assert.Equal([2, 3, 16, 16], batch.Shape("unknown.image"));
        Assert.Equal(6, batch.Metadata["known"].Split('\n').Length);
        Assert.All(SafetensorsFile.Read(At("out/checkpoints/last.safetensors")).Entries.Where(x => x.Type == SafetensorsType.F32), x =>
            Assert.DoesNotContain(SafetensorsFile.Read(At("out/checkpoints/last.safetensors")).Floats(x.Name), v => !float.IsFinite(v)));
    }

    [Fact]
    public void PatienceEndsATrainingThatGetsNoBetter()
    {
        // A rate of 0 learns nothing, so the first validation stays the best.
        var record = Train("out", sets: ["training.optimizer.rates={body: 0, head: 0}", "training.validation.patience=2"]);
        Assert.Equal((TrainingStatus.StoppedEarly, 18, 6), (record.Status, record.Step, record.Best!.Step));
    }

    [Fact]
    public void ANetworkWithoutARateStaysAsItIs()
    {
        Train("short", sets: ["training.steps=1", "training.optimizer.rates={body: 0}", "training.validation.every=0"]);
        Train("long", sets: ["training.optimizer.rates={body: 0}", "training.validation.every=0"]);
        AssertSameFile("short/weights.safetensors", "long/weights.safetensors", "body.");
        Assert.Throws<Xunit.Sdk.AllException>(() => AssertSameFile("short/weights.safetensors", "long/weights.safetensors", "head."));
    }

    [Fact]
    public void ALossWithoutItsLabelsSaysWhoLacksThem()
    {
        var e = Assert.Throws<MoSarException>(() => Train("out", sets: ["training.losses.shade.sources=[known, unknown]"]));
        Snapshot.Check("training-loss-needs", Session(e), workspace);
    }

    [Fact]
    public void AMetricThatIsNotMeasuredSaysWhatIs()
    {
        var e = Assert.Throws<MoSarException>(() => Train("out", sets: ["training.validation.metric=eror"]));
        Snapshot.Check("training-metric", Session(e), workspace);
    }

    [Fact]
    public void AllThatIsWrongWithATrainingIsSaidAtOnce()
    {
        var text = Text.Replace("learn.shade", "learn.shades", StringComparison.Ordinal).Replace("weight: 0.01", "wieght: 0.01", StringComparison.Ordinal)
            .Replace("sources: [known]", "sources: [knwon]", StringComparison.Ordinal).Replace("batch: 8", "batch: 0", StringComparison.Ordinal).Replace("unknown: 1", "other: 1", StringComparison.Ordinal);
        var e = Assert.Throws<ManifestException>(() => Train("out", text: text));
        Snapshot.Check("training-wrong", e.Message, workspace);
        Assert.False(Directory.Exists(At("out")));
    }

    [Fact]
    public void TwoProcessesDoNotShareAFolder()
    {
        MoSarException? second = null;
        var watch = new Watch { OnStep = step => second ??= Assert.Throws<MoSarException>(() => Train("out")) };
        Train("out", watch, sets: ["training.steps=2"]);
        Assert.Equal("out-busy", second!.Code);
    }

    [Fact]
    public void EpochsGoThroughTheFirstSource()
    {
        // 35 training samples, 6 a batch: 2 epochs are 12 steps.
        Assert.Equal(12, Train("out", sets: ["training.epochs=2"]).Steps);
    }

    private static string Session(MoSarException e) => $"error: {e.Message}\n = {e.Remedy}\n";

    private static (int Width, int Height) Size(Image image) => (image.Width, image.Height);

    private string At(string path) => Path.Combine(workspace.Root, path);

    private TrainingRecord Train(string folder, ITrainingObserver? observer = null, string[]? sets = null, string? text = null, CancellationToken cancellation = default)
    {
        workspace.Write("shades.yaml", text ?? Text);
        var tree = ManifestTree.Load(At("shades.yaml"), sets ?? [], workspace.Root);
        return new TrainingDriver(observer ?? new Watch(), TimeProvider.System).Run(new TrainingRequest(tree, sets ?? [], [workspace.Plugins], At(folder)), cancellation);
    }

    private void AssertSame(string first, string second)
    {
        foreach (var file in new[] { "weights.safetensors", "checkpoints/last.safetensors", "checkpoints/best.safetensors" })
        {
            AssertSameFile($"{first}/{file}", $"{second}/{file}", string.Empty);
        }
    }

    private void AssertSameFile(string first, string second, string prefix)
    {
        var (a, b) = (SafetensorsFile.Read(At(first)), SafetensorsFile.Read(At(second)));
        var names = a.Entries.Select(x => x.Name).Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order().ToArray();
        Assert.NotEmpty(names);
        Assert.All(names, n => Assert.Equal(a.Bytes(n).ToArray(), b.Bytes(n).ToArray()));
    }

    private sealed class Watch : ITrainingObserver
    {
        public Action<int> OnStep { get; init; } = _ => { };

        public TrainingStart? Start { get; private set; }

        public List<(int Step, StepReport Report)> Reports { get; } = [];

        public List<(int Step, ValidationReport Report)> Validations { get; } = [];

        public List<string> Notices { get; } = [];

        public void Started(TrainingStart start) => Start = start;

        public void Stepped(int step, double loss, TimeSpan left) => OnStep(step);

        public void Reported(int step, StepReport report, double secondsPerStep, TimeSpan left) => Reports.Add((step, report));

        public void Validated(int step, ValidationReport report, bool isBest) => Validations.Add((step, report));

        public void Notice(string message) => Notices.Add(message);
    }
}
