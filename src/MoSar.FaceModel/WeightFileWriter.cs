using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MoSar.Faces;

/// <summary>Collects tensors and writes them as one safetensors file: beside the target first, then renamed, so that no half file is ever left.</summary>
internal sealed class WeightFileWriter
{
    private readonly List<(string Name, string Type, int[] Shape, byte[] Data)> _tensors = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    public WeightFileWriter Text(string key, string value)
    {
        _metadata[key] = value;
        return this;
    }

    public WeightFileWriter Floats(string name, ReadOnlySpan<float> values, params int[] shape) => Add(name, "F32", MemoryMarshal.AsBytes(values), 4, shape);

    public WeightFileWriter Ints(string name, ReadOnlySpan<int> values, params int[] shape) => Add(name, "I32", MemoryMarshal.AsBytes(values), 4, shape);

    public WeightFileWriter Bytes(string name, ReadOnlySpan<byte> values, params int[] shape) => Add(name, "U8", values, 1, shape);

    public WeightFileWriter Halves(string name, ReadOnlySpan<float> values, params int[] shape)
    {
        var halves = new Half[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
        }

        return Add(name, "F16", MemoryMarshal.AsBytes(halves.AsSpan()), 2, shape);
    }

    /// <summary>Everything of another file but the named tensors.</summary>
    public WeightFileWriter CopyFrom(WeightFile file, Func<string, bool> leaveOut)
    {
        foreach (var (key, value) in file.Metadata)
        {
            Text(key, value);
        }

        foreach (var name in file.Names.Where(n => !leaveOut(n)))
        {
            var (type, shape, data) = file.Stored(name);
            _tensors.Add((name, type, shape, data));
        }

        return this;
    }

    public void Save(string path)
    {
        // Widest elements first keeps every tensor aligned, which the format asks for.
        var ordered = _tensors.OrderByDescending(t => t.Type is "F32" or "I32" ? 4 : t.Type == "F16" ? 2 : 1).ToList();
        using var header = new MemoryStream();
        using (var json = new Utf8JsonWriter(header))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in _metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (var (name, type, shape, data) in ordered)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                json.WriteStartArray("shape");
                foreach (var size in shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += data.Length);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (header.Length % 8 != 0)
        {
            header.WriteByte((byte)' ');
        }

        var beside = path + ".part";
        using (var file = File.Create(beside))
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            header.WriteTo(file);
            foreach (var tensor in ordered)
            {
                file.Write(tensor.Data);
            }
        }

        File.Move(beside, path, overwrite: true);
    }

    private WeightFileWriter Add(string name, string type, ReadOnlySpan<byte> data, int elementSize, int[] shape)
    {
        if (shape.Aggregate(1L, (a, b) => a * b) * elementSize != data.Length)
        {
            throw new ArgumentException($"'{name}': {data.Length / elementSize} values do not fill [{string.Join(", ", shape)}].", nameof(shape));
        }

        _tensors.Add((name, type, shape, data.ToArray()));
        return this;
    }
}
