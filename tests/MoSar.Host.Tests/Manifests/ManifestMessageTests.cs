using MoSar.Host.Composition;
using MoSar.Host.Manifests;

namespace MoSar.Host.Tests.Manifests;

/// <summary>The exact text of what a person reads when a manifest is wrong; the texts are in Messages/.</summary>
public sealed class ManifestMessageTests : IDisposable
{
    private readonly Workspace workspace = new();

    public ManifestMessageTests()
    {
        workspace.Add("Fixture.Fakes");
        workspace.Manifest();
    }

    public void Dispose() => workspace.Dispose();

    private void Check(string snapshot, string manifest, params string[] sets)
    {
        var path = workspace.Write("mine.yaml", manifest);
        var e = Assert.Throws<ManifestException>(() =>
        {
            using var composed = ComposedManifest.Compose(ManifestTree.Load(path, sets, workspace.Root), [workspace.Plugins]);
        });
        Snapshot.Check(snapshot, e.Message, workspace);
    }

    private static string Overlay(string pipeline) => $"schema: mosar/v1\nextends: fakes.yaml\npipeline:\n{pipeline}";

    [Fact]
    public void UnknownKey() => Check("unknown-key", Overlay("  geometry:\n    iteratons: 200\n"));

    [Fact]
    public void UnknownTopLevelKey() => Check("unknown-top-key", "schema: mosar/v1\nextends: fakes.yaml\ntexture_resolutoin: 512\n");

    [Fact]
    public void UnknownSlot() => Check("unknown-slot", Overlay("  gemoetry: {stage: geometry.fake}\n"));

    [Fact]
    public void UnknownStage() => Check("unknown-stage", Overlay("  geometry: {stage: geometry.fak}\n"));

    [Fact]
    public void StageOfAnotherRole() => Check("wrong-role", Overlay("  light: {stage: maps.fake, makes: [x]}\n"));

    [Fact]
    public void WrongTypes() => Check("wrong-types", Overlay(
        """
          geometry:
            iterations: many
            learning_rate: "0.1"
            verbose: yes
            weights: 3
            schedule: [1, two]
            misbehaviour: thro
        """));

    [Fact]
    public void OutOfRange() => Check("out-of-range", Overlay("  geometry:\n    iterations: 0\n    learning_rate: 0\n    optimizer: adm\n    weights: {landmark: 2}\n"));

    [Fact]
    public void MissingRequiredKey() => Check("missing-key", Overlay("  maps:\n    more: {stage: maps.fake}\n"));

    [Fact]
    public void MissingStage() => Check("missing-stage", Overlay("  maps:\n    more: {needs: [diffuse]}\n"));

    [Fact]
    public void MissingFile()
    {
        workspace.Write("weights/fake.safetensors", "12345678");
        Check("missing-file", Overlay("  detect: {weights: weights/fakes.safetensors}\n"));
    }

    [Fact]
    public void TruncatedWeights()
    {
        workspace.Write("weights/fake.safetensors", "123");
        Check("truncated-weights", Overlay("  detect: {weights: weights/fake.safetensors}\n"));
    }

    [Fact]
    public void NoPipeline() => Check("no-pipeline", "schema: mosar/v1\n");

    [Fact]
    public void NoSchema() => Check("no-schema", "name: x\n");

    [Fact]
    public void AnotherSchema() => Check("other-schema", "schema: mosar/v9\n");

    [Fact]
    public void NotYaml() => Check("not-yaml", "schema: mosar/v1\npipeline: [1, 2\nname: x\n");

    [Fact]
    public void Anchors() => Check("anchors", "schema: mosar/v1\nname: &a x\ndescription: *a\n");

    [Fact]
    public void SameKeyTwice() => Check("key-twice", "schema: mosar/v1\nseed: 1\nseed: 2\n");

    [Fact]
    public void ExtendsACycle()
    {
        workspace.Write("other.yaml", "schema: mosar/v1\nextends: mine.yaml\n");
        Check("extends-cycle", "schema: mosar/v1\nextends: other.yaml\n");
    }

    [Fact]
    public void ExtendsNothing() => Check("extends-missing", "schema: mosar/v1\nextends: fake.yaml\n");

    [Fact]
    public void RemovingWhatIsNotThere() => Check("null-nothing", Overlay("  maps:\n    erly: null\n"));

    [Fact]
    public void SetUnknownPath() => Check("set-unknown", Overlay("  geometry: {iterations: 5}\n"), "pipeline.geometry.iteratons=7");

    [Fact]
    public void SetWithoutValue() => Check("set-malformed", Overlay("  geometry: {iterations: 5}\n"), "seed");

    [Fact]
    public void MapsMadeTwice() => Check("maps-twice", Overlay("  maps:\n    again: {stage: maps.fake, makes: [diffuse]}\n"));

    [Fact]
    public void MapsThatNothingMakes() => Check("maps-missing", Overlay("  maps:\n    early: null\n    more: {stage: maps.fake, makes: [displacment]}\n"));

    [Fact]
    public void MapsThatNeedEachOther() => Check("maps-cycle", Overlay("  maps:\n    early: {needs: [normal]}\n"));

    [Fact]
    public void DataWithoutSources() => Check("data-no-sources", "schema: mosar/v1\ndata: {resolution: 128}\n");

    [Fact]
    public void DataThatCannotBe() => Check("data-wrong", """
        schema: mosar/v1
        data:
          resolution: 8
          crop: fase
          split: {validation: 0.5, test: 0.5, sed: 2}
          augment: {flip: 2}
          sources:
            one: {stage: data.fak}
            two: {stage: shading.fake}
            three: {stage: data.fake, subjets: 3}
        """);

    [Fact]
    public void DataIsNotAPipeline() => Check("data-no-pipeline", "schema: mosar/v1\ndata:\n  sources:\n    one: {stage: data.fake}\n");

    [Fact]
    public void BrokenPlugin()
    {
        workspace.Add("Fixture.Broken");
        Check("broken-plugin", Overlay("  light: {stage: light.broken}\n"));
    }
}
