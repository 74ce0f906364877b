using System.Text;
using System.Text.Json;

namespace MoSar;

/// <summary>
/// The JSON header of a safetensors file, checked as a stranger's: every byte of data belongs to exactly one tensor whose type
/// and shape account for it, and no number may overflow. Offsets are the sender's claim until then.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The limit of the format's own library.</summary>
    internal const long MaxBytes = 100_000_000;

    internal const string GetAgain = "get the file again, or make it with a program that writes the format as published";

    internal static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(string path, ReadOnlyMemory<byte> json, long dataLength)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 4 });
        }
        catch (JsonException e)
        {
            throw Invalid(path, $"the header is not JSON ({e.Message})", e);
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Invalid(path, "the header is not a JSON object");
            var metadata = new Dictionary<string, string>();
            var entries = new List<SafetensorsEntry>();
            var names = new HashSet<string>();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                string name = Name(path, property);
                if (!names.Add(name))
                    throw Invalid(path, $"the name '{Shown(name)}' occurs twice");
                if (name == "__metadata__")
                    ReadMetadata(path, property.Value, metadata);
                else
                    entries.Add(Entry(path, name, property.Value));
            }
            CheckCoverage(path, entries, dataLength);
            return (entries, metadata);
        }
    }

    private static string Name(string path, JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw Invalid(path, "a tensor's name is not valid text", e);
        }
    }

    private static void ReadMetadata(string path, JsonElement value, Dictionary<string, string> metadata)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid(path, "__metadata__ is not an object");
        foreach (JsonProperty p in value.EnumerateObject())
        {
            if (p.Value.ValueKind != JsonValueKind.String)
                throw Invalid(path, $"metadata '{Shown(Name(path, p))}' is not text");
            if (!metadata.TryAdd(Name(path, p), Text(path, p.Value)))
                throw Invalid(path, $"metadata '{Shown(p.Name)}' occurs twice");
        }
    }

    private static string Text(string path, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Invalid(path, "a value is not valid text", e);
        }
    }

    private static SafetensorsEntry Entry(string path, string name, JsonElement value)
    {
        string at = $"tensor '{Shown(name)}'";
        if (value.ValueKind != JsonValueKind.Object)
            throw Invalid(path, $"{at} is not described by an object");
        SafetensorsType? type = null;
        long[]? shape = null, offsets = null;
        foreach (JsonProperty p in value.EnumerateObject())
        {
            switch (Name(path, p))
            {
                case "dtype" when type is null && p.Value.ValueKind == JsonValueKind.String:
                    string text = Text(path, p.Value);
                    if (!Enum.TryParse(text, out SafetensorsType parsed) || !Enum.IsDefined(parsed) || char.IsDigit(text[0]))
                        throw Invalid(path, $"{at} has the type '{Shown(text)}', which is not supported ({string.Join(", ", Enum.GetNames<SafetensorsType>())} are)");
                    type = parsed;
                    break;
                case "shape" when shape is null:
                    shape = Numbers(path, at, "shape", p.Value);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(path, at, "data_offsets", p.Value);
                    break;
                default:
                    throw Invalid(path, $"{at}: '{Shown(p.Name)}' is unknown, repeated or of the wrong kind");
            }
        }
        if (type is null || shape is null || offsets is not { Length: 2 } || offsets[1] < offsets[0])
            throw Invalid(path, $"{at} needs dtype, shape and two ascending data_offsets");
        long length = offsets[1] - offsets[0];
        if (ByteCount(shape, type.Value) != length)
            throw Invalid(path, $"{at}: {type} [{string.Join(", ", shape)}] does not take the {length} bytes given");
        return new SafetensorsEntry(name, type.Value, shape, offsets[0], length);
    }

    private static long[] Numbers(string path, string at, string what, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw Invalid(path, $"{at}: {what} is not a list");
        var numbers = new List<long>();
        foreach (JsonElement e in value.EnumerateArray())
        {
            if (e.ValueKind != JsonValueKind.Number || !e.TryGetInt64(out long n) || n < 0)
                throw Invalid(path, $"{at}: {what} holds something that is not a whole number ≥ 0");
            numbers.Add(n);
        }
        return [.. numbers];
    }

    /// <summary>Bytes of a tensor, or −1 where the product overflows.</summary>
    internal static long ByteCount(IReadOnlyList<long> shape, SafetensorsType type)
    {
        long bytes = type.ElementSize();
        foreach (long s in shape)
        {
            // A zero after an overflow must not hide it.
            if (s != 0 && bytes > long.MaxValue / s)
                return -1;
            bytes *= s;
        }
        return bytes;
    }

    private static void CheckCoverage(string path, List<SafetensorsEntry> entries, long dataLength)
    {
        long end = 0;
        foreach (SafetensorsEntry e in entries.OrderBy(e => e.Begin).ThenBy(e => e.Length))
        {
            if (e.Begin != end)
                throw Invalid(path, $"tensor '{Shown(e.Name)}' {(e.Begin < end ? "overlaps another" : "leaves a hole before it")}");
            end = e.Begin + e.Length;
        }
        if (end > dataLength)
        {
            throw new MoSarException(
                "weights-truncated",
                $"{path} is cut short: {end} bytes of data are announced, {dataLength} are there",
                "get the file again: the copy was interrupted");
        }
        if (end < dataLength)
            throw Invalid(path, $"{dataLength - end} bytes at the end belong to no tensor");
    }

    private static string Shown(string name) => name.Length <= 80 ? name : name[..80] + "…";

    internal static MoSarException Invalid(string path, string what, Exception? inner = null) =>
        new("weights-invalid", $"{path} is not a sound safetensors file: {what}", GetAgain, inner);

    internal static byte[] Write(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            foreach (SafetensorsEntry e in entries)
            {
                json.WriteStartObject(e.Name);
                json.WriteString("dtype", e.Type.ToString());
                json.WriteStartArray("shape");
                foreach (long s in e.Shape)
                    json.WriteNumberValue(s);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(e.Begin);
                json.WriteNumberValue(e.Begin + e.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces after the object keep the data aligned to 8 bytes.
        string padded = Encoding.UTF8.GetString(stream.ToArray());
        int bytes = Encoding.UTF8.GetByteCount(padded);
        return Encoding.UTF8.GetBytes(padded + new string(' ', (8 - bytes % 8) % 8));
    }
}
