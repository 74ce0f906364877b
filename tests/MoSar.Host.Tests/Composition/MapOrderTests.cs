using MoSar.Host.Composition;
using MoSar.Host.Manifests;

namespace MoSar.Host.Tests.Composition;

public sealed class MapOrderTests : IDisposable
{
    private readonly Workspace workspace = new();

    public MapOrderTests() => workspace.Add("Fixture.Fakes");

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void EstimatorsRunAfterWhatTheyNeedAndElseInTheManifestsOrder()
    {
        var text = File.ReadAllText(workspace.Manifest()).Replace(
            "    late: {stage: maps.fake, makes: [normal], needs: [displacement]}\n",
            """
                z: {stage: maps.fake, makes: [z], needs: [y, normal]}
                y: {stage: maps.fake, makes: [y], needs: [normal]}
                late: {stage: maps.fake, makes: [normal], needs: [displacement]}
                free: {stage: maps.fake, makes: [free]}

            """,
            StringComparison.Ordinal);
        using var composed = ComposedManifest.Compose(ManifestTree.Load(workspace.Write("mine.yaml", text), [], workspace.Root), [workspace.Plugins]);

        Assert.Equal(["maps.free", "maps.early", "maps.late", "maps.y", "maps.z"], composed.Pipeline.Maps.Select(m => m.Choice.Path));
    }
}
