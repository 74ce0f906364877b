using System.Runtime.CompilerServices;
using MoSar.Host.Plugins;

namespace MoSar.Host.Tests.Plugins;

public sealed class PluginCatalogTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    private PluginCatalog Discover() => PluginCatalog.Discover([workspace.Plugins]);

    private static void Edit(string folder, string from, string to)
    {
        var path = Path.Combine(folder, PluginDescription.FileName);
        var text = File.ReadAllText(path);
        Assert.Contains(from, text);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    [Fact]
    public void DiscoveryReadsPluginJsonAndLoadsNoAssembly()
    {
        workspace.Add("Fixture.Fakes");
        using var catalog = Discover();

        Assert.Contains("geometry.fake", catalog.StageIds);
        Assert.Equal(PluginState.Found, catalog.Plugins.Single().State);
        Assert.Empty(catalog.Plugins.Single().Stages);
    }

    [Fact]
    public void AskingForAStageLoadsItsPluginOnly()
    {
        workspace.Add("Fixture.Fakes");
        workspace.Add("Fixture.NeedsLibrary");
        using var catalog = Discover();

        Assert.Equal(typeof(ILightNormalizer), catalog.Find("light.half")!.Role);
        Assert.Equal(PluginState.Found, catalog.Owner("light.fake")!.State);
        Assert.Null(catalog.Find("light.nothing"));
    }

    [Fact]
    public void ContractsAreTheHostsOwnAndPrivateDependenciesThePluginsOwn()
    {
        var folder = workspace.Add("Fixture.NeedsLibrary");

        // A copy of the contracts in the plugin's folder must not be used.
        File.Copy(typeof(IStage<,>).Assembly.Location, Path.Combine(folder, "MoSar.Abstractions.dll"));
        using var catalog = Discover();
        var stage = catalog.Find("light.half")!.Create(new NoOptions());

        Assert.IsAssignableFrom<ILightNormalizer>(stage);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.Location == Path.Combine(folder, "MoSar.Abstractions.dll"));
    }

    [Fact]
    public void APluginThatThrowsIsReportedAndTheOthersGoOn()
    {
        workspace.Add("Fixture.Broken");
        workspace.Add("Fixture.Fakes");
        using var catalog = Discover();
        catalog.LoadAll();

        var broken = catalog.Plugins.Single(p => p.Id == "Fixture.Broken");
        Assert.Equal((PluginState.Broken, "plugin-failed"), (broken.State, broken.Failure!.Code));
        Assert.Contains("no licence on this machine", broken.Failure.Message);
        Assert.Equal(PluginState.Loaded, catalog.Owner("light.fake")!.State);
        Assert.DoesNotContain("light.broken", catalog.StageIds);
    }

    [Fact]
    public void AMissingDependencyIsNamedBeforeAnyWork()
    {
        File.Delete(Path.Combine(workspace.Add("Fixture.NeedsLibrary"), "Fixture.Library.dll"));
        using var catalog = Discover();
        catalog.LoadAll();

        var failure = catalog.Plugins.Single().Failure!;
        Assert.Equal("plugin-dependency-missing", failure.Code);
        Assert.Contains("Fixture.Library", failure.Message);
        Assert.NotNull(failure.Remedy);
    }

    [Theory]
    [InlineData("2.0", "Update the host, or rebuild")]
    [InlineData("1.1", "Update the host, or rebuild")]
    [InlineData("0.9", "Rebuild")]
    [InlineData("new", "Rebuild")]
    public void AnotherContractVersionIsRefusedWithoutLoading(string version, string remedy)
    {
        Edit(workspace.Add("Fixture.Fakes"), "\"contract\": \"1.0\"", $"\"contract\": \"{version}\"");
        using var catalog = Discover();

        var failure = catalog.Plugins.Single().Failure!;
        Assert.Equal("plugin-contract", failure.Code);
        Assert.StartsWith(remedy, failure.Remedy);
        Assert.Empty(catalog.StageIds);
    }

    [Theory]
    [InlineData("{", "plugin-json-invalid")]
    [InlineData("[]", "plugin-json-invalid")]
    [InlineData("{\"id\": \"x\"}", "plugin-json-invalid")]
    [InlineData(null, "plugin-json-missing")]
    public void APluginJsonThatCannotBeReadIsReported(string? text, string code)
    {
        var path = Path.Combine(workspace.Add("Fixture.Fakes"), PluginDescription.FileName);
        File.Delete(path);
        if (text is not null)
        {
            File.WriteAllText(path, text);
        }

        using var catalog = Discover();
        Assert.Equal(code, catalog.Plugins.Single().Failure!.Code);
    }

    [Fact]
    public void AStageIdTakenTwiceBreaksTheLaterPlugin()
    {
        workspace.Add("Fixture.Fakes");
        var second = workspace.Add("Fixture.NeedsLibrary");
        Edit(second, "light.half", "light.fake");
        using var catalog = Discover();

        Assert.Equal("plugin-stage-duplicate", catalog.Plugins.Single(p => p.Folder == second).Failure!.Code);
        Assert.Equal("Fixture.Fakes", catalog.Owner("light.fake")!.Id);
    }

    [Fact]
    public void TheSamePluginTwiceIsReported()
    {
        workspace.Add("Fixture.Fakes", "A");
        workspace.Add("Fixture.Fakes", "B");
        using var catalog = Discover();

        Assert.Equal("plugin-id-duplicate", catalog.Plugins.Single(p => p.Folder.EndsWith('B')).Failure!.Code);
    }

    [Theory]
    [InlineData("light.half", "light.other", "plugin-stage-undeclared")]
    [InlineData("\"light.half\"", "\"light.half\", \"light.more\"", "plugin-stage-absent")]
    [InlineData("Fixture.NeedsLibrary.dll", "Missing.dll", "plugin-assembly-missing")]
    [InlineData("Fixture.NeedsLibrary.dll", "Fixture.Library.dll", "plugin-module")]
    [InlineData("Fixture.NeedsLibrary.dll", "plugin.json", "plugin-assembly-invalid")]
    public void PluginJsonAndModuleMustAgree(string from, string to, string code)
    {
        Edit(workspace.Add("Fixture.NeedsLibrary"), from, to);
        using var catalog = Discover();
        catalog.LoadAll();

        Assert.Equal(code, catalog.Plugins.Single().Failure!.Code);
    }

    [Fact]
    public void APluginFolderThatIsNotThereIsAnError()
    {
        var e = Assert.Throws<MoSarException>(() => PluginCatalog.Discover([Path.Combine(workspace.Root, "nowhere")]));
        Assert.Equal("plugin-folder-missing", e.Code);
    }

    [Fact]
    public void AFolderThatIsAPluginItselfIsTaken()
    {
        using var catalog = PluginCatalog.Discover([workspace.Add("Fixture.Fakes")]);
        Assert.Equal("Fixture.Fakes", catalog.Plugins.Single().Id);
    }

    [Fact]
    public void UnloadingFreesEveryAssemblyOfThePlugin()
    {
        workspace.Add("Fixture.NeedsLibrary");
        var context = LoadUseAndUnload();
        for (var i = 0; context.IsAlive && i < 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive, "the plugin's load context is still referenced");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadUseAndUnload()
    {
        using var catalog = Discover();
        var stage = (ILightNormalizer)catalog.Find("light.half")!.Create(new NoOptions());
        return new WeakReference(System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(stage.GetType().Assembly));
    }
}
