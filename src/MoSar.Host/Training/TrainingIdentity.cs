using System.Text.Json.Nodes;

namespace MoSar.Host.Training;

/// <summary>Whether a folder holds the same training: going on with another recipe would give weights that no manifest describes.</summary>
internal static class TrainingIdentity
{
    /// <summary>Values that change neither weights nor which of them are best.</summary>
    private static readonly string[] Free =
    [
        "name", "description", "plugins", "texture_resolution", "output_resolution", "pipeline", "data.cache", "data.loader", "training.checkpoint_every", "training.report_every",
        "training.validation.pictures",
    ];

    /// <exception cref="MoSarException"><c>training-differs</c>, saying in what.</exception>
    public static void RequireSame(TrainingRecord before, TrainingRecord now, string folder)
    {
        var (was, wants) = (Values(before), Values(now));
        var differences = was.Keys.Union(wants.Keys).Where(k => was.GetValueOrDefault(k) != wants.GetValueOrDefault(k)).Order(StringComparer.Ordinal).ToArray();
        if (differences.Length == 0)
        {
            return;
        }

        const int Shown = 8;
        var lines = differences.Take(Shown).Select(k => $"\n   {k}: {was.GetValueOrDefault(k) ?? "nothing"} there, {wants.GetValueOrDefault(k) ?? "nothing"} now");
        var more = differences.Length > Shown ? $"\n   and {differences.Length - Shown} more" : string.Empty;
        throw new MoSarException(
            "training-differs",
            $"'{folder}' holds another training at step {before.Step}:{string.Concat(lines)}{more}",
            "Choose another folder with --out, or give the manifest of that training to go on with it.");
    }

    private static Dictionary<string, string> Values(TrainingRecord record)
    {
        var values = new Dictionary<string, string>();
        Flatten(record.Manifest, string.Empty, values);
        foreach (var (source, identity) in record.Data)
        {
            values[$"the items of {source}"] = identity[..12];
        }

        foreach (var weights in record.Weights)
        {
            values[$"the content of {weights.Stage}.{weights.Key}"] = weights.File.Sha256[..12];
        }

        return values;
    }

    private static void Flatten(JsonNode? node, string path, Dictionary<string, string> values)
    {
        if (Free.Contains(path))
        {
            return;
        }

        if (node is JsonObject group)
        {
            foreach (var (key, value) in group)
            {
                Flatten(value, path.Length == 0 ? key : $"{path}.{key}", values);
            }
        }
        else if (node is not JsonArray { Count: 0 })
        {
            // An empty list says what an absent key says: a training that was begun before the key came goes on.
            values[path] = node?.ToJsonString() ?? "null";
        }
    }
}
