using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Subjects;

/// <summary>
/// Fills a folder with subjects. Subjects are made independently of each other and each appears whole, so a run that is killed at any moment is
/// continued by the same command, and a larger number of subjects adds to what is there.
/// </summary>
public sealed class LightStageRun
{
    public const string Schema = "mosar/lightstage/1", FileName = "lightstage.json";

    /// <summary>Goes up with every change of the program after which a seed makes another person or picture: one folder holds one generation.</summary>
    public const int Generation = 4;

    private readonly LightStageOptions _options;
    private readonly FaceModel _model;
    private readonly SkinBank? _bank;
    private readonly string _folder;

    /// <param name="options">From a manifest.</param>
    /// <param name="folder">Where the light stage is or shall be.</param>
    /// <exception cref="MoSarException">The face model is missing or damaged, or the folder belongs to other options.</exception>
    public LightStageRun(LightStageOptions options, string folder)
    {
        (_options, _folder, _model) = (options, folder, FaceModel.Load(options.Model));
        if (_model.AlbedoCount == 0)
        {
            throw new MoSarException("model-without-albedo", $"{options.Model} has no albedo, from which skins are drawn.", "Run `mosar model albedo`, or use the shipped face model.");
        }

        _bank = options.Skins is null ? null : SkinBank.Load(options.Skins, _model.Template);
        var head = Head();
        if (_options.ShapeSpread > 1)
        {
            // Only then: light stages of before are gone on with.
            head["shapeSpread"] = _options.ShapeSpread;
        }

        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            {
                throw new MoSarException("out-exists", $"'{folder}' is not empty and no light stage.", "Choose another folder with --out.");
            }

            try
            {
                Directory.CreateDirectory(Path.Combine(folder, "subjects"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new MoSarException(
                    "out-not-writable", File.Exists(folder) ? $"'{folder}' is a file." : $"The folder '{folder}' cannot be made: {e.Message}", "Choose another folder with --out.", e);
            }

            AtomicFile.Write(file, stream => JsonSerializer.Serialize(stream, head, SubjectFolder.Json));
        }
        else if (!JsonNode.DeepEquals(Read(file), head))
        {
            throw new MoSarException(
                "lightstage-differs",
                $"'{folder}' was made with another manifest, seed, face model or version of the light stage ({FileName} says which; this is generation {Generation}).",
                "Use the same manifest and version to go on, or choose another folder with --out.");
        }
    }

    private static JsonNode? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file));
        }
        catch (JsonException e)
        {
            throw new MoSarException("lightstage-damaged", $"'{file}' is not valid JSON: {e.Message}", "Restore it, or choose another folder with --out.", e);
        }
    }

    /// <summary>How many of the first subjects are there already.</summary>
    public int Finished(int subjects) => Enumerable.Range(0, subjects).Count(i => Directory.Exists(Of(i)));

    /// <summary>How many of the first subjects fall into each of <see cref="SkinTone.Classes"/>, as measured on their diffuse maps.</summary>
    public IReadOnlyList<int> Tones(int subjects)
    {
        var counts = new int[SkinTone.Classes.Count];
        foreach (var file in Enumerable.Range(0, subjects).Select(i => Path.Combine(Of(i), SubjectFolder.FileName)).Where(File.Exists))
        {
            counts[SkinTone.ClassOf((float)JsonNode.Parse(File.ReadAllBytes(file))!["measuredIta"]!)]++;
        }

        return counts;
    }

    /// <summary>Makes the subjects 0 to <paramref name="subjects"/> − 1 that are not there yet, as many at once as there are cores.</summary>
    /// <param name="made">Called after each, from any thread.</param>
    /// <exception cref="OperationCanceledException">Cancelled; what is finished stays.</exception>
    public void Make(int subjects, Action<string> made, CancellationToken cancellation)
    {
        var missing = Enumerable.Range(0, subjects).Where(i => !Directory.Exists(Of(i))).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        var space = new SkinSpace(_model, _options.Resolution);
        var lights = Lights();
        var writer = new ViewWriter(_model, lights, Even(), _options.Samples);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.ForEach(System.Collections.Concurrent.Partitioner.Create(missing, loadBalance: true), parallel, number =>
        {
            var subject = Subject.Draw(_model, _options.Seed, number, _options.ShapeSpread);
            SubjectFolder.Write(Of(number), subject, _model, space, _bank, writer, mesh => Plans(subject, mesh, lights.Length), cancellation);
            made(subject.Id);
        });
    }

    private IEnumerable<ViewPlan> Plans(Subject subject, Mesh neutral, int lights) =>
    [
        .. _options.StageSize > 0 ? ViewPlan.Stage(neutral, _options.StageSize) : [],
        .. Enumerable.Range(0, _options.WildViews).Select(i => ViewPlan.Wild(_model, subject, neutral, i, _options.WildSize, lights, _options.Seed)),
    ];

    // Environments are reduced: a face shows no more of them, and the background is blurred.
    private NamedLight[] Lights()
    {
        if (_options.WildViews == 0)
        {
            return [];
        }

        if (_options.Environments is null)
        {
            return [.. ProceduralEnvironments.Names.Order(StringComparer.Ordinal).Select(n => Named(n, ProceduralEnvironments.Make(n)))];
        }

        var files = EnvironmentFiles();
        return files.Length > 0
            ? [.. files.Select(f => Named(Path.GetFileName(f), EnvironmentMap.Read(f)))]
            : throw new MoSarException("environments-missing", $"'{_options.Environments}' has no .hdr or .exr in it.", "Name a folder with panoramas, or leave 'environments' out for the built-in ones.");
    }

    private string[] EnvironmentFiles() => _options.Environments is null
        ? []
        : [.. Directory.EnumerateFiles(_options.Environments).Where(f => Path.GetExtension(f).ToLowerInvariant() is ".hdr" or ".exr").Order(StringComparer.Ordinal)];

    // White from everywhere.
    private static NamedLight Even() => Named("even", new EnvironmentMap(new Image(32, 16, 3, [.. Enumerable.Repeat(0.8f, 32 * 16 * 3)])));

    // Second-order harmonics do not see more.
    private const int HarmonicsWidth = 64;

    private static NamedLight Named(string name, EnvironmentMap map) => new(name, new EnvironmentMap(MapScaling.ReduceTo(map.Pixels, HarmonicsWidth), map.Yaw), new StageEnvironment(map), Exposure.Automatic(map));

    private string Of(int number) => Path.Combine(_folder, "subjects", FormattableString.Invariant($"s{number:00000}"));

    // Everything that subjects depend on, and nothing that may change between two runs of one command.
    private JsonObject Head() => new()
    {
        ["schema"] = Schema,
        ["generation"] = Generation,
        ["name"] = _options.Name,
        ["seed"] = _options.Seed,
        ["resolution"] = _options.Resolution,
        ["stageSize"] = _options.StageSize,
        ["wildViews"] = _options.WildViews,
        ["wildSize"] = _options.WildSize,
        ["samples"] = _options.Samples,
        ["environments"] = new JsonArray([.. EnvironmentFiles().Select(f => JsonValue.Create(Path.GetFileName(f)))]),
        ["skinsSha256"] = _options.Skins is null ? null : HashOf(Path.Combine(_options.Skins, SkinBank.FileName)),
        ["template"] = _model.Template.Id,
        ["faceGeometrySha256"] = FaceGeometry.Sha256(_options.Model),
    };

    private static string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
