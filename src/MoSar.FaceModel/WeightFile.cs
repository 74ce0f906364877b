using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace MoSar.Faces;

/// <summary>
/// A safetensors file in memory, read without LibTorch so that exporters and tools need no tensor engine. Every offset is checked
/// against the file before anything is read; a file that lies about itself is refused.
/// </summary>
internal sealed class WeightFile
{
    private const int MaxHeaderBytes = 16 << 20;

    private readonly byte[] _bytes;
    private readonly int _dataStart;
    private readonly Dictionary<string, Entry> _entries;
    private readonly string _path;

    private WeightFile(string path, byte[] bytes, int dataStart, Dictionary<string, Entry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        (_path, _bytes, _dataStart, _entries, Metadata) = (path, bytes, dataStart, entries, metadata);
    }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    public static WeightFile Open(string path, string remedy)
    {
        if (!File.Exists(path))
        {
            throw new MoSarException("weights-missing", $"{path}: no such file.", remedy);
        }

        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 8)
        {
            throw Damaged(path, $"it has {bytes.Length} bytes, a safetensors file has at least 8", remedy);
        }

        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (headerLength > MaxHeaderBytes || headerLength + 8 > (ulong)bytes.Length)
        {
            throw Damaged(path, $"its header claims {headerLength} bytes of a file of {bytes.Length}", remedy);
        }

        var entries = new Dictionary<string, Entry>();
        var metadata = new Dictionary<string, string>();
        var dataStart = 8 + (int)headerLength;
        try
        {
            using var header = JsonDocument.Parse(bytes.AsMemory(8, (int)headerLength));
            foreach (var property in header.RootElement.EnumerateObject())
            {
                if (property.NameEquals("__metadata__"))
                {
                    foreach (var pair in property.Value.EnumerateObject())
                    {
                        metadata[pair.Name] = pair.Value.GetString() ?? "";
                    }

                    continue;
                }

                entries[property.Name] = Entry.Parse(property.Value);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw new MoSarException("weights-damaged", $"{path}: its header is not a safetensors header ({e.Message}).", remedy, e);
        }

        foreach (var (name, entry) in entries)
        {
            if (entry.Begin < 0 || entry.End < entry.Begin || entry.End > bytes.Length - dataStart)
            {
                throw Damaged(path, $"tensor '{name}' ends at byte {dataStart + entry.End} of a file of {bytes.Length} (truncated?)", remedy);
            }

            if (entry.End - entry.Begin != entry.Count * entry.ElementSize)
            {
                throw Damaged(path, $"tensor '{name}' of {entry.Count} {entry.Type} elements claims {entry.End - entry.Begin} bytes", remedy);
            }
        }

        return new WeightFile(path, bytes, dataStart, entries, metadata) { Remedy = remedy };
    }

    public IEnumerable<string> Names => _entries.Keys;

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>A tensor as it is stored.</summary>
    public (string Type, int[] Shape, byte[] Data) Stored(string name) => (Find(name).Type, Find(name).Shape, Raw(Find(name)).ToArray());

    /// <summary>The sizes of a tensor.</summary>
    public int[] Shape(string name) => Find(name).Shape;

    /// <summary>A tensor as float32, whether it is stored as F32 or F16; a wrong shape (−1 matches any size) is refused.</summary>
    public float[] Floats(string name, params ReadOnlySpan<int> shape)
    {
        var entry = Find(name, shape);
        var raw = Raw(entry);
        var result = GC.AllocateUninitializedArray<float>((int)entry.Count);
        switch (entry.Type)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(raw).CopyTo(result);
                break;
            case "F16":
                HalfToSingle(MemoryMarshal.Cast<byte, ushort>(raw), result);
                break;
            default:
                throw Damaged(_path, $"tensor '{name}' is {entry.Type}, expected F32 or F16", Remedy);
        }

        return result;
    }

    public Vector3[] Vectors(string name, params ReadOnlySpan<int> shape) => MemoryMarshal.Cast<float, Vector3>(Floats(name, shape)).ToArray();

    public int[] Ints(string name, params ReadOnlySpan<int> shape)
    {
        var entry = Find(name, shape);
        return entry.Type == "I32"
            ? MemoryMarshal.Cast<byte, int>(Raw(entry)).ToArray()
            : throw Damaged(_path, $"tensor '{name}' is {entry.Type}, expected I32", Remedy);
    }

    public byte[] Bytes(string name, params ReadOnlySpan<int> shape)
    {
        var entry = Find(name, shape);
        return entry.Type == "U8" ? Raw(entry).ToArray() : throw Damaged(_path, $"tensor '{name}' is {entry.Type}, expected U8", Remedy);
    }

    public string Text(string key) => Metadata.TryGetValue(key, out var value)
        ? value
        : throw Damaged(_path, $"its metadata has no '{key}'", Remedy);

    public MoSarException Damaged(string what) => Damaged(_path, what, Remedy);

    private string Remedy { get; init; } = "";

    /// <summary>IEEE half to single by shifting into place and scaling by 2^112, which is exact for denormals too; no infinities.</summary>
    internal static void HalfToSingle(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var scale = BitConverter.UInt32BitsToSingle((254u - 15u) << 23);
        var vScale = Vector256.Create(scale);
        var i = 0;
        for (; i + 16 <= source.Length; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Create(source.Slice(i, 16)));
            Expand(low).CopyTo(target[i..]);
            Expand(high).CopyTo(target[(i + 8)..]);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (float)BitConverter.UInt16BitsToHalf(source[i]);
        }

        Vector256<float> Expand(Vector256<uint> h)
        {
            var magnitude = ((h & Vector256.Create(0x7fffu)) << 13).AsSingle() * vScale;
            return (magnitude.AsUInt32() | ((h & Vector256.Create(0x8000u)) << 16)).AsSingle();
        }
    }

    private ReadOnlySpan<byte> Raw(Entry entry) => _bytes.AsSpan(_dataStart + (int)entry.Begin, (int)(entry.End - entry.Begin));

    private Entry Find(string name) => _entries.TryGetValue(name, out var entry)
        ? entry
        : throw Damaged(_path, $"tensor '{name}' is missing", Remedy);

    private Entry Find(string name, ReadOnlySpan<int> shape)
    {
        var entry = Find(name);
        var fits = entry.Shape.Length == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            fits = shape[i] < 0 || shape[i] == entry.Shape[i];
        }

        return fits
            ? entry
            : throw Damaged(_path, $"tensor '{name}' has shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", shape.ToArray())}]", Remedy);
    }

    private static MoSarException Damaged(string path, string what, string remedy) => new("weights-damaged", $"{path}: {what}.", remedy);

    private sealed record Entry(string Type, int[] Shape, long Begin, long End)
    {
        public long Count { get; } = Shape.Aggregate(1L, (a, b) => checked(a * b));

        public int ElementSize => Type switch
        {
            "F32" or "I32" or "U32" => 4,
            "F16" or "BF16" or "I16" or "U16" => 2,
            "U8" or "I8" or "BOOL" => 1,
            "F64" or "I64" or "U64" => 8,
            _ => throw new FormatException($"unknown element type '{Type}'"),
        };

        public static Entry Parse(JsonElement e)
        {
            var offsets = e.GetProperty("data_offsets");
            var shape = e.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray();
            if (shape.Any(d => d < 0))
            {
                throw new FormatException("a negative size");
            }

            var entry = new Entry(e.GetProperty("dtype").GetString() ?? "", shape, offsets[0].GetInt64(), offsets[1].GetInt64());
            _ = entry.ElementSize;
            return entry;
        }
    }
}
