using MoSar.Host.Manifests;
using MoSar.Host.Plugins;

namespace MoSar.Host.Composition;

/// <summary>A manifest made real: checked, its plugins loaded, its stages constructed. Owns all of it.</summary>
public sealed class ComposedManifest : IDisposable
{
    private ComposedManifest(PluginCatalog catalog, ResolvedManifest manifest, Pipeline pipeline, IReadOnlyList<ConstructionTime> constructions) =>
        (Catalog, Manifest, Pipeline, Constructions) = (catalog, manifest, pipeline, constructions);

    public PluginCatalog Catalog { get; }

    public ResolvedManifest Manifest { get; }

    public Pipeline Pipeline { get; }

    /// <summary>What making each stage cost; the first one that uses a native library pays for loading it.</summary>
    public IReadOnlyList<ConstructionTime> Constructions { get; }

    /// <param name="tree">The merged manifest.</param>
    /// <param name="pluginFolders">Searched before those that the manifest names.</param>
    /// <exception cref="ManifestException">All that is wrong with it, broken plugins and weights included. No photograph was touched.</exception>
    public static ComposedManifest Compose(ManifestTree tree, IReadOnlyList<string> pluginFolders)
    {
        var (catalog, manifest) = Resolve(tree, pluginFolders);
        try
        {
            if (!manifest.HasPipeline)
            {
                throw new ManifestException(new ManifestProblem(
                    "manifest-key-missing", tree.Root.Location, "this manifest has no pipeline, so nothing can be run on a photograph", "'pipeline:'", ["extends: manifests/default.yaml gives it one"]));
            }

            var factory = new StageFactory();
            return new ComposedManifest(catalog, manifest, factory.Build(manifest), factory.Constructions);
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }

    /// <summary>The check alone: no stage is made, no weight read.</summary>
    /// <exception cref="ManifestException">All problems.</exception>
    public static (PluginCatalog Catalog, ResolvedManifest Manifest) Resolve(ManifestTree tree, IReadOnlyList<string> pluginFolders)
    {
        var resolver = new ManifestResolver(tree);
        var header = resolver.BindHeader();
        var catalog = PluginCatalog.Discover(pluginFolders.Concat(header.Plugins.Where(Directory.Exists)));
        try
        {
            return (catalog, resolver.Resolve(header, catalog));
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Pipeline.Dispose();
        Catalog.Dispose();
    }
}

/// <param name="Path">The stage's place.</param>
/// <param name="WallSeconds">Elapsed in its constructor.</param>
/// <param name="CpuSeconds">Of the whole process meanwhile.</param>
public sealed record ConstructionTime(string Path, double WallSeconds, double CpuSeconds);

/// <summary>Constructs the stages of a manifest, and reports all that cannot be constructed together.</summary>
internal sealed class StageFactory
{
    private readonly List<ManifestProblem> problems = [];
    private readonly List<ConstructionTime> constructions = [];

    public IReadOnlyList<ConstructionTime> Constructions => constructions;

    /// <summary>One stage by itself.</summary>
    /// <exception cref="ManifestException">It cannot be made.</exception>
    public static object CreateOnly(StageChoice choice) => Create(choice, out var problem) ?? throw new ManifestException(problem!);

    /// <summary>Stages by their paths.</summary>
    /// <exception cref="ManifestException">Some cannot be made; every constructor has run, so that broken weights of two are reported at once.</exception>
    public IReadOnlyDictionary<string, object> Make(IEnumerable<StageChoice> choices)
    {
        var made = choices.ToDictionary(s => s.Path, Create);
        if (problems.Count > 0)
        {
            foreach (var stage in made.Values.OfType<IDisposable>())
            {
                stage.Dispose();
            }

            throw new ManifestException(problems);
        }

        return made!;
    }

    public Pipeline Build(ResolvedManifest manifest)
    {
        var made = Make(manifest.Stages);

        IReadOnlyList<ComposedStage<T>> Many<T>(string slot)
            where T : class => [.. manifest.In(slot).Select(c => new ComposedStage<T>(c, (T)made[c.Path]))];

        ComposedStage<T> One<T>(string slot)
            where T : class => Many<T>(slot).Single();

        try
        {
            return new Pipeline(
                One<IFaceDetector>("detect"),
                One<ILandmarkDetector>("landmarks"),
                One<IGeometryEstimator>("geometry"),
                One<ITextureProjector>("project"),
                One<ITextureCompleter>("complete"),
                One<ILightNormalizer>("light"),
                MapOrder.Sort(Many<IMapEstimator>("maps")),
                One<ISuperResolver>("superres"),
                One<IShadingModel>("shading"),
                Many<IExporter>("export"));
        }
        catch
        {
            foreach (var stage in made.Values.OfType<IDisposable>())
            {
                stage.Dispose();
            }

            throw;
        }
    }

    private object? Create(StageChoice choice)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var stage = Create(choice, out var problem);
        constructions.Add(new ConstructionTime(
            choice.Path, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds));
        if (problem is not null)
        {
            problems.Add(problem);
        }

        return stage;
    }

    private static object? Create(StageChoice choice, out ManifestProblem? problem)
    {
        var id = choice.Registration.Id;
        problem = null;
        try
        {
            return choice.Registration.Create(choice.Options);
        }
        catch (MoSarException e)
        {
            problem = new ManifestProblem(e.Code, choice.Location, $"stage '{id}' cannot be made: {e.Message}", null, e.Remedy is null ? [] : [e.Remedy]);
        }
        catch (Exception e)
        {
            problem = new ManifestProblem(
                "stage-failed",
                choice.Location,
                $"stage '{id}' failed in its constructor: {e.GetType().Name}: {e.Message}",
                null,
                [$"this is a fault of plugin '{choice.Registration.Plugin.Id}'; its author needs this message"]);
        }

        return null;
    }
}
