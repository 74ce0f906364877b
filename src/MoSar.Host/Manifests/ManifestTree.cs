namespace MoSar.Host.Manifests;

/// <summary>A manifest with everything that it extends and that the command line sets merged in; each value still knows where it was written.</summary>
/// <param name="Root">The merged keys, without <c>extends</c>.</param>
/// <param name="Path">The file that was asked for; absolute.</param>
/// <param name="Chain">All files that took part, the asked one first; absolute.</param>
public sealed record ManifestTree(MappingNode Root, string Path, IReadOnlyList<string> Chain)
{
    public const string Schema = "mosar/v1";

    private const string Extends = "extends";

    /// <param name="path">The manifest's file.</param>
    /// <param name="sets">Each <c>path=value</c>, applied in order after everything else.</param>
    /// <param name="workingFolder">What relative paths in <paramref name="sets"/> are relative to.</param>
    /// <exception cref="ManifestException">A file is missing, not YAML, or extends itself; a set is not path=value.</exception>
    public static ManifestTree Load(string path, IEnumerable<string> sets, string workingFolder)
    {
        var chain = new List<string>();
        var root = LoadFile(System.IO.Path.GetFullPath(path, workingFolder), null, chain, workingFolder);
        foreach (var set in sets)
        {
            root = (MappingNode)Merge(root, ParseSet(set, workingFolder));
        }

        return new ManifestTree(root, chain[0], chain);
    }

    /// <summary>A manifest that is not a file of its own, such as the one that a run's record holds.</summary>
    public static ManifestTree FromText(string text, string name, string folder) =>
        new((MappingNode)ManifestReader.Read(new ManifestSource(name, folder, text)), System.IO.Path.Combine(folder, name), [System.IO.Path.Combine(folder, name)]);

    /// <summary>The overlay on top of the base: groups merge key by key, everything else is replaced; null removes a key.</summary>
    internal static ManifestNode Merge(ManifestNode under, ManifestNode over)
    {
        if (under is not MappingNode a || over is not MappingNode b || IsAnotherStage(a, b))
        {
            return over;
        }

        var entries = new List<ManifestEntry>(a.Entries);
        foreach (var entry in b.Entries)
        {
            var at = entries.FindIndex(e => e.Key == entry.Key);
            if (at < 0)
            {
                // A null that removes nothing stays, so that binding reports it: it is a slip in the key.
                entries.Add(entry);
            }
            else if (entry.Value is ScalarNode { IsNull: true })
            {
                entries.RemoveAt(at);
            }
            else
            {
                entries[at] = entry with { Value = Merge(entries[at].Value, entry.Value) };
            }
        }

        return new MappingNode(entries, b.Location);
    }

    /// <summary>A slot that gets another stage does not inherit the options of the one it replaces: they are other keys of another record.</summary>
    private static bool IsAnotherStage(MappingNode under, MappingNode over) =>
        under["stage"]?.Value is ScalarNode a && over["stage"]?.Value is ScalarNode b && a.Text != b.Text;

    private static MappingNode LoadFile(string path, Location? askedAt, List<string> chain, string workingFolder)
    {
        var shown = Shown(path, workingFolder);
        if (chain.Contains(path))
        {
            throw new ManifestException(new ManifestProblem(
                "manifest-cycle",
                askedAt,
                $"'{shown}' extends itself",
                Notes: [string.Join(" -> ", chain.Append(path).Select(p => Shown(p, workingFolder)))]));
        }

        chain.Add(path);
        var source = new ManifestSource(shown, System.IO.Path.GetDirectoryName(path)!, ReadText(path, shown, askedAt));
        if (ManifestReader.Read(source) is not MappingNode map)
        {
            throw new ManifestException(new ManifestProblem("manifest-type", new Location(source, 1, 1, 1), "a manifest is a group of keys", $"'schema: {Schema}' first"));
        }

        if (map["schema"] is not { } schema)
        {
            throw new ManifestException(new ManifestProblem("manifest-schema", new Location(source, 1, 1, 1), $"'{shown}' does not say its schema", $"'schema: {Schema}'"));
        }

        if (schema.Value is not ScalarNode { Text: Schema })
        {
            throw new ManifestException(new ManifestProblem("manifest-schema", schema.Value.Location, $"this program does not know the schema {schema.Value.Kind}", $"{Schema}"));
        }

        if (map[Extends] is not { } extends)
        {
            return map;
        }

        if (extends.Value is not ScalarNode { IsNull: false } target)
        {
            throw new ManifestException(new ManifestProblem("manifest-type", extends.Value.Location, $"'extends' is {extends.Value.Kind}", "the path of one manifest"));
        }

        var under = LoadFile(System.IO.Path.GetFullPath(target.Text, source.BaseFolder), target.Location, chain, workingFolder);
        return (MappingNode)Merge(under, map with { Entries = [.. map.Entries.Where(e => e.Key != Extends)] });
    }

    private static string ReadText(string path, string shown, Location? askedAt)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var folder = System.IO.Path.GetDirectoryName(path)!;
            string[] there = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.y*ml").Select(f => System.IO.Path.GetFileName(f)).Order()] : [];
            var notes = new List<string>();
            if (there.Length > 0)
            {
                notes.Add($"manifests in that folder: {string.Join(", ", there)}");
            }

            if (NearestName.Find(System.IO.Path.GetFileName(path), there.Where(f => f != System.IO.Path.GetFileName(askedAt?.Source.Name))) is { } near)
            {
                notes.Add($"did you mean '{near}'?");
            }

            if (notes.Count == 0)
            {
                notes.Add(Directory.Exists(folder) ? $"there is no manifest in '{folder}'; the shipped ones are in manifests/" : $"its folder '{folder}' does not exist either");
            }

            var message = Directory.Exists(path) ? $"'{shown}' is a folder, not a manifest"
                : e is FileNotFoundException or DirectoryNotFoundException ? $"there is no manifest '{shown}'"
                : $"the manifest '{shown}' cannot be read: {e.Message}";
            throw new ManifestException(new ManifestProblem("manifest-missing", askedAt, message, Notes: notes));
        }
    }

    /// <summary>path=value as nested groups, so that a set is checked, located and merged exactly as a file is.</summary>
    private static MappingNode ParseSet(string set, string workingFolder)
    {
        var source = new ManifestSource("--set", workingFolder, set);
        var equals = set.IndexOf('=');
        var keys = equals < 0 ? [] : set[..equals].Split('.');
        if (equals < 0 || keys.Any(string.IsNullOrWhiteSpace))
        {
            throw new ManifestException(new ManifestProblem("manifest-set", new Location(source, 1, 1, Math.Max(1, set.Length)), $"'--set {set}' is not path=value", "for example pipeline.geometry.refinement=200"));
        }

        // Blank out the path, so that the value's places are its places in the whole argument.
        var value = ManifestReader.Read(source with { Text = new string(' ', equals + 1) + set[(equals + 1)..] });
        var node = Relocate(value is MappingNode { Entries.Count: 0 } ? new ScalarNode(string.Empty, true, value.Location) : value, source);
        var column = equals;
        foreach (var key in keys.Reverse())
        {
            column -= key.Length;
            var place = new Location(source, 1, column + 1, key.Length);
            node = new MappingNode([new ManifestEntry(key, place, node)], place);
            column--;
        }

        return (MappingNode)node;
    }

    private static ManifestNode Relocate(ManifestNode node, ManifestSource source) => node switch
    {
        MappingNode m => new MappingNode(
            [.. m.Entries.Select(e => new ManifestEntry(e.Key, e.KeyLocation with { Source = source }, Relocate(e.Value, source)))], m.Location with { Source = source }),
        SequenceNode s => new SequenceNode([.. s.Items.Select(i => Relocate(i, source))], s.Location with { Source = source }),
        _ => node with { Location = node.Location with { Source = source } },
    };

    private static string Shown(string path, string workingFolder)
    {
        var relative = System.IO.Path.GetRelativePath(workingFolder, path);
        return relative.StartsWith("../..", StringComparison.Ordinal) ? path : relative;
    }
}
