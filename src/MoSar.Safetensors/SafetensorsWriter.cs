using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MoSar;

/// <summary>Collects arrays and writes them as one safetensors file. The bytes depend on the content only, not on the order of adding.</summary>
public sealed class SafetensorsWriter
{
    private readonly List<(string Name, SafetensorsType Type, long[] Shape, ReadOnlyMemory<byte> Data)> _tensors = [];

    /// <summary>Licence, seed, recipe …</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Adds elements as they are (a copy).</summary>
    public SafetensorsWriter Add<T>(string name, ReadOnlySpan<T> data, params ReadOnlySpan<long> shape)
        where T : unmanaged =>
        AddBytes(name, SafetensorsTypeExtensions.Of<T>(), shape, MemoryMarshal.AsBytes(data).ToArray());

    public SafetensorsWriter Add<T>(string name, T[] data, params ReadOnlySpan<long> shape)
        where T : unmanaged => Add(name, (ReadOnlySpan<T>)data, shape);

    /// <summary>Adds floats rounded to half precision (about 3 decimal digits; ±65504).</summary>
    public SafetensorsWriter AddAsHalf(string name, ReadOnlySpan<float> data, params ReadOnlySpan<long> shape)
    {
        Half[] half = new Half[data.Length];
        for (int i = 0; i < half.Length; i++)
            half[i] = (Half)data[i];
        return Add<Half>(name, half, shape);
    }

    /// <summary>Adds raw little-endian bytes, which are not copied and must not change before the file is written.</summary>
    public SafetensorsWriter AddBytes(string name, SafetensorsType type, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data)
    {
        if (name.Length == 0 || name == "__metadata__" || _tensors.Exists(t => t.Name == name))
            throw new ArgumentException($"'{name}' cannot be added: names are unique, not empty and not __metadata__", nameof(name));
        if (SafetensorsHeader.ByteCount(shape.ToArray(), type) != data.Length)
            throw new ArgumentException($"'{name}': {type} [{string.Join(", ", shape.ToArray())}] does not take {data.Length} bytes", nameof(shape));
        _tensors.Add((name, type, shape.ToArray(), data));
        return this;
    }

    /// <summary>Writes the file beside and then renames it, so that no reader ever sees half of it.</summary>
    /// <exception cref="MoSarException">write-failed: no such folder, no permission, disk full.</exception>
    public void Save(string path)
    {
        string beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = File.Create(beside))
            {
                Write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("write-failed", $"{path} cannot be written: {e.Message}", "free space, or choose a folder that can be written to", e);
        }
        finally
        {
            try
            {
                File.Delete(beside);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The first error is the one to report.
            }
        }
    }

    public void Write(Stream stream)
    {
        // Wide elements first, so that every tensor is aligned to its element.
        var ordered = _tensors.OrderByDescending(t => t.Type.ElementSize()).ThenBy(t => t.Name, StringComparer.Ordinal).ToList();
        long at = 0;
        var entries = new List<SafetensorsEntry>();
        foreach ((string name, SafetensorsType type, long[] shape, ReadOnlyMemory<byte> data) in ordered)
        {
            entries.Add(new SafetensorsEntry(name, type, shape, at, data.Length));
            at += data.Length;
        }
        byte[] header = SafetensorsHeader.Write(entries, Metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach ((_, _, _, ReadOnlyMemory<byte> data) in ordered)
            stream.Write(data.Span);
    }
}
