using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoSar.Host;
using MoSar.Host.Manifests;
using MoSar.Host.Runs;

namespace MoSar.Cli;

/// <summary>What every command shares: the terminal, the working folder, the common options, and what happens to errors.</summary>
internal sealed class Session(Terminal terminal, string workingFolder)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Terminal Terminal => terminal;

    public string WorkingFolder => workingFolder;

    public Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON, for programs." };

    public Option<string[]> Plugins { get; } = new("--plugins")
    {
        Description = $"A further folder with plugins; may be given more than once. Also: {Installation.PluginsVariable}, folders separated by ':'.",
        HelpName = "DIR",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public Option<string?> Manifest { get; } = new("--manifest", "-m")
    {
        Description = "The manifest; default: manifests/default.yaml of this program.",
        HelpName = "FILE",
    };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description = "Override a value of the manifest, such as pipeline.geometry.refinement=200; may be given more than once.",
        HelpName = "path=value",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public string Resolve(string path) => Path.GetFullPath(path, workingFolder);

    public IReadOnlyList<string> PluginFolders(ParseResult parsed) => Installation.PluginFolders((parsed.GetValue(Plugins) ?? []).Select(Resolve));

    /// <summary>A manifest of a run or of training data.</summary>
    public ManifestTree LoadManifest(ParseResult parsed, string? path = null)
    {
        var tree = LoadManifest(path ?? parsed.GetValue(Manifest) ?? Installation.DefaultManifest, parsed.GetValue(Set));
        if (tree.Root["model"] is { } model && tree.Root["pipeline"] is null && tree.Root["data"] is null)
        {
            throw new ManifestException(new ManifestProblem(
                "manifest-lightstage", model.KeyLocation, "this manifest describes a virtual light stage", "'pipeline:' or 'data:'",
                ["mosar data lightstage --manifest FILE checks it and makes what it describes"]));
        }

        return tree;
    }

    public ManifestTree LoadManifest(string path, IEnumerable<string>? sets) => ManifestTree.Load(Resolve(path), sets ?? [], workingFolder);

    /// <summary>A file that a long work ends with: its folder is made and tried before the work, not after it.</summary>
    public string ResolveOutput(string path)
    {
        var full = Resolve(path);
        if (Directory.Exists(full))
        {
            throw new MoSarException("file-not-writable", $"'{full}' is a folder.", "Name a file with --out.");
        }

        var folder = Path.GetDirectoryName(full)!;
        try
        {
            Directory.CreateDirectory(folder);
            using var trial = new FileStream(Path.Combine(folder, $".mosar-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("file-not-writable", $"Cannot write '{full}': its folder cannot be made or written.", "Choose another place with --out.", e);
        }

        return full;
    }

    /// <summary>Runs a command's work; errors that a user can cause become a message and <see cref="ExitCodes.Usage"/>.</summary>
    public int Guard(ParseResult parsed, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (ManifestException e)
        {
            Report(parsed, e.Message, e.Problems.Select(p => (p.Code, p.Message, Remedy: string.Join("; ", p.Notes ?? []), Where: p.Where?.ToString())));
        }
        catch (MoSarException e)
        {
            Report(parsed, Render(e), [(e.Code, e.Message, e.Remedy ?? string.Empty, null)]);
        }

        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Report(parsed, $"error: this is a fault of mosar itself; please report it:\n{e}\n", [("bug", e.ToString(), "Report it.", null)]);
            return ExitCodes.Bug;
        }

        return ExitCodes.Usage;
    }

    public static string Render(MoSarException e) => $"error: {e.Message}\n{(e.Remedy is null ? string.Empty : $" = {e.Remedy}\n")}";

    public void WriteJson(JsonNode node) => terminal.Out.WriteLine(node.ToJsonString(Indented));

    private void Report(ParseResult parsed, string text, IEnumerable<(string Code, string Message, string Remedy, string? Where)> errors)
    {
        if (!parsed.GetValue(Json))
        {
            terminal.Error.Write(text);
            return;
        }

        WriteJson(new JsonObject
        {
            ["errors"] = new JsonArray([.. errors.Select(e => new JsonObject { ["code"] = e.Code, ["message"] = e.Message, ["remedy"] = e.Remedy, ["where"] = e.Where })]),
        });
    }
}
