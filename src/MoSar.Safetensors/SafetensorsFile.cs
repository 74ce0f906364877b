using System.Buffers.Binary;
using System.Numerics;
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
    private readonly string? _remedy;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(string path, byte[] data, int start, List<SafetensorsEntry> entries, Dictionary<string, string> metadata, string? remedy)
    {
        Path = path;
        _remedy = remedy;
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

    /// <param name="path">The file.</param>
    /// <param name="remedy">What whoever cannot use the file is told to do, where more can be said than to get it again.</param>
    /// <exception cref="MoSarException">weights-missing, weights-truncated or weights-invalid, naming the file.</exception>
    public static SafetensorsFile Read(string path, string? remedy = null)
    {
        byte[] data;
        try
        {
            data = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MoSarException("weights-missing", $"there is no file {path}", remedy ?? "check the path in the manifest, or make the file with the command that its recipe names", e);
        }
        catch (UnauthorizedAccessException e) when (Directory.Exists(path))
        {
            throw new MoSarException("weights-unreadable", $"{path} is a folder, not a weight file", "name a .safetensors file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MoSarException("weights-unreadable", $"{path} cannot be read: {e.Message}", "check the file's permissions; files over 2 GiB are not supported", e);
        }
        return Parse(path, data, remedy);
    }

    /// <summary>Takes over the bytes of a file.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="data">The whole file; not copied.</param>
    /// <param name="remedy">As for <see cref="Read"/>.</param>
    public static SafetensorsFile Parse(string path, byte[] data, string? remedy = null)
    {
        try
        {
            return Checked(path, data, remedy);
        }
        catch (MoSarException e) when (remedy is not null)
        {
            throw new MoSarException(e.Code, e.Message, remedy, e);
        }
    }

    private static SafetensorsFile Checked(string path, byte[] data, string? remedy)
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
        return new SafetensorsFile(path, data, 8 + header, entries, metadata, remedy);
    }

    /// <exception cref="MoSarException">weights-mismatch when the file has no such tensor.</exception>
    public SafetensorsEntry Entry(string name) => _entries.TryGetValue(name, out SafetensorsEntry? e)
        ? e
        : throw Mismatch($"{Path} holds no tensor '{name}'; it holds {string.Join(", ", _entries.Keys.Take(20))}");

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
            : throw Mismatch($"{Path}: tensor '{name}' is {e.Type}, not {typeof(T).Name}");
    }

    /// <summary>A copy as float32, from any type.</summary>
    public float[] Floats(string name)
    {
        SafetensorsEntry e = Entry(name);
        float[] result = GC.AllocateUninitializedArray<float>((int)e.ElementCount);
        switch (e.Type)
        {
            case SafetensorsType.F32: Span<float>(name).CopyTo(result); break;
            case SafetensorsType.F64: Convert(Span<double>(name), result); break;
            case SafetensorsType.F16: HalfFloats.ToSingle(Span<Half>(name), result); break;
            case SafetensorsType.BF16: HalfFloats.BFloatToSingle(Span<ushort>(name), result); break;
            case SafetensorsType.I64: Convert(Span<long>(name), result); break;
            case SafetensorsType.I32: Convert(Span<int>(name), result); break;
            case SafetensorsType.I16: Convert(Span<short>(name), result); break;
            case SafetensorsType.I8: Convert(Span<sbyte>(name), result); break;
            case SafetensorsType.U8 or SafetensorsType.BOOL: Convert(Bytes(name).Span, result); break;
        }
        return result;
    }

    private static void Convert<T>(ReadOnlySpan<T> from, Span<float> result)
        where T : INumberBase<T>
    {
        for (int i = 0; i < result.Length; i++)
            result[i] = float.CreateTruncating(from[i]);
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
                _ => throw Mismatch($"{Path}: tensor '{name}' is {e.Type}, not whole numbers"),
            };
        }
        catch (OverflowException inner)
        {
            throw Mismatch($"{Path}: tensor '{name}' holds numbers beyond 32 bits", inner);
        }
    }

    /// <summary>For whoever expected other metadata or tensors; the message is to name the file.</summary>
    /// <returns>weights-mismatch with this file's remedy.</returns>
    public MoSarException Mismatch(string message, Exception? inner = null) =>
        new("weights-mismatch", message, _remedy ?? "use the file that belongs to this stage and version", inner);

    /// <summary>For whoever finds values that make no sense; the message is to name the file.</summary>
    /// <returns>weights-invalid with this file's remedy.</returns>
    public MoSarException Invalid(string message) => new("weights-invalid", message, _remedy ?? SafetensorsHeader.GetAgain);
}
