using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace MoSar.Host.Manifests;

/// <summary>
/// Binds a group of manifest keys to an options record, strictly: every key must be an option, every value of its type and in its
/// range. Collects all problems instead of stopping at the first.
/// </summary>
internal sealed class OptionsBinder(List<ManifestProblem> problems)
{
    /// <param name="group">The keys as written.</param>
    /// <param name="type">The options record.</param>
    /// <param name="owner">For messages: "stage 'geometry.linear-3dmm'" or "a manifest".</param>
    /// <param name="reserved">Keys that are not options, such as <c>stage</c>; listed, but not bound here.</param>
    /// <returns>The record, with its defaults where a problem was found.</returns>
    public object Bind(MappingNode group, Type type, string owner, params string[] reserved)
    {
        var options = Activator.CreateInstance(type)!;
        var keys = OptionKey.Of(type);
        foreach (var entry in group.Entries.Where(e => !reserved.Contains(e.Key)))
        {
            if (keys.FirstOrDefault(k => k.Key == entry.Key) is not { } key)
            {
                problems.Add(UnknownKey(entry, owner, reserved.Concat(keys.Select(k => k.Key))));
            }
            else if (Convert(entry.Value, key, owner, out var value))
            {
                key.Property.SetValue(options, value);
            }
        }

        foreach (var key in keys.Where(k => k.IsRequired && group[k.Key] is null))
        {
            problems.Add(new ManifestProblem(
                "manifest-key-missing", group.Location, $"{owner} needs '{key.Key}'", $"'{key.Key}: {OptionTypes.Name(key.Type)}'", Notes(key.Description)));
        }

        return options;
    }

    /// <summary>Files that options name and that must be there, with the place that names them.</summary>
    public static IEnumerable<(string Key, string Path)> Files(object options)
    {
        foreach (var key in OptionKey.Of(options.GetType()).Where(k => k.PathRule is not null))
        {
            switch (key.Property.GetValue(options))
            {
                case string path when path.Length > 0:
                    yield return (key.Key, path);
                    break;
                case IEnumerable<string> paths:
                    foreach (var path in paths)
                    {
                        yield return (key.Key, path);
                    }

                    break;
            }
        }
    }

    public static ManifestProblem UnknownKey(ManifestEntry entry, string owner, IEnumerable<string> known)
    {
        var names = known.Order(StringComparer.Ordinal).ToArray();
        return new ManifestProblem(
            "manifest-key-unknown",
            entry.KeyLocation,
            $"{owner} has no option '{entry.Key}'",
            names.Length == 0 ? "no keys here" : "one of its options",
            [.. Listed("options", names), .. Suggested(entry.Key, names)]);
    }

    public static IEnumerable<string> Listed(string what, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? [] : [$"{what}: {string.Join(", ", names)}"];

    public static IEnumerable<string> Suggested(string written, IEnumerable<string> names) =>
        NearestName.Find(written, names) is { } near ? [$"did you mean '{near}'?"] : [];

    private static string[] Notes(string description) => description.Length == 0 ? [] : [description];

    private bool Convert(ManifestNode node, OptionKey key, string owner, out object? value)
    {
        if (node is ScalarNode { IsNull: true })
        {
            value = null;
            if (key.IsNullable)
            {
                return true;
            }

            problems.Add(new ManifestProblem("manifest-type", node.Location, $"'{key.Key}' of {owner} is nothing", OptionTypes.Name(key.Type), Notes(key.Description)));
            return false;
        }

        var before = problems.Count;
        var converted = ConvertValue(node, key.Type, key, owner);
        value = converted;
        if (problems.Count != before)
        {
            return false;
        }

        foreach (var rule in key.Rules.Where(r => r is not RequiredAttribute && !IsValid(r, converted)))
        {
            problems.Add(new ManifestProblem(
                "manifest-range", node.Location, $"'{key.Key}' of {owner} cannot be {node.Kind}", Expected(rule, key), [.. Notes(key.Description), .. Near(rule, node)]));
        }

        return problems.Count == before;
    }

    private object? ConvertValue(ManifestNode node, Type type, OptionKey key, string owner)
    {
        switch (node)
        {
            case ScalarNode scalar when ParseScalar(scalar, type) is { } parsed:
                return key.PathRule is { } rule && type == typeof(string) ? ResolvePath((string)parsed, scalar, rule, key, owner) : parsed;
            case SequenceNode list when OptionTypes.ValueOf(type) is null && OptionTypes.ElementOf(type) is { } element && type != typeof(string):
                return BuildList(type, element, [.. list.Items.Select(i => ConvertValue(i, element, key, owner))]);
            case MappingNode map when OptionTypes.ValueOf(type) is { } valueType:
                var dictionary = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType))!;
                foreach (var entry in map.Entries)
                {
                    dictionary[entry.Key] = ConvertValue(entry.Value, valueType, key, owner);
                }

                return dictionary;
            case MappingNode map when type.IsClass && type != typeof(string) && OptionTypes.ElementOf(type) is null:
                return Bind(map, type, $"'{key.Key}' of {owner}");
            default:
                var notes = node is ScalarNode { Text: var text } && type.IsEnum ? Suggested(text, OptionTypes.EnumNames(type)) : [];
                problems.Add(new ManifestProblem(
                    "manifest-type", node.Location, $"'{key.Key}' of {owner} cannot be {node.Kind}", OptionTypes.Name(type), [.. Notes(key.Description), .. notes]));
                return null;
        }
    }

    private static object? BuildList(Type type, Type element, IReadOnlyList<object?> items)
    {
        var array = Array.CreateInstance(element, items.Count);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is { } item)
            {
                array.SetValue(item, i);
            }
        }

        if (type.IsAssignableFrom(array.GetType()))
        {
            return array;
        }

        // ImmutableArray<T> and friends.
        return type.Namespace == "System.Collections.Immutable"
            ? typeof(System.Collections.Immutable.ImmutableArray).GetMethods()
                .First(m => m.Name == "Create" && m.GetParameters() is [{ ParameterType.IsArray: true }]).MakeGenericMethod(element).Invoke(null, [array])
            : Activator.CreateInstance(type, array);
    }

    private static object? ParseScalar(ScalarNode node, Type type)
    {
        const NumberStyles Real = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var text = node.Text;
        if (type == typeof(string))
        {
            return text;
        }

        if (type.IsEnum)
        {
            return Enum.GetNames(type).FirstOrDefault(n => SnakeCase.FromPascal(n) == text) is { } name ? Enum.Parse(type, name) : null;
        }

        if (!node.IsPlain)
        {
            return null;
        }

        return type switch
        {
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var i) ? i : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var l) ? l : null,
            _ when type == typeof(float) => float.TryParse(text, Real, CultureInfo.InvariantCulture, out var f) && float.IsFinite(f) ? f : null,
            _ when type == typeof(double) => double.TryParse(text, Real, CultureInfo.InvariantCulture, out var d) && double.IsFinite(d) ? d : null,
            _ when type == typeof(bool) => text switch { "true" => true, "false" => false, _ => null },
            _ => null,
        };
    }

    private string ResolvePath(string text, ScalarNode node, ManifestPathAttribute rule, OptionKey key, string owner)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var path = Path.GetFullPath(text, node.Location.Source.BaseFolder);
        if (rule.MustExist && !File.Exists(path) && !Directory.Exists(path))
        {
            var folder = Path.GetDirectoryName(path)!;
            string[] there = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];
            problems.Add(new ManifestProblem(
                "file-missing",
                node.Location,
                $"'{key.Key}' of {owner} names a file or folder that is not there",
                "an existing one",
                [
                    $"looked for {path}",
                    Directory.Exists(folder) ? $"in that folder: {(there.Length == 0 ? "nothing" : string.Join(", ", there.Take(20)))}" : "its folder does not exist either",
                    .. Suggested(Path.GetFileName(path), there),
                ]));
        }

        return path;
    }

    private static bool IsValid(ValidationAttribute rule, object? value)
    {
        try
        {
            return rule.IsValid(value);
        }
        catch (Exception e) when (e is InvalidCastException or FormatException or OverflowException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Near(ValidationAttribute rule, ManifestNode node) =>
        rule is AllowedValuesAttribute allowed && node is ScalarNode scalar ? Suggested(scalar.Text, allowed.Values.Select(v => v?.ToString() ?? string.Empty)) : [];

    private static string Expected(ValidationAttribute rule, OptionKey key) => rule switch
    {
        RangeAttribute range => $"{OptionTypes.Name(key.Type)} {Range(range)}",
        AllowedValuesAttribute allowed => "one of " + string.Join(", ", allowed.Values),
        _ => rule.FormatErrorMessage(key.Key),
    };

    private static string Range(RangeAttribute range) =>
        string.Create(CultureInfo.InvariantCulture, $"from {range.Minimum}{(range.MinimumIsExclusive ? " (excluded)" : string.Empty)} to {range.Maximum}{(range.MaximumIsExclusive ? " (excluded)" : string.Empty)}");
}
