namespace MoSar;

/// <summary>Element types of safetensors files; the names are the format's.</summary>
public enum SafetensorsType
{
    BOOL, U8, I8, I16, F16, BF16, I32, F32, I64, F64
}

/// <summary>One tensor of a file: row-major, little-endian.</summary>
/// <param name="Name">Unique within the file.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Shape">Size of each dimension; empty for a single number.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="Length">Bytes.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long Length)
{
    public long ElementCount => Length / Type.ElementSize();
}

public static class SafetensorsTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this SafetensorsType type) => type switch
    {
        SafetensorsType.BOOL or SafetensorsType.U8 or SafetensorsType.I8 => 1,
        SafetensorsType.I16 or SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.F32 => 4,
        _ => 8,
    };

    /// <summary>The file type of a C# number type; ushort and the like have none.</summary>
    internal static SafetensorsType Of<T>() => Type.GetTypeCode(typeof(T)) switch
    {
        TypeCode.Boolean => SafetensorsType.BOOL,
        TypeCode.Byte => SafetensorsType.U8,
        TypeCode.SByte => SafetensorsType.I8,
        TypeCode.Int16 => SafetensorsType.I16,
        TypeCode.Int32 => SafetensorsType.I32,
        TypeCode.Int64 => SafetensorsType.I64,
        TypeCode.Single => SafetensorsType.F32,
        TypeCode.Double => SafetensorsType.F64,
        _ when typeof(T) == typeof(Half) => SafetensorsType.F16,
        _ => throw new ArgumentException($"safetensors files hold no {typeof(T).Name}"),
    };
}
