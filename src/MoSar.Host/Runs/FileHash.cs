using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MoSar.Host.Runs;

/// <summary>SHA-256 of what a run reads and writes.</summary>
internal static class FileHash
{
    /// <summary>Members of a report that measure the run instead of describing the head; they are never the same twice.</summary>
    private static readonly string[] Measurements = ["timings", "stageSeconds"];

    /// <param name="path">The file.</param>
    /// <param name="shown">What to call it in the record.</param>
    public static FileRecord Of(string path, string shown)
    {
        using var stream = File.OpenRead(path);
        return new FileRecord(shown, Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    /// <summary>As <see cref="Of"/>, but of a JSON report without its timings.</summary>
    public static FileRecord OfOutput(string path, string shown)
    {
        if (Path.GetExtension(path) == ".json" && ParseReport(path) is { } report && Measurements.Where(report.ContainsKey).ToArray() is { Length: > 0 } measured)
        {
            foreach (var member in measured)
            {
                report.Remove(member);
            }

            var bytes = JsonSerializer.SerializeToUtf8Bytes(report, RunJson.Readable.JsonObject);
            return new FileRecord(shown, Convert.ToHexStringLower(SHA256.HashData(bytes)), new FileInfo(path).Length, measured);
        }

        return Of(path, shown);
    }

    private static JsonObject? ParseReport(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject;
        }
        catch (JsonException)
        {
            // Not JSON after all: hashed as any other file.
            return null;
        }
    }
}
