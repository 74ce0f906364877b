using System.Text.Json;
using System.Text.Json.Serialization;
using MoSar.Graphics;
using MoSar.Host.Runs;

namespace MoSar.Host.Evaluation;

/// <param name="Key">Fingerprint of estimate and evaluator.</param>
/// <param name="Values">Parallel to the evaluator's columns.</param>
public sealed record Measured(string Key, IReadOnlyList<double> Values);

/// <summary>What one row made of one photograph: a file each, so that nothing is lost when the process ends.</summary>
/// <param name="Photograph">SOURCE/ITEM.</param>
/// <param name="Estimate">Fingerprint of row and photograph.</param>
/// <param name="Yaw">Degrees that the head is turned away from the camera, from the true camera; positive: the camera is on the head's left. Null when unknown.</param>
/// <param name="Failure">Then nothing was measured.</param>
/// <param name="Seconds">The geometry stage took.</param>
/// <param name="Measures">By evaluator.</param>
public sealed record PhotographResult(
    string Row, string Photograph, string Subject, string Estimate, string? SkinTone, double? Yaw, FailureRecord? Failure, double Seconds, IReadOnlyDictionary<string, Measured> Measures);

/// <summary>The results of one evaluation on disk.</summary>
internal sealed class ResultFiles(string root)
{
    /// <returns>Null when there is none, or one that cannot be read.</returns>
    public PhotographResult? Read(string row, string photograph)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(At(row, photograph)), EvaluationJson.Results.PhotographResult);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public void Write(PhotographResult result)
    {
        var path = At(result.Row, result.Photograph);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(result, EvaluationJson.Results.PhotographResult));
    }

    private string At(string row, string photograph) => Path.Combine([root, "results", row, .. (photograph + ".json").Split('/')]);
}

[JsonSerializable(typeof(PhotographResult))]
[JsonSerializable(typeof(EvaluationRecord))]
internal sealed partial class EvaluationJson : JsonSerializerContext
{
    public static EvaluationJson Results { get; } = new(new JsonSerializerOptions(RunJson.Readable.Options) { WriteIndented = false });

    public static EvaluationJson Readable { get; } = new(new JsonSerializerOptions(RunJson.Readable.Options) { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals });
}
