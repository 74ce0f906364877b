using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MoSar.Host.Runs;

namespace MoSar.Host.Training;

[JsonConverter(typeof(JsonStringEnumConverter<TrainingStatus>))]
public enum TrainingStatus
{
    /// <summary>Not over; if no process is at it, it was killed.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    [JsonStringEnumMemberName("finished")]
    Finished,

    /// <summary>Ended before its last step because nothing got better (<c>validation.patience</c>).</summary>
    [JsonStringEnumMemberName("stopped-early")]
    StoppedEarly,

    /// <summary>By Ctrl-C; the same command goes on.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,

    /// <summary>A loss or gradient was not finite.</summary>
    [JsonStringEnumMemberName("diverged")]
    Diverged,
}

/// <param name="Step">After which the best weights were measured; 0: none were.</param>
/// <param name="Value">Of the recipe's metric there.</param>
public sealed record BestWeights(int Step, double Value);

/// <summary><c>training.json</c>: what was trained, from what, how far it is.</summary>
public sealed record TrainingRecord
{
    public const string FileName = "training.json";

    public const string CurrentSchema = "mosar/training/v1";

    public string Schema { get; init; } = CurrentSchema;

    public required TrainingStatus Status { get; init; }

    public required DateTimeOffset Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Of all processes that worked on it, until the last checkpoint of each.</summary>
    public double Seconds { get; init; }

    public required VersionRecord Versions { get; init; }

    public required IReadOnlyList<string> ManifestFiles { get; init; }

    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>The resolved manifest: every value, absolute paths.</summary>
    public required JsonObject Manifest { get; init; }

    public required int Seed { get; init; }

    public required int Step { get; init; }

    public required int Steps { get; init; }

    public BestWeights? Best { get; init; }

    /// <summary>What is decided by: sources by name, with a hash of their items' names.</summary>
    public required IReadOnlyDictionary<string, string> Data { get; init; }

    public IReadOnlyList<PluginRecord> Plugins { get; init; } = [];

    /// <summary>Files that the learner and the losses read.</summary>
    public IReadOnlyList<WeightRecord> Weights { get; init; } = [];

    /// <summary>What was written for the pipeline.</summary>
    public FileRecord? Result { get; init; }

    /// <summary>The last validation.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }

    /// <exception cref="MoSarException"><c>training-invalid</c>.</exception>
    public static TrainingRecord? Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), TrainingJson.Readable.TrainingRecord);
            return record is { Schema: CurrentSchema }
                ? record
                : throw new MoSarException("training-invalid", $"'{path}' has the schema '{record?.Schema}'; this program knows {CurrentSchema}.", "Use the version of mosar that made it, or another folder.");
        }
        catch (JsonException e)
        {
            throw new MoSarException("training-invalid", $"'{path}' is not a training's record: {e.Message}", "Choose another folder with --out.", e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, TrainingJson.Readable.TrainingRecord);
}

[JsonSerializable(typeof(TrainingRecord))]
internal sealed partial class TrainingJson : JsonSerializerContext
{
    public static TrainingJson Readable { get; } = new(new JsonSerializerOptions(RunJson.Readable.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals });
}
