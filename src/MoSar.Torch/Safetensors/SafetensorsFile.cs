using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MoSar;

/// <summary>
/// A safetensors file in memory: named arrays of numbers and a text-to-text table. Reading needs no tensor engine.
/// The format: 8 bytes little-endian header length, a JSON header, the data.
/// </summary>
public sealed class SafetensorsFile
{
    private readonly byte[] _data;
    private readonly int _start;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(string path, byte[] data, int start, List<SafetensorsEntry> entries, Dictionary<string, string> metadata)
    {
        Path = path;
        _data = data;
        _start = start;
        Entries = entries;
        _entries = entries.ToDictionary(e => e.Name);
        Metadata = metadata;
    }

    /// <summary>Where it was read from; for messages.</summary>
    public string Path { get; }

    /// <summary>What the writer had to say: licence, seed, recipe …</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>In the header's order.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <exception cref="MoSarException">weights-missing, weights-truncated or weights-invalid, naming the file.</exception>
    public static SafetensorsFile Read(string path)
    {
        byte[] data;
        try
        {
            data = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MoSarException("weights-missing", $"there is no file {path}", "check the path in the manifest, or make the file with the command that its recipe names", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("weights-unreadable", $"{path} cannot be read: {e.Message}", "check the file's permissions; files over 2 GiB are not supported", e);
        }
        return Parse(path, data);
    }

    /// <summary>Takes over the bytes of a file.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="data">The whole file; not copied.</param>
    public static SafetensorsFile Parse(string path, byte[] data)
    {
        if (data.Length < 8)
            throw new MoSarException("weights-truncated", $"{path} is cut short: it has {data.Length} bytes", "get the file again: the copy was interrupted");
        ulong announced = BinaryPrimitives.ReadUInt64LittleEndian(data);
        if (announced > SafetensorsHeader.MaxBytes)
            throw SafetensorsHeader.Invalid(path, $"its header claims to be {announced} bytes long");
        if (announced > (ulong)(data.Length - 8))
            throw new MoSarException("weights-truncated", $"{path} is cut short inside its header", "get the file again: the copy was interrupted");
        int header = (int)announced;
        (List<SafetensorsEntry> entries, Dictionary<string, string> metadata) =
            SafetensorsHeader.Parse(path, data.AsMemory(8, header), data.Length - 8 - header);
        return new SafetensorsFile(path, data, 8 + header, entries, metadata);
    }

    /// <exception cref="MoSarException">weights-mismatch when the file has no such tensor.</exception>
    public SafetensorsEntry Entry(string name) => _entries.TryGetValue(name, out SafetensorsEntry? e)
        ? e
        : throw new MoSarException("weights-mismatch", $"{Path} holds no tensor '{name}'; it holds {string.Join(", ", _entries.Keys.Take(20))}", "use the file that belongs to this stage and version");

    public long[] Shape(string name) => [.. Entry(name).Shape];

    /// <summary>The raw little-endian bytes, not copied.</summary>
    public ReadOnlyMemory<byte> Bytes(string name)
    {
        SafetensorsEntry e = Entry(name);
        return _data.AsMemory(_start + (int)e.Begin, (int)e.Length);
    }

    /// <summary>The elements as they are, not copied. T must be the file's own type (Half for F16, ushort for BF16's bits).</summary>
    public ReadOnlySpan<T> Span<T>(string name)
        where T : unmanaged
    {
        SafetensorsEntry e = Entry(name);
        bool fits = typeof(T) == typeof(ushort) ? e.Type == SafetensorsType.BF16 : SafetensorsTypeExtensions.Of<T>() == e.Type;
        return fits
            ? MemoryMarshal.Cast<byte, T>(Bytes(name).Span)
            : throw new MoSarException("weights-mismatch", $"{Path}: tensor '{name}' is {e.Type}, not {typeof(T).Name}", "use the file that belongs to this stage and version");
    }

    /// <summary>A copy as float32, from any type.</summary>
    public float[] Floats(string name)
    {
        SafetensorsEntry e = Entry(name);
        float[] result = new float[e.ElementCount];
        switch (e.Type)
        {
            case SafetensorsType.F32: Span<float>(name).CopyTo(result); break;
            case SafetensorsType.F64: Convert<double>(name, result, v => (float)v); break;
            case SafetensorsType.F16: Convert<Half>(name, result, v => (float)v); break;
            case SafetensorsType.BF16: Convert<ushort>(name, result, v => BitConverter.UInt32BitsToSingle((uint)v << 16)); break;
            case SafetensorsType.I64: Convert<long>(name, result, v => v); break;
            case SafetensorsType.I32: Convert<int>(name, result, v => v); break;
            case SafetensorsType.I16: Convert<short>(name, result, v => v); break;
            case SafetensorsType.I8: Convert<sbyte>(name, result, v => v); break;
            case SafetensorsType.U8: Convert<byte>(name, result, v => v); break;
            case SafetensorsType.BOOL: Convert<byte>(Bytes(name).Span, result, v => v != 0 ? 1 : 0); break;
        }
        return result;
    }

    private void Convert<T>(string name, float[] result, Func<T, float> convert)
        where T : unmanaged => Convert(Span<T>(name), result, convert);

    private static void Convert<T>(ReadOnlySpan<T> from, float[] result, Func<T, float> convert)
        where T : unmanaged
    {
        for (int i = 0; i < result.Length; i++)
            result[i] = convert(from[i]);
    }

    /// <summary>A copy as int32, from any integer type.</summary>
    /// <exception cref="MoSarException">weights-mismatch for floats and values beyond int32.</exception>
    public int[] Ints(string name)
    {
        SafetensorsEntry e = Entry(name);
        try
        {
            return e.Type switch
            {
                SafetensorsType.I32 => Span<int>(name).ToArray(),
                SafetensorsType.I64 => Array.ConvertAll(Span<long>(name).ToArray(), v => checked((int)v)),
                SafetensorsType.I16 => Array.ConvertAll(Span<short>(name).ToArray(), v => (int)v),
                SafetensorsType.I8 => Array.ConvertAll(Span<sbyte>(name).ToArray(), v => (int)v),
                SafetensorsType.U8 or SafetensorsType.BOOL => Array.ConvertAll(Bytes(name).ToArray(), v => (int)v),
                _ => throw new MoSarException("weights-mismatch", $"{Path}: tensor '{name}' is {e.Type}, not whole numbers", "use the file that belongs to this stage and version"),
            };
        }
        catch (OverflowException inner)
        {
            throw new MoSarException("weights-mismatch", $"{Path}: tensor '{name}' holds numbers beyond 32 bits", "use the file that belongs to this stage and version", inner);
        }
    }
}
