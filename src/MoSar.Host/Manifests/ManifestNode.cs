namespace MoSar.Host.Manifests;

/// <summary>A text that manifest values come from: a file, or one <c>--set</c> argument.</summary>
/// <param name="Name">For messages: the path relative to the working folder where that is shorter, or <c>--set</c>.</param>
/// <param name="BaseFolder">What relative paths in it are relative to; absolute.</param>
/// <param name="Text">Its whole content, for showing the line of an error.</param>
public sealed record ManifestSource(string Name, string BaseFolder, string Text)
{
    public string Line(int line) => Text.Split('\n').ElementAtOrDefault(line - 1)?.TrimEnd('\r') ?? string.Empty;
}

/// <summary>Where something is written.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Length">Characters to underline, at least 1.</param>
public sealed record Location(ManifestSource Source, int Line, int Column, int Length)
{
    public override string ToString() => $"{Source.Name}:{Line}:{Column}";
}

/// <summary>A value of a manifest with its place. Plain data: no anchors, no tags.</summary>
public abstract record ManifestNode(Location Location)
{
    /// <summary>For messages: what kind of value it is.</summary>
    public abstract string Kind { get; }
}

/// <param name="Text">As written, quotes removed.</param>
/// <param name="IsPlain">Not quoted: may be a number, a truth value or null.</param>
public sealed record ScalarNode(string Text, bool IsPlain, Location Location) : ManifestNode(Location)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null";

    public override string Kind => IsNull ? "nothing" : IsPlain ? $"'{Text}'" : $"the text '{Text}'";
}

public sealed record SequenceNode(IReadOnlyList<ManifestNode> Items, Location Location) : ManifestNode(Location)
{
    public override string Kind => "a list";
}

/// <param name="Key">The key's text.</param>
/// <param name="KeyLocation">Where the key is written.</param>
public sealed record ManifestEntry(string Key, Location KeyLocation, ManifestNode Value);

public sealed record MappingNode(IReadOnlyList<ManifestEntry> Entries, Location Location) : ManifestNode(Location)
{
    public override string Kind => "a group of keys";

    public ManifestEntry? this[string key] => Entries.FirstOrDefault(e => e.Key == key);
}
