using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MoSar.Host.Telemetry;

namespace MoSar.Host.Runs;

[JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
public enum RunStatus
{
    /// <summary>Not over; if no process is at it, it was killed.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Every photograph has an outcome.</summary>
    [JsonStringEnumMemberName("finished")]
    Finished,

    /// <summary>Stopped by the user; finished photographs are kept.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,
}

[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    [JsonStringEnumMemberName("ok")]
    Ok,
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>The run was stopped before it was done.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,
}

/// <summary>Why a photograph has no avatar.</summary>
/// <param name="Code">Stable, kebab-case.</param>
/// <param name="Stage">Where in the pipeline; null when reading the picture failed.</param>
public sealed record FailureRecord(string Code, string Message, string? Remedy, string? Stage);

/// <param name="Sha256">Of the file; for JSON reports without the members named in <paramref name="Without"/>.</param>
/// <param name="Without">Top-level members left out of the hash, because they are measurements and differ each time.</param>
public sealed record FileRecord(string Path, string Sha256, long Bytes, IReadOnlyList<string>? Without = null);

public sealed record PhotographRecord
{
    public required string Name { get; init; }

    /// <summary>The file; absolute.</summary>
    public required string Input { get; init; }

    /// <summary>Of the input; null when it could not be read.</summary>
    public string? Sha256 { get; init; }

    public required Outcome Outcome { get; init; }

    public FailureRecord? Error { get; init; }

    public IReadOnlyList<string> Notices { get; init; } = [];

    /// <summary>How many faces were found.</summary>
    public int Faces { get; init; }

    public double Seconds { get; init; }

    public IReadOnlyList<StageMeasurement> Stages { get; init; } = [];

    /// <summary>Below the avatar's folder.</summary>
    public IReadOnlyList<FileRecord> Outputs { get; init; } = [];
}

/// <param name="Files">Assemblies, native libraries and plugin.json.</param>
public sealed record PluginRecord(string Id, string Version, string Contract, string Folder, IReadOnlyList<FileRecord> Files);

/// <param name="Stage">Its place in the pipeline.</param>
/// <param name="Key">The option that names the file.</param>
public sealed record WeightRecord(string Stage, string Key, FileRecord File);

public sealed record VersionRecord(string MoSar, string Contract, string Runtime, string OperatingSystem, string Machine, int Cores);

/// <summary>Where the time went that was not spent in stages.</summary>
/// <param name="ToFirstStageSeconds">From the start of the process to the first stage: runtime, manifest, plugins, weights.</param>
/// <param name="ToFirstStageCpuSeconds">The same in CPU time of all threads, which a busy machine does not stretch.</param>
/// <param name="ComposeSeconds">Of that, making the stages (reading weights included).</param>
/// <param name="BookkeepingSeconds">Records, hashes, moving folders, after the first stage began.</param>
/// <param name="TotalSeconds">From the start of the process to the end.</param>
public sealed record HostTimings(double ToFirstStageSeconds, double ToFirstStageCpuSeconds, double ComposeSeconds, double BookkeepingSeconds, double TotalSeconds);

/// <summary><c>run.json</c>: all that is needed to repeat a run and check that it came out the same.</summary>
public sealed record RunRecord
{
    public const string FileName = "run.json";

    public const string ManifestFileName = "manifest.yaml";

    public const string LogFileName = "log.txt";

    public const string CurrentSchema = "mosar/run/v1";

    public string Schema { get; init; } = CurrentSchema;

    public required RunStatus Status { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public required VersionRecord Versions { get; init; }

    /// <summary>The manifest files that took part; the asked one first.</summary>
    public required IReadOnlyList<string> ManifestFiles { get; init; }

    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>The resolved manifest: every value, absolute paths.</summary>
    public required JsonObject Manifest { get; init; }

    /// <summary>Folders that plugins were looked for in.</summary>
    public required IReadOnlyList<string> PluginFolders { get; init; }

    public required int Seed { get; init; }

    /// <summary>What each stage got, by its place.</summary>
    public required IReadOnlyDictionary<string, int> StageSeeds { get; init; }

    /// <summary>The face asked for, from 1 by size; null for the largest.</summary>
    public int? Face { get; init; }

    public IReadOnlyList<PluginRecord> Plugins { get; init; } = [];

    public IReadOnlyList<WeightRecord> Weights { get; init; } = [];

    public HostTimings? Timings { get; init; }

    public IReadOnlyList<string> Notices { get; init; } = [];

    public IReadOnlyList<PhotographRecord> Photographs { get; init; } = [];

    /// <summary>Inputs that have no outcome yet.</summary>
    public IReadOnlyList<InputPhotograph> Pending { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Readable.RunRecord);

    /// <exception cref="MoSarException"><c>run-missing</c>, <c>run-invalid</c>.</exception>
    public static RunRecord Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new MoSarException("run-missing", $"'{folder}' is not a run folder: it has no {FileName}.", "Name a folder that 'mosar run' made.");
        }

        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), RunJson.Readable.RunRecord);
            return record is { Schema: CurrentSchema }
                ? record
                : throw new MoSarException("run-invalid", $"'{path}' has the schema '{record?.Schema}'; this program knows {CurrentSchema}.", "Use the version of mosar that made it.");
        }
        catch (JsonException e)
        {
            throw new MoSarException("run-invalid", $"'{path}' is not a run's record: {e.Message}", "Run again.", e);
        }
    }

    /// <summary>Writes beside, then renames: a reader never sees half a record.</summary>
    public void Write(string folder)
    {
        var beside = Path.Combine(folder, $".{FileName}.{Environment.ProcessId}");
        File.WriteAllText(beside, ToJson() + "\n");
        File.Move(beside, Path.Combine(folder, FileName), overwrite: true);
    }
}

// Generated at build time: reflection-based serialization would cost start-up.
[JsonSerializable(typeof(RunRecord))]
public sealed partial class RunJson : JsonSerializerContext
{
    /// <summary>Leaves letters beyond ASCII and quotes as they are; the file is not HTML.</summary>
    public static RunJson Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
