using System.Collections;
using System.Globalization;

namespace MoSar.Host.Manifests;

/// <summary>The other direction of <see cref="OptionsBinder"/>: an options record as plain data, every default said.</summary>
internal static class OptionsWriter
{
    /// <summary>Keys in order with values as text, long, double, bool, null, list or nested keys.</summary>
    public static IReadOnlyList<KeyValuePair<string, object?>> Write(object options) =>
        [.. OptionKey.Of(options.GetType()).Select(k => KeyValuePair.Create(k.Key, Plain(k.Property.GetValue(options))))];

    private static object? Plain(object? value) => value switch
    {
        null or string or bool or double => value,
        int i => (long)i,
        long => value,
        // Through text, so that 0.1f is written 0.1 and read back as the same float.
        float f => double.Parse(f.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        Enum e => SnakeCase.FromPascal(e.ToString()),
        IDictionary map => (IReadOnlyList<KeyValuePair<string, object?>>)[.. map.Keys.Cast<string>().Select(k => KeyValuePair.Create(k, Plain(map[k])))],
        IEnumerable list => (IReadOnlyList<object?>)[.. list.Cast<object?>().Select(Plain)],
        _ => Write(value),
    };
}
