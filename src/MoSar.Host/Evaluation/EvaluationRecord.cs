using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Host.Runs;

namespace MoSar.Host.Evaluation;

/// <param name="Columns">Figures by EVALUATOR.COLUMN.</param>
/// <param name="Failures">By photograph.</param>
public sealed record RowRecord(string Name, string Label, string Key, IReadOnlyList<WeightRecord> Weights, int Photographs, IReadOnlyDictionary<string, ColumnRecord> Columns, IReadOnlyDictionary<string, FailureRecord> Failures);

public sealed record ColumnRecord(string Unit, double Mean, double Median, double Deviation);

/// <summary><c>evaluation.json</c>: what was measured on what, with all that is needed to do it again.</summary>
public sealed record EvaluationRecord
{
    public const string FileName = "evaluation.json";

    public string Schema { get; init; } = "mosar/evaluation/v1";

    public required RunStatus Status { get; init; }

    public required DateTimeOffset Ended { get; init; }

    public required VersionRecord Versions { get; init; }

    public required IReadOnlyList<string> ManifestFiles { get; init; }

    public required IReadOnlyList<string> Sets { get; init; }

    /// <summary>The resolved manifest: every value, absolute paths.</summary>
    public required JsonObject Manifest { get; init; }

    public required int Seed { get; init; }

    public required int Subjects { get; init; }

    public required int Photographs { get; init; }

    /// <summary>Of photographs and rows; equal to their product when finished.</summary>
    public required int Done { get; init; }

    public IReadOnlyList<PluginRecord> Plugins { get; init; } = [];

    public IReadOnlyList<RowRecord> Rows { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, EvaluationJson.Readable.EvaluationRecord);
}
