using System.Text.Json;

namespace MoSar.Host.Plugins;

/// <summary>What a plugin's <c>plugin.json</c> says. Reading it is enough to know which stages the plugin supplies; no assembly is touched.</summary>
/// <param name="Id">Kind.Name, the folder's name by convention.</param>
/// <param name="Version">The plugin's own version.</param>
/// <param name="Contract">The <see cref="ContractVersion"/> it was built for.</param>
/// <param name="EntryAssembly">File name of the assembly that holds the <see cref="IPluginModule"/>.</param>
/// <param name="Stages">Ids of the stages it registers.</param>
/// <param name="Description">One line.</param>
public sealed record PluginDescription(
    string Id,
    string Version,
    string Contract,
    string EntryAssembly,
    IReadOnlyList<string> Stages,
    string Description)
{
    public const string FileName = "plugin.json";

    private static readonly string[] Keys = ["id", "version", "contract", "entryAssembly", "stages", "description"];

    /// <exception cref="MoSarException"><c>plugin-json-missing</c> or <c>plugin-json-invalid</c>.</exception>
    public static PluginDescription Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new MoSarException(
                "plugin-json-missing",
                $"'{folder}' has no {FileName}.",
                $"Add a {FileName} with {string.Join(", ", Keys)}, or move the folder out of the plugin folder.");
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Read(path, document.RootElement);
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"is not valid JSON (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1})");
        }
    }

    /// <exception cref="MoSarException"><c>plugin-contract</c>: built for another major version or a higher minor one.</exception>
    public void RequireContract()
    {
        var host = System.Version.Parse(ContractVersion.Current);
        if (System.Version.TryParse(Contract, out var built) && built.Major == host.Major && built.Minor <= host.Minor)
        {
            return;
        }

        throw new MoSarException(
            "plugin-contract",
            $"Plugin '{Id}' was built for contract version {Contract}; this host has {ContractVersion.Current}.",
            built is not null && built > host
                ? "Update the host, or rebuild the plugin against this host's MoSar.Abstractions."
                : "Rebuild the plugin against this host's MoSar.Abstractions.");
    }

    private static PluginDescription Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(path, "must be a JSON object");
        }

        foreach (var property in root.EnumerateObject())
        {
            if (!Keys.Contains(property.Name))
            {
                throw Invalid(path, $"has the unknown key '{property.Name}'");
            }
        }

        var stages = root.TryGetProperty("stages", out var array) && array.ValueKind == JsonValueKind.Array
            && array.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String && e.GetString()!.Length > 0)
                ? array.EnumerateArray().Select(e => e.GetString()!).ToArray()
                : throw Invalid(path, "needs 'stages', an array of stage ids");
        if (stages.Length == 0 || stages.Distinct().Count() != stages.Length)
        {
            throw Invalid(path, stages.Length == 0 ? "names no stage" : "names a stage twice");
        }

        return new PluginDescription(
            Text(path, root, "id"),
            Text(path, root, "version"),
            Text(path, root, "contract"),
            Text(path, root, "entryAssembly"),
            stages,
            root.TryGetProperty("description", out _) ? Text(path, root, "description") : string.Empty);
    }

    private static string Text(string path, JsonElement root, string key) =>
        root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0
            ? value.GetString()!
            : throw Invalid(path, $"needs '{key}', a text");

    private static MoSarException Invalid(string path, string problem) =>
        new("plugin-json-invalid", $"'{path}' {problem}.", $"It is an object with {string.Join(", ", Keys)}; copy one from a plugin that works.");
}
