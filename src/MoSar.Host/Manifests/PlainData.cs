using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MoSar.Host.Manifests;

/// <summary>Plain data (texts, numbers, lists, groups of keys in order) as JSON and YAML.</summary>
internal static class PlainData
{
    public static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        IReadOnlyList<KeyValuePair<string, object?>> group => new JsonObject(group.Select(p => KeyValuePair.Create(p.Key, ToJson(p.Value)))),
        IReadOnlyList<object?> list => new JsonArray([.. list.Select(ToJson)]),
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        _ => throw new InvalidOperationException($"{value.GetType()} is not plain data."),
    };

    public static string ToYaml(IReadOnlyList<KeyValuePair<string, object?>> group)
    {
        var text = new StringBuilder();
        Write(text, group, 0);
        return text.ToString();
    }

    /// <summary>One value on one line, as YAML (and JSON) has it.</summary>
    public static string Inline(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        string text => IsPlainText(text) ? text : "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"",
        IReadOnlyList<KeyValuePair<string, object?>> group => "{" + string.Join(", ", group.Select(p => $"{p.Key}: {Inline(p.Value)}")) + "}",
        IReadOnlyList<object?> list => "[" + string.Join(", ", list.Select(Inline)) + "]",
        _ => throw new InvalidOperationException($"{value.GetType()} is not plain data."),
    };

    private static void Write(StringBuilder text, IReadOnlyList<KeyValuePair<string, object?>> group, int indent)
    {
        foreach (var (key, value) in group)
        {
            text.Append(' ', indent).Append(key).Append(':');
            if (value is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } inner)
            {
                text.Append('\n');
                Write(text, inner, indent + 2);
            }
            else
            {
                text.Append(' ').Append(Inline(value)).Append('\n');
            }
        }
    }

    /// <summary>Safe without quotes: cannot be taken for a number, a truth value, null or YAML's own signs.</summary>
    private static bool IsPlainText(string text) =>
        text.Length > 0 && (char.IsLetter(text[0]) || text[0] == '/') && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off")
        && text.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' || (c == ' ')) && text[^1] != ' ';
}
