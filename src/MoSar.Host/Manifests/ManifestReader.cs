using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace MoSar.Host.Manifests;

/// <summary>YAML text to nodes with their places. Uses the YAML library's event parser alone: its object mapper costs start-up and loses places.</summary>
public static class ManifestReader
{
    private const int DeepestNesting = 64;

    /// <exception cref="ManifestException">The text is not YAML, or uses what plain data does not have.</exception>
    public static ManifestNode Read(ManifestSource source)
    {
        var problems = new List<ManifestProblem>();
        ManifestNode root;
        var parser = new Parser(new StringReader(source.Text));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
            {
                return new MappingNode([], new Location(source, 1, 1, 1));
            }

            parser.Consume<DocumentStart>();
            root = ReadNode(parser, source, problems, 0);
            parser.Consume<DocumentEnd>();
            if (parser.Current is DocumentStart second)
            {
                problems.Add(new ManifestProblem("manifest-syntax", At(source, second), "a second document starts here", "one document a file"));
            }
        }
        catch (YamlException e)
        {
            var reason = e.InnerException?.Message ?? e.Message;
            throw new ManifestException(new ManifestProblem(
                "manifest-syntax", new Location(source, (int)e.Start.Line, (int)e.Start.Column, 1), $"not valid YAML: {FirstSentence(reason)}"));
        }

        catch (InvalidOperationException)
        {
            // What this version of the library throws for some unclosed lists.
            var at = parser.Current?.End ?? new Mark(0, 1, 1);
            throw new ManifestException(new ManifestProblem(
                "manifest-syntax", new Location(source, (int)at.Line, (int)at.Column, 1), "not valid YAML after this place; a bracket or a quote may be open"));
        }

        return problems.Count == 0 ? root : throw new ManifestException(problems);
    }

    private static ManifestNode ReadNode(IParser parser, ManifestSource source, List<ManifestProblem> problems, int depth)
    {
        if (parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false })
        {
            problems.Add(new ManifestProblem(
                "manifest-syntax", At(source, parser.Current), "anchors, aliases and tags are not part of a manifest", "plain data; use 'extends' to share values"));
        }

        if (depth > DeepestNesting)
        {
            throw new ManifestException(new ManifestProblem("manifest-syntax", At(source, parser.Current!), $"nested deeper than {DeepestNesting} levels"));
        }

        switch (parser.Current)
        {
            case Scalar scalar:
                parser.MoveNext();
                return new ScalarNode(scalar.Value, scalar.Style == ScalarStyle.Plain, At(source, scalar));
            case SequenceStart start:
                parser.MoveNext();
                var items = new List<ManifestNode>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadNode(parser, source, problems, depth + 1));
                }

                return new SequenceNode(items, At(source, start));
            case MappingStart start:
                parser.MoveNext();
                return ReadMapping(parser, source, problems, start, depth);
            default:
                var place = At(source, parser.Current!);
                parser.MoveNext();
                return new ScalarNode(string.Empty, true, place);
        }
    }

    private static MappingNode ReadMapping(IParser parser, ManifestSource source, List<ManifestProblem> problems, MappingStart start, int depth)
    {
        var entries = new List<ManifestEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(parser, source, problems, depth + 1);
            var value = ReadNode(parser, source, problems, depth + 1);
            if (key is not ScalarNode { Text.Length: > 0 } name)
            {
                problems.Add(new ManifestProblem("manifest-syntax", key.Location, $"{key.Kind} as a key", "a name"));
            }
            else if (entries.Find(e => e.Key == name.Text) is { } first)
            {
                problems.Add(new ManifestProblem("manifest-key-twice", key.Location, $"the key '{name.Text}' is given twice", Notes: [$"first at {first.KeyLocation}"]));
            }
            else
            {
                entries.Add(new ManifestEntry(name.Text, key.Location, value));
            }
        }

        return new MappingNode(entries, At(source, start));
    }

    private static Location At(ManifestSource source, ParsingEvent e)
    {
        // Block collections and multi-line texts end far away; only a one-line scalar is underlined whole.
        var length = e is Scalar && e.End.Line == e.Start.Line ? (int)(e.End.Column - e.Start.Column) : 1;
        return new Location(source, (int)e.Start.Line, (int)e.Start.Column, Math.Max(1, length));
    }

    private static string FirstSentence(string text) => text.TrimEnd('.');
}
